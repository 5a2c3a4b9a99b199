// Where each month of the timeline and each of its parts lies: exact where photos are read, estimated where not.
import type { GridPhoto } from '../api/types'
import { rowsWithin, type GridMeasure, type Row } from '../photos/justify'
import { BESIDE_PX, DAY_HEADER_PX, layoutOf, type DayGroup, type PartLayout } from './groups'
import { isHour, type DayCount } from './plan'

export const HEADER_PX = 52
const FOOT_PX = 16
const LEAST_PX = 176
/** Nearer to the top nothing is held in its place: new photos come into sight. */
const AT_TOP_PX = 8

export interface PartState {
  from: string
  to: string
  count: number | null
  days: readonly DayCount[]
  photos: readonly GridPhoto[]
  complete: boolean
}

export interface MonthState {
  month: string
  count: number
  parts: readonly PartState[]
}

export interface PartBlock extends PartLayout {
  from: string
  to: string
  /** Distance from the top of its month. */
  top: number
  /** Whether none of its photos is read, so that where a day lies in it is a guess. */
  isGuess: boolean
}

export interface Block {
  month: string
  top: number
  left: number
  width: number
  height: number
  parts: PartBlock[]
}

type Body = Pick<Block, 'parts' | 'height' | 'width'>

/** Lays months out one below the other, short ones side by side; remembers those that haven't changed. */
export class BlockLayout {
  #bodies = new Map<string, { kept: unknown[]; body: Body }>()
  #parts = new WeakMap<PartState, { kept: unknown[]; layout: PartLayout }>()
  #measure: GridMeasure | null = null

  of(months: readonly MonthState[], measure: GridMeasure): Block[] {
    if (this.#measure?.width !== measure.width) {
      this.#bodies.clear()
      this.#parts = new WeakMap()
      this.#measure = measure
    }
    const blocks: Block[] = []
    for (const month of months) {
      const body = this.#bodyOf(month, measure)
      const before = blocks.at(-1)
      const left = before ? before.left + before.width + BESIDE_PX : 0
      const fits = before && Math.abs(before.height - body.height) < 1 && left + body.width <= measure.width
      if (fits) blocks.push({ month: month.month, ...body, top: before.top, left })
      else blocks.push({ month: month.month, ...body, top: before ? before.top + before.height : 0, left: 0 })
    }
    return blocks
  }

  #bodyOf(month: MonthState, measure: GridMeasure): Body {
    const kept = [
      month.count,
      ...month.parts.flatMap((part) => [part, part.photos, part.count, part.complete]),
    ]
    const known = this.#bodies.get(month.month)
    if (known && areSame(known.kept, kept)) return known.body
    const body = this.#newBody(month, measure)
    this.#bodies.set(month.month, { kept, body })
    return body
  }

  #newBody(month: MonthState, measure: GridMeasure): Body {
    const parts: PartBlock[] = []
    let top = HEADER_PX
    for (const { part, missing } of withMissing(month)) {
      const layout = this.#layoutOf(part, missing, measure)
      const { from, to, photos } = part
      parts.push({ from, to, top, isGuess: photos.length === 0 && missing > 0, ...layout })
      top += layout.height
    }
    if (parts.length === 0) {
      const unread = { photos: [], missing: month.count, days: [], byHour: false }
      const layout = layoutOf(unread, measure)
      return { parts, height: top + layout.height + FOOT_PX, width: atLeast(layout.width, measure) }
    }
    const widest = Math.max(...parts.map((part) => part.width))
    return {
      parts,
      height: top + FOOT_PX,
      width: parts.length > 1 ? measure.width : atLeast(widest, measure),
    }
  }

  #layoutOf(part: PartState, missing: number, measure: GridMeasure): PartLayout {
    const kept = [part.photos, missing, part.days]
    const known = this.#parts.get(part)
    if (known && areSame(known.kept, kept)) return known.layout
    const layout = layoutOf(
      { photos: part.photos, missing, days: part.days, byHour: isHour(part.from) },
      measure,
    )
    this.#parts.set(part, { kept, layout })
    return layout
  }
}

function areSame(these: readonly unknown[], those: readonly unknown[]): boolean {
  return these.length === those.length && these.every((value, index) => value === those[index])
}

function atLeast(width: number, measure: GridMeasure): number {
  return Math.min(measure.width, Math.max(LEAST_PX, width))
}

/** The parts with the number of photos that are unread: where only the whole is known, each has its share. */
export function withMissing({ count, parts }: MonthState): { part: PartState; missing: number }[] {
  const settled = (part: PartState) => part.complete || part.count !== null
  const known = parts.reduce(
    (sum, part) => sum + (part.complete ? part.photos.length : (part.count ?? part.photos.length)),
    0,
  )
  const open = parts.filter((part) => !settled(part)).length
  const share = open > 0 ? Math.max(1, Math.round(Math.max(0, count - known) / open)) : 0
  return parts.map((part) => {
    if (part.complete) return { part, missing: 0 }
    return { part, missing: part.count === null ? share : Math.max(1, part.count - part.photos.length) }
  })
}

