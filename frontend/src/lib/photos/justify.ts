// Justified rows: photos of any proportions fill each row to the same width.
export interface Row {
  top: number
  height: number
  /** Index of the row's first photo, and of the one after its last. */
  first: number
  end: number
}

export interface JustifiedLayout {
  rows: Row[]
  height: number
}

export interface GridMeasure {
  /** Width of the grid in CSS pixels. */
  width: number
  /** Height that rows aim at. */
  rowHeight: number
  gap: number
}

/** Panoramas and screenshots of chats are cropped a little, so that they can't make rows of a few pixels. */
const NARROWEST = 0.5
const WIDEST = 2.6

export function shownRatio(ratio: number): number {
  return Number.isFinite(ratio) && ratio > 0 ? Math.min(Math.max(ratio, NARROWEST), WIDEST) : 1
}

/**
 * Break photos into rows whose heights lie as near as possible to `rowHeight`.
 *
 * A row ends where the next photo would take it farther from the wanted height than it is. The last row is never
 * stretched beyond that height: it stays short of the right edge instead.
 */
export function justify(ratios: readonly number[], { width, rowHeight, gap }: GridMeasure): JustifiedLayout {
  const rows: Row[] = []
  let top = 0
  let first = 0
  let sum = 0
  const heightOf = (ratioSum: number, count: number) => (width - gap * (count - 1)) / ratioSum
  const close = (end: number, height: number) => {
    rows.push({ top, height, first, end })
    top += height + gap
    first = end
    sum = 0
  }
  for (let index = 0; index < ratios.length; index++) {
    const ratio = shownRatio(ratios[index] ?? 1)
    const count = index - first
    if (count > 0) {
      const without = heightOf(sum, count)
      const withIt = heightOf(sum + ratio, count + 1)
      const isFull = withIt < rowHeight
      if (isFull && Math.abs(without - rowHeight) < Math.abs(withIt - rowHeight)) close(index, without)
    }
    sum += ratio
    const height = heightOf(sum, index - first + 1)
    if (height <= rowHeight) close(index + 1, height)
  }
  if (first < ratios.length) close(ratios.length, Math.min(rowHeight, heightOf(sum, ratios.length - first)))
  return { rows, height: Math.max(0, top - gap) }
}

/** Height that `count` photos of unknown proportions will need, near enough for a stable scroll bar. */
export function estimatedHeight(count: number, { width, rowHeight, gap }: GridMeasure): number {
  const USUAL_RATIO = 1.33
  const perRow = Math.max(1, (width + gap) / (rowHeight * USUAL_RATIO + gap))
  const rows = Math.ceil(count / perRow)
  return rows === 0 ? 0 : Math.round(rows * (rowHeight + gap) - gap)
}

/** Left edge and width of each photo of a row. */
export function placed(
  row: Row,
  ratios: readonly number[],
  { width, gap }: GridMeasure,
): { left: number; width: number }[] {
  const places: { left: number; width: number }[] = []
  let left = 0
  for (let index = row.first; index < row.end; index++) {
    const exact = shownRatio(ratios[index] ?? 1) * row.height
    places.push({ left, width: Math.max(1, Math.min(exact, width - left)) })
    left += exact + gap
  }
  return places
}

/** Rows that touch the span from `from` to `to`, both measured from the grid's top. */
export function rowsWithin(rows: readonly Row[], from: number, to: number): Row[] {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    const row = rows[middle]
    if (row && row.top + row.height < from) low = middle + 1
    else high = middle
  }
  const found: Row[] = []
  for (let index = low; index < rows.length; index++) {
    const row = rows[index]
    if (!row || row.top > to) break
    found.push(row)
  }
  return found
}

export function gridMeasure(width: number): GridMeasure {
  if (width < 520) return { width, rowHeight: 116, gap: 2 }
  if (width < 1000) return { width, rowHeight: 170, gap: 4 }
  return { width, rowHeight: 220, gap: 4 }
}
