// The justified grid: every row as wide as the grid, every photo in exactly one row.
import { describe, expect, it } from 'vitest'

import { estimatedHeight, gridMeasure, justify, placed, rowsWithin, shownRatio } from './justify'

const measure = { width: 1200, rowHeight: 220, gap: 4 }

/** Ratios as libraries have them (most photos lie, some stand), the same ones each time. */
function ratiosOf(count: number): number[] {
  const usual = [1.33, 1.5, 1.33, 0.75, 1.5, 1.33, 0.67, 1.78, 1.33, 0.75, 1.5, 1, 2.4]
  let random = 1
  return Array.from({ length: count }, () => {
    random = (random * 16_807) % 2_147_483_647
    return usual[random % usual.length] ?? 1
  })
}

describe('justified rows', () => {
  it('hold every photo once and in order', () => {
    const { rows } = justify(ratiosOf(500), measure)
    expect(rows[0]?.first).toBe(0)
    expect(rows.at(-1)?.end).toBe(500)
    for (const [index, row] of rows.entries()) {
      expect(row.end).toBeGreaterThan(row.first)
      expect(row.first).toBe(index === 0 ? 0 : rows[index - 1]?.end)
    }
  })

  it('reach the right edge, the last one excepted', () => {
    const ratios = ratiosOf(300)
    const { rows } = justify(ratios, measure)
    for (const row of rows.slice(0, -1)) {
      const last = placed(row, ratios, measure).at(-1)
      expect((last?.left ?? 0) + (last?.width ?? 0)).toBeCloseTo(measure.width, 3)
    }
  })

  it('stay near the wanted height', () => {
    const { rows } = justify(ratiosOf(1000), measure)
    for (const row of rows.slice(0, -1)) {
      expect(row.height).toBeGreaterThan(measure.rowHeight * 0.6)
      expect(row.height).toBeLessThan(measure.rowHeight * 1.5)
    }
  })

  it('never stretch a single photo over the whole width', () => {
    const { rows, height } = justify([1.5], measure)
    expect(rows).toEqual([{ top: 0, height: 220, first: 0, end: 1 }])
    expect(height).toBe(220)
  })

  it('lie below one another with the gap between', () => {
    const { rows, height } = justify(ratiosOf(100), measure)
    for (const [index, row] of rows.slice(1).entries()) {
      const before = rows[index]
      expect(row.top).toBeCloseTo((before?.top ?? 0) + (before?.height ?? 0) + measure.gap, 6)
    }
    const last = rows.at(-1)
    expect(height).toBeCloseTo((last?.top ?? 0) + (last?.height ?? 0), 6)
  })

  it('take nonsense ratios for squares and tame extreme ones', () => {
    expect([Number.NaN, 0, -1, Infinity].map(shownRatio)).toEqual([1, 1, 1, 1])
    expect(shownRatio(12)).toBe(2.6)
    expect(shownRatio(0.05)).toBe(0.5)
    expect(justify([], measure)).toEqual({ rows: [], height: 0 })
  })
})

describe('an estimated height', () => {
  it('is near the real one for a large month', () => {
    const real = justify(ratiosOf(2000), measure).height
    expect(estimatedHeight(2000, measure) / real).toBeGreaterThan(0.75)
    expect(estimatedHeight(2000, measure) / real).toBeLessThan(1.25)
  })

  it('is nothing for no photos and one row for a few', () => {
    expect(estimatedHeight(0, measure)).toBe(0)
    expect(estimatedHeight(3, measure)).toBe(220)
  })
})

describe('rows within a span', () => {
  const { rows } = justify(ratiosOf(1000), measure)

  it('are those that touch it', () => {
    const found = rowsWithin(rows, 5000, 6000)
    const expected = rows.filter((row) => row.top + row.height >= 5000 && row.top <= 6000)
    expect(found).toEqual(expected)
    expect(found.length).toBeGreaterThan(2)
  })

  it('are none above the first and below the last', () => {
    expect(rowsWithin(rows, -500, -1)).toEqual([])
    expect(rowsWithin(rows, 1e9, 2e9)).toEqual([])
  })
})

it('rows are lower on phones', () => {
  expect(gridMeasure(390).rowHeight).toBeLessThan(gridMeasure(1400).rowHeight)
})
