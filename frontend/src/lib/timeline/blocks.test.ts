// Where months lie, and that nothing jumps when an estimate becomes exact.
import { expect, it } from 'vitest'

import type { GridPhoto } from '../api/types'
import { anchorAt, blockAt, BlockLayout, blocksWithin, heightOfAnchor, rowsOf, totalHeight } from './blocks'
import { ticksOf } from './ticks'

const measure = { width: 1200, rowHeight: 220, gap: 4 }

function photos(count: number, ratio = 1.5): GridPhoto[] {
  return Array.from({ length: count }, (_, index) => ({
    photo_id: `photo-${index}`,
    status: 'ready' as const,
    taken_at: '2024-06-01T12:00:00Z',
    ratio,
    thumbhash: null,
    thumbnail_url: null,
    favourite: false,
    filename: 'a.jpg',
    latitude: null,
    longitude: null,
  }))
}

const unread = (month: string, count: number) => ({ month, count, photos: [], complete: false })

it('months lie below one another, and the timeline is as high as all of them', () => {
  const blocks = new BlockLayout().of([unread('2024-06', 100), unread('2024-05', 300)], measure)
  expect(blocks.map(({ top, left }) => [top, left])).toEqual([
    [0, 0],
    [blocks[0]?.height, 0],
  ])
  expect(totalHeight(blocks)).toBe((blocks[0]?.height ?? 0) + (blocks[1]?.height ?? 0))
})

it('short months share a line as far as they fit', () => {
  const few = (month: string) => ({ month, count: 2, photos: photos(2, 1), complete: true })
  const blocks = new BlockLayout().of([few('2024-03'), few('2024-02'), few('2024-01')], measure)
  expect(blocks.map(({ top }) => top)).toEqual([0, 0, blocks[0]?.height])
  expect(blocks[1]?.left).toBeGreaterThan(blocks[0]?.width ?? 0)
})

it('a month that hasn’t changed keeps its rows, so that it isn’t drawn again', () => {
  const layout = new BlockLayout()
  const month = { month: '2024-06', count: 50, photos: photos(50), complete: true }
  const before = layout.of([month, unread('2024-05', 10)], measure)
  const after = layout.of([month, unread('2024-05', 900)], measure)
  expect(after[0]?.rows).toBe(before[0]?.rows)
})

it('what is looked at stays in place when a month above turns out higher', () => {
  const layout = new BlockLayout()
  const may = unread('2024-05', 400)
  const before = layout.of([unread('2024-06', 200), may], measure)
  const y = (before[1]?.top ?? 0) + 500
  const anchor = anchorAt(before, y)
  const after = layout.of(
    [{ month: '2024-06', count: 200, photos: photos(200, 0.6), complete: true }, may],
    measure,
  )
  expect(after[0]?.height).not.toBe(before[0]?.height)
  expect(anchor && heightOfAnchor(after, anchor)).toBe((after[1]?.top ?? 0) + 500)
})

it('at the very top nothing is held, so new photos come into sight', () => {
  const blocks = new BlockLayout().of([unread('2024-06', 200)], measure)
  expect(anchorAt(blocks, 0)).toBeNull()
})

it('only months and rows near the viewport are found for drawing', () => {
  const months = Array.from({ length: 240 }, (_, index) => unread(`${2000 + index}-01`, 300))
  const blocks = new BlockLayout().of(months, measure)
  const middle = totalHeight(blocks) / 2
  expect(blocksWithin(blocks, middle, middle + 900).length).toBeLessThan(4)
  const [large] = new BlockLayout().of(
    [{ month: 'm', count: 5000, photos: photos(5000), complete: true }],
    measure,
  )
  if (!large) throw new Error('no block')
  expect(rowsOf(large, 50_000, 51_000).length).toBeLessThan(8)
  expect(blockAt(blocks, middle)?.top).toBeLessThanOrEqual(middle)
})

it('years on the scrubber keep their distance', () => {
  const months = Array.from({ length: 60 }, (_, index) => unread(`${2024 - index}-01`, 20))
  const ticks = ticksOf(new BlockLayout().of(months, measure), 400)
  const heights = ticks.map((tick) => tick.at * 400)
  for (const [index, height] of heights.slice(1).entries()) {
    expect(height - (heights[index] ?? 0)).toBeGreaterThanOrEqual(22)
  }
  expect(ticks[0]?.year).toBe('2024')
})