export function totalHeight(blocks: readonly Block[]): number {
  const last = blocks.at(-1)
  return last ? last.top + last.height : 0
}

/** The block at a height, the nearest one where there is none. */
export function blockAt(blocks: readonly Block[], y: number): Block | undefined {
  return lastNotBelow(blocks, y)
}

/** The part of a block at a height of the whole timeline. */
export function partAt(block: Block, y: number): PartBlock | undefined {
  return lastNotBelow(
    block.parts.filter(({ height }) => height > 0),
    y - block.top,
  )
}

function lastNotBelow<Box extends { top: number }>(boxes: readonly Box[], y: number): Box | undefined {
  let low = 0
  let high = boxes.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((boxes[middle]?.top ?? 0) <= y) low = middle
    else high = middle - 1
  }
  return boxes[low]
}

export function blocksWithin(blocks: readonly Block[], from: number, to: number): Block[] {
  return blocks.filter((block) => block.top + block.height >= from && block.top <= to)
}

/** The parts of a block that touch a span of the whole timeline. */
export function partsWithin(block: Block, from: number, to: number): PartBlock[] {
  return block.parts.filter(
    (part) => part.height > 0 && block.top + part.top + part.height >= from && block.top + part.top <= to,
  )
}

/** The days of a part that touch a span, and the rows of each; both measured from the part's top. */
export function groupsWithin(part: PartLayout, from: number, to: number): { group: DayGroup; rows: Row[] }[] {
  return part.groups
    .filter((group) => group.top + group.height >= from && group.top <= to)
    .map((group) => {
      const top = group.top + DAY_HEADER_PX
      return { group, rows: rowsWithin(group.rows, from - top, to - top) }
    })
}

/** What stands at the top of the viewport, to be found again after heights have changed. */
export interface Anchor {
  month: string
  /** Newest time of the part; none in a month whose parts aren't known. */
  part: string | null
  group: string | null
  /** From the top of the innermost of these that is there. */
  offset: number
  /** The same as a fraction of its height: all there is to go by where that was a guess. */
  fraction: number
}

export function anchorAt(blocks: readonly Block[], y: number): Anchor | null {
  const block = blockAt(blocks, y)
  if (!block || y <= AT_TOP_PX) return null
  const within = y - block.top
  const part = lastNotBelow(block.parts, within)
  if (!part || within < part.top) return anchorIn(block.month, null, null, within, block.height)
  const group = lastNotBelow(part.groups, within - part.top)
  if (!group || within - part.top > part.knownHeight) {
    return anchorIn(block.month, part.to, null, within - part.top, part.height)
  }
  return anchorIn(block.month, part.to, group.key, within - part.top - group.top, group.height)
}

function anchorIn(
  month: string,
  part: string | null,
  group: string | null,
  offset: number,
  height: number,
): Anchor {
  return { month, part, group, offset, fraction: Math.min(1, Math.max(0, offset / height)) }
}

export function heightOfAnchor(blocks: readonly Block[], anchor: Anchor): number | null {
  const block = blocks.find(({ month }) => month === anchor.month)
  if (!block) return null
  const part = block.parts.find(({ to }) => to === anchor.part)
  if (!part) {
    const isHeader = anchor.offset < HEADER_PX
    return block.top + (isHeader ? anchor.offset : anchor.fraction * (block.height - 1))
  }
  const group = part.groups.find(({ key }) => key === anchor.group)
  if (group) return block.top + part.top + group.top + Math.min(anchor.offset, group.height - 1)
  if (anchor.group === null && anchor.offset < part.height) return block.top + part.top + anchor.offset
  return block.top + part.top + anchor.fraction * (part.height - 1)
}

/** Where the newest photo at or before a day lies, so far as is known, and whether that is certain. */
export function heightOfDay(blocks: readonly Block[], day: string): { y: number; isCertain: boolean } | null {
  const block = blocks.find(({ month }) => month <= day.slice(0, 7)) ?? blocks.at(-1)
  if (!block) return null
  if (block.month !== day.slice(0, 7)) return { y: block.top, isCertain: true }
  if (block.parts.length === 0) {
    return {
      y: block.top + HEADER_PX + guess(block.month, day) * (block.height - HEADER_PX),
      isCertain: false,
    }
  }
  const part = block.parts.find(({ from, height }) => height > 0 && from.slice(0, 10) <= day)
  if (!part) return { y: block.top + block.height, isCertain: true }
  const group = part.groups.find(({ key }) => key.slice(0, 10) <= day)
  if (group) {
    const isFirst = part.top <= HEADER_PX && group.top === 0
    return { y: block.top + (isFirst ? 0 : part.top + group.top), isCertain: true }
  }
  const isBeyond = !part.isGuess && part.height <= part.knownHeight
  return { y: block.top + part.top + (isBeyond ? part.height : part.knownHeight), isCertain: isBeyond }
}

/** How far down its month a day lies, were photos spread evenly. */
function guess(month: string, day: string): number {
  const number = Number(day.slice(month.length + 1))
  return Math.min(0.97, Math.max(0, (31 - number) / 31))
}
