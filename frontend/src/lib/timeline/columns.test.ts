// Columns as the API sends them become photos as grids take them.
import { expect, it } from 'vitest'

import { newestFirst, photosOf, placeTime } from './columns'
import { photo } from './fakes'

it('columns become photos', () => {
  const [one, other] = photosOf({
    month: '2024-06',
    photo_id: ['a', 'b'],
    taken_at: [1718490600000, 1718400000123],
    offset_minutes: [60, 0],
    ratio: [1.5, 0.75],
    thumbhash: ['hash', null],
    filename: ['a.jpg', 'b.jpg'],
    thumbnail: { url: 'http://here/{photo_id}?Signature={signature}', signature: ['5ee', null] },
    favourite: [1],
    prepared: [0],
    next_cursor: null,
  })
  expect(one).toMatchObject({
    photo_id: 'a',
    status: 'prepared',
    taken_at: '2024-06-15T23:30:00.000+01:00',
    thumbnail_url: 'http://here/a?Signature=5ee',
    favourite: false,
  })
  expect(other).toMatchObject({
    status: 'ready',
    taken_at: '2024-06-14T21:20:00.123Z',
    thumbnail_url: null,
    favourite: true,
  })
})

it('a place’s clock keeps its offset, also half an hour behind', () => {
  expect(placeTime(1718490600000, -210)).toBe('2024-06-15T19:00:00.000-03:30')
  expect(placeTime(-86400000, 0)).toBe('1969-12-31T00:00:00.000Z')
})

it('the order is that of the clocks on the walls, as the API has it', () => {
  const tokyo = photo(1, '2024-06-15T09:00:00+09:00')
  const lisbon = photo(2, '2024-06-15T08:59:59.5+01:00')
  const sameSecond = photo(3, '2024-06-15T09:00:00.010Z')
  expect([lisbon, tokyo, sameSecond].sort(newestFirst)).toEqual([sameSecond, tokyo, lisbon])
})
