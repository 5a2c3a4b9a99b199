// A timeline of any height on a page of a bounded one.
import { expect, it } from 'vitest'

import { EDGE_PX, MOST_PX, pageHeight, positionOf, scrollOf } from './scroll-map'

const TOTALS = [0, 5_000, MOST_PX - 1, MOST_PX, MOST_PX + 1, 60_000_000, 2_000_000_000]

it('a page is never higher than browsers allow', () => {
  for (const total of TOTALS) expect(pageHeight(total)).toBeLessThanOrEqual(16_700_000)
})

it('a timeline that fits is the page', () => {
  for (const at of [0, 1, 4_999]) expect(scrollOf(at, 5_000)).toBe(at)
  expect(positionOf(1_234, MOST_PX)).toBe(1_234)
})

it('both ends are reached, and near them a pixel is a pixel', () => {
  const total = 60_000_000
  expect(positionOf(0, total)).toBe(0)
  expect(positionOf(MOST_PX, total)).toBe(total)
  expect(positionOf(EDGE_PX / 2, total)).toBe(EDGE_PX / 2)
  expect(total - positionOf(MOST_PX - 500, total)).toBe(500)
})

it('each position has one place on the page, in order', () => {
  for (const total of TOTALS.filter((one) => one > MOST_PX)) {
    let last = -1
    for (let step = 0; step <= 1000; step++) {
      const position = (total * step) / 1000
      const scroll = scrollOf(position, total)
      expect(positionOf(scroll, total)).toBeCloseTo(position, 3)
      expect(scroll).toBeGreaterThan(last)
      last = scroll
    }
  }
})
