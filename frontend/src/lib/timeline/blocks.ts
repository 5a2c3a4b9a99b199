// Where each month of the timeline lies: exact where its photos are known, estimated from its count where not.
import type { GridPhoto } from '../api/types'
import { estimatedHeight, justify, placed, rowsWithin, type GridMeasure, type Row } from '../photos/justify'

export const HEADER_PX = 56
const FOOT_PX = 20
/** Between months that share a line, and the least that a month's header needs. */
const BETWEEN_PX = 28
const LEAST_PX = 176
const USUAL_RATIO = 1.33

export interface MonthPhotos {
  month: string
  count: number
  photos: readonly GridPhoto[]
  complete: boolean
}

export interface Block {
  month: string
  top: number
  left: number
  width: number
  height: number
  rows: Row[]
  ratios: number[]
  /** Height that is known, header included; below it everything is an estimate. */
  knownHeight: number
}

type Body = Pick<Block, 'rows' | 'ratios' | 'knownHeight' | 'height' | 'width'>

/**
 * Lays months out one below the other, short ones side by side as far as they fit; remembers those that haven't
 * changed.
 */
export class BlockLayout {
  #kept = new Map<string, { photos: readonly GridPhoto[]; count: number; complete: boolean; body: Body }>()
  #measure: GridMeasure | null = null

  of(months: readonly MonthPhotos[], measure: GridMeasure): Block[] {
    if (this.#measure?.width !== measure.width) {
      this.#kept.clear()
      this.#measure = measure
    }
    const blocks: Block[] = []
    for (const month of months) {
      const body = this.#bodyOf(month, measure)
      const before = blocks.at(-1)
      const left = before ? before.left + before.width + BETWEEN_PX : 0
      const fits = before !== undefined && before.height === body.height && left + body.width <= measure.width
      if (fits) blocks.push({ month: month.month, ...body, top: before.top, left })
      else blocks.push({ month: month.month, ...body, top: before ? before.top + before.height : 0, left: 0 })
    }
    return blocks
  }

  #bodyOf(month: MonthPhotos, measure: GridMeasure): Body {
    const kept = this.#kept.get(month.month)
    const same =
      kept?.photos === month.photos && kept.count === month.count && kept.complete === month.complete
    if (same) return kept.body
    const body = bodyOf(month, measure)
    const { photos, count, complete } = month
    this.#kept.set(month.month, { photos, count, complete, body })
    return body
  }
}

function bodyOf({ photos, count, complete }: MonthPhotos, measure: GridMeasure): Body {
  const ratios = photos.map((photo) => photo.ratio)
  const { rows, height } = justify(ratios, measure)
  const missing = complete ? 0 : Math.max(0, count - photos.length)
  const rest = estimatedHeight(missing, measure)
  const join = photos.length > 0 && missing > 0 ? measure.gap : 0
  return {
    ratios,
    rows,
    width: Math.min(measure.width, Math.max(LEAST_PX, widthOf(rows, ratios, missing, measure))),
    knownHeight: HEADER_PX + height,
    height: HEADER_PX + height + join + rest + FOOT_PX,
  }
}

/** Width of a month of one row; all of it, where there are more. */
function widthOf(
  rows: readonly Row[],
  ratios: readonly number[],
  missing: number,
  measure: GridMeasure,
): number {
  const row = rows[0]
  if (rows.length > 1 || (row && missing > 0)) return measure.width
  if (!row) return missing * (USUAL_RATIO * measure.rowHeight + measure.gap)
  const last = placed(row, ratios, measure).at(-1)
  return last ? last.left + last.width : 0
}

export function totalHeight(blocks: readonly Block[]): number {
  const last = blocks.at(-1)
  return last ? last.top + last.height : 0
}

/** The block at a height, the nearest one where there is none. */
export function blockAt(blocks: readonly Block[], y: number): Block | undefined {
  let low = 0
  let high = blocks.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((blocks[middle]?.top ?? 0) <= y) low = middle
    else high = middle - 1
  }
  return blocks[low]
}

export function blocksWithin(blocks: readonly Block[], from: number, to: number): Block[] {
  return blocks.filter((block) => block.top + block.height >= from && block.top <= to)
}

/** The rows of a block that touch a span of the whole timeline. */
export function rowsOf(block: Block, from: number, to: number): Row[] {
  const gridTop = block.top + HEADER_PX
  return rowsWithin(block.rows, from - gridTop, to - gridTop)
}

export interface Anchor {
  month: string
  offset: number
}

/** What stands at the top of the viewport, to be found again after heights have changed. */
export function anchorAt(blocks: readonly Block[], y: number): Anchor | null {
  const block = blockAt(blocks, y)
  return block && y > 0 ? { month: block.month, offset: y - block.top } : null
}

export function heightOfAnchor(blocks: readonly Block[], anchor: Anchor): number | null {
  const block = blocks.find(({ month }) => month === anchor.month)
  return block ? block.top + Math.min(anchor.offset, block.height - 1) : null
}
