// Where months and days lie, and that nothing jumps when an estimate becomes exact.
import { expect, it } from 'vitest'

import {
  anchorAt,
  blockAt,
  BlockLayout,
  blocksWithin,
  groupsWithin,
  heightOfAnchor,
  heightOfDay,
  partsWithin,
  totalHeight,
  withMissing,
} from './blocks'
import { measure, opened, photo, photos, read, the, unread } from './fakes'
import { ticksOf } from './ticks'

const days = (count: number, each: number) =>
  Array.from({ length: count }, (_, index) => ({
    day: `2024-06-${String(count - index).padStart(2, '0')}`,
    count: each,
  }))

it('months lie below one another, and the timeline is as high as all of them', () => {
  const blocks = new BlockLayout().of([unread('2024-06', 100), unread('2024-05', 300)], measure)
  expect(blocks.map(({ top, left }) => [top, left])).toEqual([
    [0, 0],
    [blocks[0]?.height, 0],
  ])
  expect(totalHeight(blocks)).toBe((blocks[0]?.height ?? 0) + (blocks[1]?.height ?? 0))
})

it('short months share a line as far as they fit', () => {
  const few = (month: string) => read(month, ...photos(2, `${month}-03`, 1))
  const blocks = new BlockLayout().of([few('2024-03'), few('2024-02'), few('2024-01')], measure)
  expect(blocks.map(({ top }) => top)).toEqual([0, 0, blocks[0]?.height])
  expect(blocks[1]?.left).toBeGreaterThan(blocks[0]?.width ?? 0)
})

it('each day of a month has a place of its own, and short days share a line', () => {
  const shown = [
    ...photos(20, '2024-06-15'),
    photo(20, '2024-06-14T23:59:00+02:00', 1),
    photo(21, '2024-06-13T08:00:00Z', 1),
  ]
  const [block] = new BlockLayout().of([read('2024-06', ...shown)], measure)
  const groups = block?.parts[0]?.groups ?? []
  expect(groups.map(({ key }) => key)).toEqual(['2024-06-15', '2024-06-14', '2024-06-13'])
  expect(groups[1]?.top).toBe(groups[2]?.top)
  expect(groups[2]?.left).toBeGreaterThan(groups[1]?.width ?? 0)
  expect(groups[1]?.rows[0]).toMatchObject({ first: 20, end: 21 })
})

it('a month that hasn’t changed keeps its rows, so that it isn’t drawn again', () => {
  const layout = new BlockLayout()
  const month = read('2024-06', ...photos(50))
  const before = layout.of([month, unread('2024-05', 10)], measure)
  const after = layout.of([month, unread('2024-05', 900)], measure)
  expect(after[0]?.parts).toBe(before[0]?.parts)
})

it('a part that hasn’t changed keeps its rows when others of its month are read', () => {
  const layout = new BlockLayout()
  const month = opened('2024-06', days(10, 400))
  const [before] = layout.of([month], measure)
  const parts = month.parts.map((part, index) => (index === 3 ? { ...part, photos: photos(400) } : part))
  const [after] = layout.of([{ ...month, parts }], measure)
  expect(after?.parts[5]?.groups).toBe(before?.parts[5]?.groups)
  expect(after?.parts[3]?.groups).toHaveLength(1)
})

it('what is looked at stays in place when a month above turns out higher', () => {
  const layout = new BlockLayout()
  const may = unread('2024-05', 400)
  const before = layout.of([unread('2024-06', 200), may], measure)
  const y = (before[1]?.top ?? 0) + 30
  const anchor = anchorAt(before, y)
  const after = layout.of([read('2024-06', ...photos(200, '2024-06-15', 0.6)), may], measure)
  expect(after[0]?.height).not.toBe(before[0]?.height)
  expect(anchor && heightOfAnchor(after, anchor)).toBe((after[1]?.top ?? 0) + 30)
})

