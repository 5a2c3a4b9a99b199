// The timeline's months and the photos of those that have been looked at; follows edits and the event stream.
import { answer, api } from '../api/client'
import type { GridPhoto, Photo, Timeline as TimelineAnswer } from '../api/types'
import { asGridPhoto, onPhotoChange, type PhotoChanged } from '../photos/changes'
import { eachOf } from '../photos/concurrency'
import type { PhotoSequence } from '../viewer/sequence.svelte'
import type { Anchor } from './blocks'
import { dayOf } from './columns'
import { TimelineMonth } from './month.svelte'
import type { TimelinePart } from './part.svelte'

const ASKED_ONE_BY_ONE = 12

class Timeline implements PhotoSequence {
  months = $state.raw<TimelineMonth[]>([])
  total = $state(0)
  loaded = $state(false)
  error = $state<unknown>(null)
  /** What was looked at when the page was left. */
  place: Anchor | null = null

  constructor() {
    onPhotoChange((change) => void this.#apply(change).catch(() => undefined))
  }

  /** Read the months with their counts; those that changed are read again when they are seen. */
  async load(): Promise<void> {
    try {
      this.#take(await answer(api.GET('/api/v1/timeline')))
      this.error = null
      this.loaded = true
    } catch (error) {
      if (!this.loaded) this.error = error
    }
  }

  find(photoId: string): GridPhoto | undefined {
    return this.#partHolding(photoId)?.photos.find((photo) => photo.photo_id === photoId)
  }

  async step(photoId: string, by: 1 | -1): Promise<GridPhoto | null> {
    const part = this.#partHolding(photoId)
    if (!part) return null
    const at = part.photos.findIndex((photo) => photo.photo_id === photoId)
    if (by > 0 && at === part.photos.length - 1 && !part.complete) await part.more()
    const within = part.photos[at + by]
    if (within) return within
    for (let next = await this.#beside(part, by); next; next = await this.#beside(next, by)) {
      if (by > 0 && next.photos.length === 0) await next.more()
      if (by < 0) await next.until(() => false)
      const found = by > 0 ? next.photos[0] : next.photos.at(-1)
      if (found || next.error) return found ?? null
    }
    return null
  }

  /** Have the month of a photo at hand that was opened by its address. */
  async locate(photo: GridPhoto): Promise<void> {
    if (!this.loaded) await this.load()
    const month = this.months.find(({ month: name }) => name === photo.taken_at.slice(0, 7))
    await month?.open()
    const part = month?.parts.find((one) => one.holds(photo.taken_at))
    await part?.until(({ photo_id }) => photo_id === photo.photo_id)
  }

  /** Have the newest photos of a day at hand, or of the last one before it; that day, or null if there is none. */
  async reach(day: string): Promise<string | null> {
    for (const month of this.months) {
      if (month.month > day.slice(0, 7)) continue
      await month.open()
      for (const part of month.parts) {
        if (part.from.slice(0, 10) > day) continue
        const found = await part.until((photo) => dayOf(photo) <= day)
        if (found) return dayOf(found)
        if (part.error) return null
      }
      if (month.error) return null
    }
    return null
  }

  /** The part before or after one, of whatever month. */
  async #beside(part: TimelinePart, by: 1 | -1): Promise<TimelinePart | undefined> {
    const at = this.months.findIndex(({ month }) => month === part.month)
    const month = this.months[at]
    const within = month?.parts[month.parts.indexOf(part) + by]
    if (within) return within
    const next = this.months[at + by]
    await next?.open()
    return by > 0 ? next?.parts[0] : next?.parts.at(-1)
  }

  #partHolding(photoId: string): TimelinePart | undefined {
    return this.#monthHolding(photoId)?.partOf(photoId)
  }

  #monthHolding(photoId: string): TimelineMonth | undefined {
    return this.months.find((month) => month.has(photoId))
  }

  #take({ total, months }: TimelineAnswer): void {
    const known = new Map(this.months.map((month) => [month.month, month]))
    this.total = total
    this.months = months.map(({ month: name, count }) => {
      const month = known.get(name) ?? new TimelineMonth(name)
      month.expect(count)
      return month
    })
  }

  async #apply(change: PhotoChanged): Promise<void> {
    if (!this.loaded) return
    if (change.kind === 'edited') this.#place(change.photo)
    else if (change.kind === 'trashed') this.#remove(change.photoIds)
    else if (change.kind === 'favourite') {
      for (const month of this.months) month.mark(change.photoIds, change.favourite)
    } else if (change.kind === 'restored' || change.kind === 'processed') await this.#refresh(change.photoIds)
  }

  /** Show a few changed photos at once; after many, read the months again that have been looked at. */
  async #refresh(photoIds: string[]): Promise<void> {
    if (photoIds.length > ASKED_ONE_BY_ONE) {
      await this.load()
      for (const month of this.months) if (month.isRead) await month.reload()
      return
    }
    const photos: Photo[] = []
    await eachOf(photoIds, 4, async (photo_id) => {
      photos.push(await answer(api.GET('/api/v1/photos/{photo_id}', { params: { path: { photo_id } } })))
    })
    for (const photo of photos) this.#place(photo)
    await this.load()
  }

  #place(photo: Photo): void {
    if (photo.status === 'awaiting_upload') return
    if (photo.trashed_at !== null) return this.#remove([photo.photo_id])
    const shown = asGridPhoto(photo)
    const name = shown.taken_at.slice(0, 7)
    const holder = this.#monthHolding(shown.photo_id)
    if (holder && holder.month !== name) holder.remove([shown.photo_id])
    let month = this.months.find((candidate) => candidate.month === name)
    if (!month) {
      month = new TimelineMonth(name)
      this.months = [...this.months, month].sort((a, b) => b.month.localeCompare(a.month))
    }
    const isNew = month.put(shown)
    if (isNew && holder === undefined) this.total += 1
  }

  #remove(photoIds: string[]): void {
    for (const month of this.months) this.total -= month.remove(photoIds)
    this.months = this.months.filter((month) => month.count > 0)
  }
}

export const timeline = new Timeline()
