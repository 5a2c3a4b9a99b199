// A list of photos that grows page by page: search results, an album, the trash.
import type { GridPhoto, Page } from '../api/types'
import { asGridPhoto, onPhotoChange, type PhotoChanged } from './changes'
import { reordered, type Spot } from './reordering'

type FetchPage = (cursor: string | undefined) => Promise<Page<GridPhoto>>

/** Addresses are asked for again once in so long at most: a picture may be broken for another reason. */
const RENEWED_EVERY_MS = 60_000

export class PhotoList {
  photos = $state.raw<GridPhoto[]>([])
  loading = $state(false)
  complete = $state(false)
  error = $state<unknown>(null)
  readonly isEmpty = $derived(this.complete && this.photos.length === 0)
  readonly #fetchPage: FetchPage
  #cursor: string | undefined
  #inFlight: Promise<void> | null = null
  #renewedAt = Date.now()

  constructor(fetchPage: FetchPage) {
    this.#fetchPage = fetchPage
  }

  /** Load the next page; calls that overlap share one request. */
  more(): Promise<void> {
    if (this.complete) return Promise.resolve()
    this.#inFlight ??= this.#load()
    return this.#inFlight
  }

  /** Ask for what is shown again, as addresses of pictures run out; its order stays. */
  async renew(): Promise<void> {
    if (Date.now() - this.#renewedAt < RENEWED_EVERY_MS) return
    this.#renewedAt = Date.now()
    const anew = new Map<string, GridPhoto>()
    let cursor: string | undefined
    try {
      do {
        const page = await this.#fetchPage(cursor)
        for (const photo of page.items) anew.set(photo.photo_id, photo)
        cursor = page.next_cursor ?? undefined
      } while (cursor && anew.size < this.photos.length)
    } catch (error) {
      this.error = error
    }
    this.photos = this.photos.map((photo) => anew.get(photo.photo_id) ?? photo)
  }

  remove(photoIds: Iterable<string>): void {
    const gone = new Set(photoIds)
    this.photos = this.photos.filter((photo) => !gone.has(photo.photo_id))
  }

  /** Put photos to another place; false where they are there already. */
  move(photoIds: readonly string[], spot: Spot): boolean {
    const photos = reordered(this.photos, photoIds, spot)
    if (photos) this.photos = photos
    return photos !== null
  }

  /** Follow edits made elsewhere (an $effect's clean-up is what this returns). */
  follow(): () => void {
    return onPhotoChange((change) => this.#apply(change))
  }

  async #load(): Promise<void> {
    this.loading = true
    this.error = null
    try {
      const page = await this.#fetchPage(this.#cursor)
      const known = new Set(this.photos.map((photo) => photo.photo_id))
      this.photos = [...this.photos, ...page.items.filter((photo) => !known.has(photo.photo_id))]
      this.#cursor = page.next_cursor ?? undefined
      this.complete = page.next_cursor === null
    } catch (error) {
      this.error = error
    } finally {
      this.#inFlight = null // before `loading` changes: whoever waits for that may ask for more at once
      this.loading = false
    }
  }

  #apply(change: PhotoChanged): void {
    if (change.kind === 'trashed') this.remove(change.photoIds)
    else if (change.kind === 'edited') {
      const edited = asGridPhoto(change.photo)
      this.photos = this.photos.map((photo) =>
        photo.photo_id === edited.photo_id ? { ...photo, ...edited } : photo,
      )
    } else if (change.kind === 'favourite') {
      const ids = new Set(change.photoIds)
      this.photos = this.photos.map((photo) =>
        ids.has(photo.photo_id) ? { ...photo, favourite: change.favourite } : photo,
      )
    }
  }
}
