// What a share link shows, asked for with the link's own token, never with an account's; kept in memory alone.
import createClient from 'openapi-fetch'

import { answer, postAnonymously } from '../api/client'
import { unreachable } from '../api/problem'
import type { paths } from '../api/schema'
import type { AlbumPhoto, GridPhoto, Page, SharedAlbum, Visit } from '../api/types'

const PAGE = 200

export class OpenLink {
  readonly album: SharedAlbum
  readonly #api

  private constructor(visit: Visit) {
    this.album = visit.album
    this.#api = createClient<paths>({
      baseUrl: window.location.origin,
      headers: { Authorization: `Bearer ${visit.token}` },
      fetch: async (request) => {
        try {
          return await fetch(request)
        } catch {
          throw unreachable()
        }
      },
    })
  }

  static async open(secret: string, password?: string): Promise<OpenLink> {
    const body = password === undefined ? { secret } : { secret, password }
    return new OpenLink((await postAnonymously('/api/v1/shared/visits', body)) as Visit)
  }

  photos(cursor: string | undefined): Promise<Page<GridPhoto>> {
    const query = { limit: PAGE, ...(cursor ? { cursor } : {}) }
    return answer(this.#api.GET('/api/v1/shared/photos', { params: { query } }))
  }

  photo(photo_id: string): Promise<AlbumPhoto> {
    return answer(this.#api.GET('/api/v1/shared/photos/{photo_id}', { params: { path: { photo_id } } }))
  }
}
