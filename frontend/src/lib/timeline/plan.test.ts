// In what parts a month is read: each day is in one part, whatever its size.
import { expect, it } from 'vitest'

import { holds, PAGE, planOf, type PartPlan } from './plan'

const everyDayOf = (month: string, last: number) =>
  Array.from({ length: last }, (_, index) => `${month}-${String(index + 1).padStart(2, '0')}`)

function homesOf(parts: PartPlan[], wall: string): number {
  return parts.filter((part) => holds(part, wall)).length
}

it('a small month is one part', () => {
  expect(planOf('2024-02', 80, null)).toEqual([{ from: '2024-02-01', to: '2024-02-29', count: 80, days: [] }])
})

it('days are gathered into parts of about a page, newest first', () => {
  const days = everyDayOf('2024-06', 30)
    .reverse()
    .map((day) => ({ day, count: 100 }))
  const parts = planOf('2024-06', 3000, days)
  expect(parts.map(({ from, to, count }) => [from, to, count])).toEqual([
    ['2024-06-26', '2024-06-30', PAGE],
    ['2024-06-21', '2024-06-25', PAGE],
    ['2024-06-16', '2024-06-20', PAGE],
    ['2024-06-11', '2024-06-15', PAGE],
    ['2024-06-06', '2024-06-10', PAGE],
    ['2024-06-01', '2024-06-05', PAGE],
  ])
})

it.each([
  [
    'with gaps between the days',
    [
      ['2024-06-28', 400],
      ['2024-06-11', 400],
      ['2024-06-03', 900],
    ],
  ],
  ['on one day', [['2024-06-15', 100_000]]],
  [
    'on the first and the last',
    [
      ['2024-06-30', 50_000],
      ['2024-06-01', 50_000],
    ],
  ],
  ['on days that aren’t known', []],
] as [string, [string, number][]][])('every day and hour has one home: photos %s', (_, counts) => {
  const days = counts.map(([day, count]) => ({ day, count }))
  const parts = planOf(
    '2024-06',
    counts.length > 0 ? days.reduce((sum, { count }) => sum + count, 0) : 9000,
    days,
  )
  for (const day of everyDayOf('2024-06', 30)) {
    for (const hour of ['00:00:00', '09:59:59.999', '23:59:59']) {
      expect(homesOf(parts, `${day}T${hour}+02:00`)).toBe(1)
    }
  }
  const newestFirst = parts.map(({ from }) => from)
  expect([...newestFirst].sort().reverse()).toEqual(newestFirst)
})

it('a day with a hundred thousand photos is read by its hours', () => {
  const parts = planOf('2024-06', 100_000, [{ day: '2024-06-15', count: 100_000 }])
  expect(parts.filter(({ from }) => from.startsWith('2024-06-15T'))).toHaveLength(24)
  expect(parts.filter(({ count }) => count === 0)).toHaveLength(2)
})

it('where the days’ counts don’t add up to the month’s, they aren’t believed', () => {
  const parts = planOf('2024-06', 9000, [{ day: '2024-06-15', count: 10 }])
  expect(parts).toHaveLength(30)
  expect(parts.every(({ count }) => count === null)).toBe(true)
})
