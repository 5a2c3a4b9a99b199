// A search survives the way through the address bar, and its chips say what is on.
import { expect, it } from 'vitest'

import { addressOf, chipsOf, daysOfMonth, filtersOf, nameOfPlace, NO_FILTERS, searchQueryOf } from './filters'

const some = {
  ...NO_FILTERS,
  q: 'red bus & café',
  labels: ['bus', 'person'],
  place: 'PT/Lisboa',
  from: '2024-06-01',
  to: '2024-06-30',
  favourite: true,
}

it('comes back from the address as it went in', () => {
  const address = addressOf(some)
  expect(filtersOf(new URL(address, 'http://localhost').searchParams)).toEqual(some)
  expect(addressOf(NO_FILTERS)).toBe('/search')
})

it('asks the API only for what is on', () => {
  expect(searchQueryOf(NO_FILTERS)).toEqual({})
  expect(searchQueryOf(some)).toEqual({
    q: 'red bus & café',
    label: ['bus', 'person'],
    place: 'PT/Lisboa',
    from: '2024-06-01',
    to: '2024-06-30',
    favourite: true,
  })
})

it('ignores a status that there isn’t', () => {
  expect(filtersOf(new URLSearchParams('status=nonsense')).status).toBeNull()
})

it('has a chip for each filter, and each takes away just its own', () => {
  const chips = chipsOf(some)
  expect(chips.map(({ kind, name }) => `${kind}: ${name}`)).toEqual([
    'label: bus',
    'label: person',
    'place: Lisboa, Portugal',
    'date: June 2024',
    'favourite: Favourites',
  ])
  expect(chips[0]?.without.labels).toEqual(['person'])
  expect(chips[3]?.without).toMatchObject({ from: null, to: null, place: 'PT/Lisboa' })
})

it('knows the days of a month and the names of places', () => {
  expect(daysOfMonth('2024-02')).toEqual(['2024-02-01', '2024-02-29'])
  expect(daysOfMonth('2023-12')).toEqual(['2023-12-01', '2023-12-31'])
  expect(nameOfPlace('AU')).toBe('Australia')
})
