// One month of the timeline: how many photos it has, and those read so far, newest first.
import { answer, api } from '../api/client'
import type { GridPhoto } from '../api/types'

const PAGE = 200

/** Newest first, ties in a fixed order. */
export function newestFirst(a: GridPhoto, b: GridPhoto): number {
  const byTime = Date.parse(b.taken_at) - Date.parse(a.taken_at)
  return byTime || b.photo_id.localeCompare(a.photo_id)
}

export class TimelineMonth {
  readonly month: string
  count = $state(0)
  photos = $state.raw<GridPhoto[]>([])
  complete = $state(false)
  loading = $state(false)
  error = $state<unknown>(null)
  #ids = new Set<string>()
  #cursor: string | undefined
  #inFlight: Promise<void> | null = null

  constructor(month: string) {
    this.month = month
  }

  has(photoId: string): boolean {
    void this.photos // what is derived from this answer follows the photos
    return this.#ids.has(photoId)
  }

  /** Take the server's count; where it differs from what is known, read the month again. */
  expect(count: number): void {
    const differs = this.complete ? count !== this.photos.length : count < this.photos.length
    this.count = count
    if (differs && this.photos.length > 0) void this.reload()
  }

  /** Read the next page; calls that overlap share one request. */
  more(): Promise<void> {
    if (this.complete) return Promise.resolve()
    return this.#once(async () => {
      const page = await this.#page(this.#cursor)
      this.#set([...this.photos, ...page.items.filter((photo) => !this.#ids.has(photo.photo_id))])
      this.#cursor = page.next_cursor ?? undefined
      this.complete = page.next_cursor === null
    })
  }

  /** Read again as much as was read before, and swap it in at once. */
  reload(): Promise<void> {
    return this.#once(async () => {
      const wanted = Math.max(PAGE, this.photos.length)
      const photos: GridPhoto[] = []
      let cursor: string | undefined
      do {
        const page = await this.#page(cursor)
        photos.push(...page.items)
        cursor = page.next_cursor ?? undefined
      } while (cursor && photos.length < wanted)
      this.#set(photos)
      this.#cursor = cursor
      this.complete = cursor === undefined
    })
  }

  /** Put one photo where it belongs; true where it wasn't there before. */
  put(photo: GridPhoto): boolean {
    if (this.#ids.has(photo.photo_id)) {
      this.#set(this.photos.map((old) => (old.photo_id === photo.photo_id ? photo : old)).sort(newestFirst))
      return false
    }
    const last = this.photos.at(-1)
    const isBeyond = last !== undefined && !this.complete && newestFirst(last, photo) < 0
    if (this.photos.length === 0 && this.count === 0) this.complete = true
    if (!isBeyond && (this.complete || last)) this.#set([...this.photos, photo].sort(newestFirst))
    this.count = Math.max(this.count, this.photos.length)
    return true
  }

  /** Take photos out; how many were there. */
  remove(photoIds: readonly string[]): number {
    const gone = new Set(photoIds.filter((photoId) => this.#ids.has(photoId)))
    if (gone.size === 0) return 0
    this.#set(this.photos.filter((photo) => !gone.has(photo.photo_id)))
    this.count -= gone.size
    return gone.size
  }

  mark(photoIds: readonly string[], favourite: boolean): void {
    if (!photoIds.some((photoId) => this.#ids.has(photoId))) return
    const marked = new Set(photoIds)
    this.photos = this.photos.map((photo) => (marked.has(photo.photo_id) ? { ...photo, favourite } : photo))
  }

  #set(photos: GridPhoto[]): void {
    this.photos = photos
    this.#ids = new Set(photos.map((photo) => photo.photo_id))
  }

  #page(cursor: string | undefined) {
    const query = cursor ? { cursor, limit: PAGE } : { limit: PAGE }
    return answer(api.GET('/api/v1/timeline/{month}', { params: { path: { month: this.month }, query } }))
  }

  #once(work: () => Promise<void>): Promise<void> {
    this.#inFlight ??= this.#guarded(work)
    return this.#inFlight
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    this.loading = true
    this.error = null
    try {
      await work()
    } catch (error) {
      this.error = error
    } finally {
      this.#inFlight = null // before `loading` changes: whoever waits for that may ask for more at once
      this.loading = false
    }
  }
}
