// The albums of the person signed in, as one page or dialog shows them.
import { answer, api } from '../api/client'
import type { Album } from '../api/types'

/** The API takes at most so many photos in one change. */
const PHOTOS_AT_ONCE = 500

export const LONGEST_NAME = 200

export class AlbumList {
  items = $state.raw<Album[]>([])
  loaded = $state(false)
  error = $state<unknown>(null)

  async load(): Promise<void> {
    this.error = null
    try {
      const { items } = await answer(api.GET('/api/v1/albums'))
      this.items = items
      this.loaded = true
    } catch (error) {
      this.error = error
    }
  }

  async create(name: string): Promise<Album> {
    const album = await answer(api.POST('/api/v1/albums', { body: { name } }))
    this.items = [album, ...this.items]
    return album
  }

  /** Albums whose name holds every word, however it is spelled with accents and capitals. */
  matching(text: string): Album[] {
    const words = plain(text).split(/\s+/).filter(Boolean)
    return this.items.filter((album) => {
      const name = plain(album.name)
      return words.every((word) => name.includes(word))
    })
  }

  named(name: string): Album | undefined {
    return this.items.find((album) => plain(album.name) === plain(name))
  }
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase().trim()
}

export async function addToAlbum(albumId: string, photoIds: readonly string[]): Promise<Album> {
  return changePhotos(albumId, photoIds, 'add')
}

export async function removeFromAlbum(albumId: string, photoIds: readonly string[]): Promise<Album> {
  return changePhotos(albumId, photoIds, 'remove')
}

async function changePhotos(
  albumId: string,
  photoIds: readonly string[],
  change: 'add' | 'remove',
): Promise<Album> {
  let album: Album | undefined
  for (let from = 0; from < photoIds.length || !album; from += PHOTOS_AT_ONCE) {
    album = await answer(
      api.PATCH('/api/v1/albums/{album_id}/photos', {
        params: { path: { album_id: albumId } },
        body: { [change]: photoIds.slice(from, from + PHOTOS_AT_ONCE) },
      }),
    )
  }
  return album
}

/** `1 photo`, `1,204 photos`. */
export function photoCount(count: number): string {
  return count === 1 ? '1 photo' : `${count.toLocaleString('en')} photos`
}