it('what is looked at stays in place when a part of the same month above turns out higher', () => {
  const layout = new BlockLayout()
  const month = opened('2024-06', days(10, 400))
  month.parts[5] = { ...the(month.parts[5]), photos: photos(400, '2024-06-05'), complete: true }
  const [before] = layout.of([month], measure)
  const y = the(the(before).parts[5]).top + 700
  const anchor = anchorAt([the(before)], y)
  month.parts[0] = { ...the(month.parts[0]), photos: photos(400, '2024-06-10', 0.6), complete: true }
  const after = layout.of([{ ...month, parts: [...month.parts] }], measure)
  expect(the(the(after[0]).parts[5]).top).not.toBe(the(the(before).parts[5]).top)
  expect(anchor && heightOfAnchor(after, anchor)).toBeCloseTo(the(the(after[0]).parts[5]).top + 700)
})

it('at the very top nothing is held, so new photos come into sight', () => {
  const blocks = new BlockLayout().of([unread('2024-06', 200)], measure)
  expect(anchorAt(blocks, 0)).toBeNull()
})

it('only months, parts, days and rows near the viewport are found for drawing', () => {
  const months = Array.from({ length: 240 }, (_, index) => unread(`${2000 + index}-01`, 300))
  const blocks = new BlockLayout().of(months, measure)
  const middle = totalHeight(blocks) / 2
  expect(blocksWithin(blocks, middle, middle + 900).length).toBeLessThan(4)
  expect(blockAt(blocks, middle)?.top).toBeLessThanOrEqual(middle)

  const [large] = new BlockLayout().of([read('2024-06', ...photos(5000))], measure)
  const rows = groupsWithin(the(the(large).parts[0]), 50_000, 51_000).flatMap((one) => one.rows)
  expect(rows.length).toBeGreaterThan(2)
  expect(rows.length).toBeLessThan(8)

  const [byDays] = new BlockLayout().of([opened('2024-06', days(30, 1900))], measure)
  expect(partsWithin(the(byDays), the(byDays).height / 2, the(byDays).height / 2 + 900).length).toBeLessThan(
    3,
  )
})

it('a day is found in a month of a hundred thousand photos before any of them is read', () => {
  const month = opened('2024-06', days(30, 3334))
  const blocks = new BlockLayout().of([unread('2024-07', 10), month, unread('2024-05', 10)], measure)
  const heights = ['2024-06-30', '2024-06-20', '2024-06-10', '2024-06-01'].map(
    (day) => heightOfDay(blocks, day)?.y ?? NaN,
  )
  expect([...heights].sort((a, b) => a - b)).toEqual(heights)
  const within = (the(heights[1]) - the(blocks[1]).top) / the(blocks[1]).height
  expect(within).toBeCloseTo(1 / 3, 1)
})

it('a day without photos leads to the newest before it', () => {
  const shown = [...photos(30, '2024-06-20'), ...photos(30, '2024-06-10')]
  const layout = new BlockLayout()
  const blocks = layout.of([read('2024-06', ...shown), unread('2024-03', 5)], measure)
  const group = the(the(the(blocks[0]).parts[0]).groups[1])
  const tenth = the(the(blocks[0]).parts[0]).top + group.top
  expect(heightOfDay(blocks, '2024-06-15')).toEqual({ y: tenth, isCertain: true })
  expect(heightOfDay(blocks, '2024-06-10')).toEqual({ y: tenth, isCertain: true })
  expect(heightOfDay(blocks, '2024-06-25')).toEqual({ y: 0, isCertain: true })
  expect(heightOfDay(blocks, '2024-05-01')?.y).toBe(the(blocks[1]).top)
  expect(heightOfDay(blocks, '2030-01-01')?.y).toBe(0)
  expect(heightOfDay(blocks, '1999-01-01')?.y).toBe(the(blocks[1]).top)
})

it('parts of which only the sum is known share it', () => {
  const month = opened('2024-06', [{ day: '2024-06-15', count: 100_000 }])
  const hours = withMissing(month).filter(({ part }) => part.from.length > 10)
  expect(hours.map(({ missing }) => missing)).toEqual(Array(24).fill(Math.round(100_000 / 24)))

  const noon = month.parts.findIndex(({ from }) => from === '2024-06-15T12')
  month.parts[noon] = { ...the(month.parts[noon]), photos: photos(31_000), count: 31_000, complete: true }
  const rest = withMissing(month).find(({ part }) => part.from === '2024-06-15T03')
  expect(rest?.missing).toBe(3000)
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
