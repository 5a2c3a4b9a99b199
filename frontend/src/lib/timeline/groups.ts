// How a part of a month is laid out: its days below one another, short ones side by side as far as they fit.
import type { GridPhoto } from '../api/types'
import { estimatedHeight, justify, placed, type GridMeasure, type Row } from '../photos/justify'
import { dayOf } from './columns'
import type { DayCount } from './plan'

export const DAY_HEADER_PX = 36
/** Below each line of days. */
const DAY_FOOT_PX = 8
/** Between days that share a line, and the least that a day's header needs. */
export const BESIDE_PX = 24
const LEAST_PX = 116
const USUAL_RATIO = 1.33
/** Photos of a day where it isn't known how many days there are. */
const USUAL_DAY = 6

export interface DayGroup {
  /** "2024-06-15", or "2024-06-15T18" where the day is laid out by its hours. */
  key: string
  top: number
  left: number
  width: number
  height: number
  /** Tops count from below the group's header; indexes are those of the part's photos. */
  rows: Row[]
}

export interface PartLayout {
  groups: DayGroup[]
  ratios: number[]
  /** Height of what is read; below it everything is an estimate. */
  knownHeight: number
  height: number
  width: number
}

export interface PartPhotos {
  photos: readonly GridPhoto[]
  /** Photos that are not read yet, so far as is known. */
  missing: number
  /** Of the days, newest first, where their counts are known. */
  days: readonly DayCount[]
  byHour: boolean
}

export function layoutOf({ photos, missing, days, byHour }: PartPhotos, measure: GridMeasure): PartLayout {
  const ratios = photos.map((photo) => photo.ratio)
  const flow = new Flow(measure)
  const groups: DayGroup[] = []
  for (const [key, first, end] of runsOf(photos, byHour)) {
    const { rows, height } = justify(ratios.slice(first, end), measure)
    const shifted = rows.map((row) => ({ ...row, first: row.first + first, end: row.end + first }))
    const only = shifted.length === 1 ? shifted[0] : undefined
    const width = only ? Math.max(LEAST_PX, widthOf(only, ratios, measure)) : measure.width
    groups.push({ key, rows: shifted, ...flow.place(width, DAY_HEADER_PX + height) })
  }
  const knownHeight = flow.height
  if (missing > 0) estimate(flow, missing, unreadDays(days, photos), measure, groups.length > 0)
  return { groups, ratios, knownHeight, height: flow.height, width: flow.width }
}

/** Runs of photos of one day (or hour): its key, the first's index and the one after the last. */
function* runsOf(photos: readonly GridPhoto[], byHour: boolean): Generator<[string, number, number]> {
  const keyOf = (photo: GridPhoto) => (byHour ? photo.taken_at.slice(0, 13) : dayOf(photo))
  let first = 0
  for (let index = 1; index <= photos.length; index++) {
    const before = photos[first]
    const photo = photos[index]
    if (!before || (photo && keyOf(photo) === keyOf(before))) continue
    yield [keyOf(before), first, index]
    first = index
  }
}

/** How many photos of each day are unread, newest day first. */
function unreadDays(days: readonly DayCount[], photos: readonly GridPhoto[]): number[] {
  const last = photos.at(-1)
  if (!last) return days.map(({ count }) => count)
  const day = dayOf(last)
  const read = photos.length - photos.findIndex((photo) => dayOf(photo) === day)
  return days
    .filter((one) => one.day <= day)
    .map((one) => (one.day === day ? one.count - read : one.count))
    .filter((count) => count > 0)
}

function estimate(flow: Flow, missing: number, days: number[], measure: GridMeasure, goesOn: boolean): void {
  const isKnown = days.reduce((sum, count) => sum + count, 0) === missing
  const counts = isKnown ? days : usualDays(missing, goesOn)
  for (const count of counts) {
    const usual = count * (USUAL_RATIO * measure.rowHeight + measure.gap)
    const width = Math.min(measure.width, Math.max(LEAST_PX, usual))
    flow.place(width, DAY_HEADER_PX + estimatedHeight(count, measure))
  }
}

function usualDays(missing: number, goesOn: boolean): number[] {
  const days = goesOn ? 1 : Math.min(28, Math.max(1, Math.round(missing / USUAL_DAY)))
  return Array.from({ length: days }, (_, index) => Math.floor((missing + index) / days))
}

function widthOf(row: Row, ratios: readonly number[], measure: GridMeasure): number {
  const last = placed(row, ratios, measure).at(-1)
  return last ? last.left + last.width : 0
}

/** Puts boxes onto lines as words are put onto lines; those on a line are equally high. */
class Flow {
  readonly #measure: GridMeasure
  #line = { top: 0, height: 0, right: 0 }
  #widest = 0

  constructor(measure: GridMeasure) {
    this.#measure = measure
  }

  get height(): number {
    return this.#line.right > 0 ? this.#line.top + this.#line.height + DAY_FOOT_PX : 0
  }

  get width(): number {
    return this.#widest
  }

  place(width: number, height: number): Pick<DayGroup, 'top' | 'left' | 'width' | 'height'> {
    const line = this.#line
    const left = line.right > 0 ? line.right + BESIDE_PX : 0
    const fits = left > 0 && left + width <= this.#measure.width && Math.abs(line.height - height) < 1
    if (fits) line.right = left + width
    else this.#line = { top: this.height, height, right: width }
    this.#widest = Math.max(this.#widest, this.#line.right)
    return { top: this.#line.top, left: fits ? left : 0, width, height }
  }
}
