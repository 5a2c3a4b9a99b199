// A part of a month: how many photos it has, where that is known, and those read so far, newest first.
import { answer, api } from '../api/client'
import type { GridPhoto } from '../api/types'
import { newestFirst, photosOf } from './columns'
import { holds, PAGE, type DayCount, type PartPlan } from './plan'

export class TimelinePart {
  readonly month: string
  readonly from: string
  readonly to: string
  count = $state.raw<number | null>(null)
  days = $state.raw<readonly DayCount[]>([])
  photos = $state.raw<readonly GridPhoto[]>([])
  complete = $state(false)
  loading = $state(false)
  error = $state<unknown>(null)
  #ids = new Set<string>()
  #cursor: string | undefined
  #inFlight: Promise<void> | null = null

  constructor(month: string, { from, to, count, days }: PartPlan) {
    this.month = month
    this.from = from
    this.to = to
    this.count = count
    this.days = days
    this.complete = count === 0
  }

  has(photoId: string): boolean {
    void this.photos // what is derived from this answer follows the photos
    return this.#ids.has(photoId)
  }

  holds(wall: string): boolean {
    return holds(this, wall)
  }

  /** Read the next page; calls that overlap share one request. */
  more(): Promise<void> {
    if (this.complete) return Promise.resolve()
    return this.#once(async () => {
      const page = await this.#page(this.#cursor)
      this.#set([...this.photos, ...page.photos.filter((photo) => !this.#ids.has(photo.photo_id))])
      this.#goOn(page.next)
    })
  }

  /** Read on until a photo is there that `isIt`, or all are. */
  async until(isIt: (photo: GridPhoto) => boolean): Promise<GridPhoto | undefined> {
    for (;;) {
      const found = this.photos.find(isIt)
      if (found || this.complete || this.error) return found
      await this.more()
    }
  }

  /** Read again as much as was read before, and swap it in at once. */
  reload(): Promise<void> {
    return this.#once(async () => {
      const wanted = Math.max(PAGE, this.photos.length)
      const photos: GridPhoto[] = []
      let cursor: string | undefined
      do {
        const page = await this.#page(cursor)
        photos.push(...page.photos)
        cursor = page.next
      } while (cursor && photos.length < wanted)
      this.#set(photos)
      this.#goOn(cursor)
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
    const isUnread = isBeyond || (!this.complete && last === undefined)
    if (isUnread) return false // it may be one of those that are counted already
    this.#set([...this.photos, photo].sort(newestFirst))
    if (this.count !== null) this.count += 1
    return true
  }

  /** Take photos out; how many were there. */
  remove(photoIds: readonly string[]): number {
    const gone = new Set(photoIds.filter((photoId) => this.#ids.has(photoId)))
    if (gone.size === 0) return 0
    this.#set(this.photos.filter((photo) => !gone.has(photo.photo_id)))
    if (this.count !== null) this.count = Math.max(this.photos.length, this.count - gone.size)
    return gone.size
  }

  mark(photoIds: readonly string[], favourite: boolean): void {
    if (!photoIds.some((photoId) => this.#ids.has(photoId))) return
    const marked = new Set(photoIds)
    this.photos = this.photos.map((photo) => (marked.has(photo.photo_id) ? { ...photo, favourite } : photo))
  }

  #set(photos: readonly GridPhoto[]): void {
    this.photos = photos
    this.#ids = new Set(photos.map((photo) => photo.photo_id))
  }

  #goOn(cursor: string | undefined): void {
    this.#cursor = cursor
    this.complete = cursor === undefined
    if (this.complete) this.count = this.photos.length
  }

  async #page(cursor: string | undefined): Promise<{ photos: GridPhoto[]; next: string | undefined }> {
    const query = { from: this.from, to: this.to, limit: PAGE, ...(cursor ? { cursor } : {}) }
    const columns = await answer(
      api.GET('/api/v1/timeline/{month}', { params: { path: { month: this.month }, query } }),
    )
    return { photos: photosOf(columns), next: columns.next_cursor ?? undefined }
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
