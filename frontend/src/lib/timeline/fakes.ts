// What tests of the timeline's layout start from.
import type { GridPhoto } from '../api/types'
import type { MonthState, PartState } from './blocks'
import { planOf, type DayCount } from './plan'

export const measure = { width: 1200, rowHeight: 220, gap: 4 }

export function photo(number: number, taken_at: string, ratio = 1.5): GridPhoto {
  return {
    photo_id: `photo-${number}`,
    status: 'ready',
    taken_at,
    ratio,
    thumbhash: null,
    thumbnail_url: null,
    favourite: false,
    filename: 'a.jpg',
    latitude: null,
    longitude: null,
  }
}

export function photos(count: number, day = '2024-06-15', ratio = 1.5): GridPhoto[] {
  return Array.from({ length: count }, (_, number) => photo(number, `${day}T12:00:00Z`, ratio))
}

export function unread(month: string, count: number): MonthState {
  return { month, count, parts: [] }
}

export function read(month: string, ...shown: GridPhoto[]): MonthState {
  const whole = { from: `${month}-01`, to: `${month}-31`, days: [], count: shown.length }
  return { month, count: shown.length, parts: [{ ...whole, photos: shown, complete: true }] }
}

/** A month whose days are known, and no photo of any. */
export function opened(month: string, days: DayCount[]): MonthState & { parts: PartState[] } {
  const count = days.reduce((sum, day) => sum + day.count, 0)
  const parts = planOf(month, count, days).map((plan) => ({
    ...plan,
    photos: [],
    complete: plan.count === 0,
  }))
  return { month, count, parts }
}

/** What a test is sure is there. */
export function the<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined) throw new Error('it is not there')
  return value
}
