// One month of the timeline: how many photos it has, and its parts once it has been come near to.
import { answer, api } from '../api/client'
import type { GridPhoto } from '../api/types'
import { TimelinePart } from './part.svelte'
import { isHour, PAGE, planOf, type DayCount } from './plan'

function isRead(part: TimelinePart): boolean {
  return part.photos.length > 0
}

export class TimelineMonth {
  readonly month: string
  count = $state(0)
  /** Newest first; none until `open`. */
  parts = $state.raw<readonly TimelinePart[]>([])
  error = $state<unknown>(null)
  readonly complete = $derived(this.parts.length > 0 && this.parts.every((part) => part.complete))
  #opening: Promise<void> | null = null

  constructor(month: string) {
    this.month = month
  }

  has(photoId: string): boolean {
    return this.parts.some((part) => part.has(photoId))
  }

  partOf(photoId: string): TimelinePart | undefined {
    return this.parts.find((part) => part.has(photoId))
  }

  *photos(): Generator<GridPhoto> {
    for (const part of this.parts) yield* part.photos
  }

  get isRead(): boolean {
    return this.parts.some(isRead)
  }

  /** Take the server's count; where it differs from what is known, read the month again. */
  expect(count: number): void {
    const differs = count !== this.count
    this.count = count
    if (!differs || this.parts.length === 0) return
    if (this.isRead) void this.#catchUp()
    else this.parts = []
  }

  /** Find out of what parts it consists; calls that overlap share one request. */
  open(): Promise<void> {
    if (this.parts.length > 0) return Promise.resolve()
    this.#opening ??= this.#open()
    return this.#opening
  }

  /** Read again what was read before, where the number of photos says that it changed. */
  async #catchUp(): Promise<void> {
    if (this.parts.length === 1) return this.reload()
    const before = new Map(this.parts.map((part) => [part, part.count]))
    await this.#recount()
    const changed = this.parts.filter(
      (part) => isRead(part) && (isHour(part.from) || part.count !== before.get(part)),
    )
    await Promise.all(changed.map((part) => part.reload()))
  }

  /** Read again what was read before. */
  async reload(): Promise<void> {
    await Promise.all(this.parts.filter(isRead).map((part) => part.reload()))
  }

  /** Read all of it, part by part. */
  async all(): Promise<void> {
    await this.open()
    for (const part of this.parts) await part.until(() => false)
  }

  /** Put one photo where it belongs; true where it wasn't there before. */
  put(photo: GridPhoto): boolean {
    if (this.parts.length === 0) {
      this.count += 1
      if (this.count > 1) return true
      this.parts = planOf(this.month, 0, null).map((plan) => new TimelinePart(this.month, plan))
      this.parts[0]?.put(photo)
      return true
    }
    const holder = this.partOf(photo.photo_id)
    const home = this.parts.find((part) => part.holds(photo.taken_at))
    if (holder && holder !== home) holder.remove([photo.photo_id])
    const isNew = (home?.put(photo) ?? true) && holder === undefined
    if (isNew) this.count += 1
    return isNew
  }

  /** Take photos out; how many were there. */
  remove(photoIds: readonly string[]): number {
    const gone = this.parts.reduce((sum, part) => sum + part.remove(photoIds), 0)
    this.count -= gone
    return gone
  }

  mark(photoIds: readonly string[], favourite: boolean): void {
    for (const part of this.parts) part.mark(photoIds, favourite)
  }

  async #open(): Promise<void> {
    this.error = null
    try {
      const days = this.count > PAGE ? await this.#days() : null
      this.parts = planOf(this.month, this.count, days).map((plan) => new TimelinePart(this.month, plan))
    } catch (error) {
      this.error = error
    } finally {
      this.#opening = null
    }
  }

  /** Bring the counts of the parts up to date; the parts themselves stay. */
  async #recount(): Promise<void> {
    const days = await this.#days().catch(() => [])
    for (const part of this.parts) {
      if (part.count === null || isHour(part.from)) continue
      part.days = days.filter(({ day }) => part.holds(day))
      const count = part.days.reduce((sum, day) => sum + day.count, 0)
      if (count === part.count) continue
      part.count = count
      if (part.photos.length === 0) part.complete = count === 0
    }
  }

  async #days(): Promise<DayCount[]> {
    const path = { month: this.month }
    return (await answer(api.GET('/api/v1/timeline/{month}/days', { params: { path } }))).days
  }
}
