// The albums of the person signed in, as one page or dialog shows them.
import { answer, api } from '../api/client'
import type { Album, AlbumChange } from '../api/types'
import { mayContribute } from '../shares/roles'
import { formatNumber, photosText } from '../ui/locale'

/** The API takes at most so many photos in one change. */
const PHOTOS_AT_ONCE = 500

export const LONGEST_NAME = 200
export const LONGEST_DESCRIPTION = 2000
export const LONGEST_QUERY = 2000

export class AlbumList {
  items = $state.raw<Album[]>([])
  loaded = $state(false)
  error = $state<unknown>(null)
  /** Those that photos can be put into. */
  readonly #picked = $derived(this.items.filter((album) => album.query === null))

  readonly #folder: () => string | null
  readonly #withShared: boolean

  /**
   * With `folder`, an id or `top`, only the albums that lie directly in it; `withShared`, also albums of others that
   * photos can be put into.
   */
  constructor(folder: () => string | null = () => null, { withShared = false } = {}) {
    this.#folder = folder
    this.#withShared = withShared
  }

  async load(): Promise<void> {
    this.error = null
    const parent_id = this.#folder()
    try {
      const [{ items }, shared] = await Promise.all([
        answer(api.GET('/api/v1/albums', { params: { query: parent_id === null ? {} : { parent_id } } })),
        this.#withShared ? sharedAlbums() : [],
      ])
      this.items = [...items, ...shared.filter((album) => mayContribute(album.role))]
      this.loaded = true
    } catch (error) {
      this.error = error
    }
  }

  async create(name: string, more: { parent_id?: string | null; query?: string } = {}): Promise<Album> {
    const album = await answer(api.POST('/api/v1/albums', { body: { name, ...more } }))
    this.items = [album, ...this.items]
    return album
  }

  /** Albums whose name holds every word, however it is spelled with accents and capitals. */
  matching(text: string): Album[] {
    const words = plain(text).split(/\s+/).filter(Boolean)
    return this.#picked.filter((album) => {
      const name = plain(album.name)
      return words.every((word) => name.includes(word))
    })
  }

  named(name: string): Album | undefined {
    return this.#picked.find((album) => plain(album.name) === plain(name))
  }
}

/** Albums of others that are shared with whoever is signed in. */
export async function sharedAlbums(): Promise<Album[]> {
  return (await answer(api.GET('/api/v1/shared-albums'))).items
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase().trim()
}

type Progress = (done: number) => void

export async function addToAlbum(
  albumId: string,
  photoIds: readonly string[],
  progress?: Progress,
): Promise<Album> {
  return changePhotos(albumId, photoIds, 'add', progress)
}

export async function removeFromAlbum(
  albumId: string,
  photoIds: readonly string[],
  progress?: Progress,
): Promise<Album> {
  return changePhotos(albumId, photoIds, 'remove', progress)
}

/** Thousands go in runs; each of them can be sent again, so whoever tries again after an error loses nothing. */
async function changePhotos(
  albumId: string,
  photoIds: readonly string[],
  change: 'add' | 'remove',
  progress?: Progress,
): Promise<Album> {
  let album: Album | undefined
  for (let from = 0; from < photoIds.length || !album; from += PHOTOS_AT_ONCE) {
    album = await answer(
      api.PATCH('/api/v1/albums/{album_id}/photos', {
        params: { path: { album_id: albumId } },
        body: { [change]: photoIds.slice(from, from + PHOTOS_AT_ONCE) },
      }),
    )
    progress?.(Math.min(from + PHOTOS_AT_ONCE, photoIds.length))
  }
  return album
}

export async function changeAlbum(albumId: string, change: AlbumChange): Promise<Album> {
  return answer(
    api.PATCH('/api/v1/albums/{album_id}', { params: { path: { album_id: albumId } }, body: change }),
  )
}

/** What stands below an album's name; of a smart album with many hits only how many there are at least. */
export function countOf(album: Album): string {
  if (album.count !== null) return photosText(album.count)
  return album.count_at_least === 0 ? '' : `${formatNumber(album.count_at_least)}+ photos`
}
