// What a share link shows, asked for with the link's own token, never with an account's; kept in memory alone.
import createClient from 'openapi-fetch'

import { answer, postAnonymously } from '../api/client'
import { ApiError, unreachable } from '../api/problem'
import type { paths } from '../api/schema'
import type { AlbumPhoto, GridPhoto, Page, SharedAlbum, Visit } from '../api/types'

const PAGE = 200

function clientOf(token: string) {
  return createClient<paths>({
    baseUrl: window.location.origin,
    headers: { Authorization: `Bearer ${token}` },
    fetch: async (request) => {
      try {
        return await fetch(request)
      } catch {
        throw unreachable()
      }
    },
  })
}

type Client = ReturnType<typeof clientOf>

function visit(secret: string, password: string | undefined): Promise<Visit> {
  const body = password === undefined ? { secret } : { secret, password }
  return postAnonymously('/api/v1/shared/visits', body) as Promise<Visit>
}

export class OpenLink {
  readonly album: SharedAlbum
  readonly #again: () => Promise<Visit>
  #api: Client

  private constructor(opened: Visit, again: () => Promise<Visit>) {
    this.album = opened.album
    this.#api = clientOf(opened.token)
    this.#again = again
  }

  static async open(secret: string, password?: string): Promise<OpenLink> {
    return new OpenLink(await visit(secret, password), () => visit(secret, password))
  }

  photos(cursor: string | undefined): Promise<Page<GridPhoto>> {
    const query = { limit: PAGE, ...(cursor ? { cursor } : {}) }
    return this.#ask((api) => answer(api.GET('/api/v1/shared/photos', { params: { query } })))
  }

  photo(photo_id: string): Promise<AlbumPhoto> {
    const path = { photo_id }
    return this.#ask((api) => answer(api.GET('/api/v1/shared/photos/{photo_id}', { params: { path } })))
  }

  /** A visit is good for an hour; a page may stay open for longer, as long as the link is there. */
  async #ask<Answer>(ask: (api: Client) => Promise<Answer>): Promise<Answer> {
    try {
      return await ask(this.#api)
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'share-not-found') throw error
    }
    this.#api = clientOf((await this.#again()).token)
    return ask(this.#api)
  }
}
