// A search survives the way through the address bar, older addresses too.
import { expect, it } from 'vitest'

import {
  addressOf,
  codePoints,
  filter,
  offsetOf,
  replaced,
  sortOf,
  textOf,
  withDates,
  withFilter,
} from './query-text'
import { whyText } from './why'

const queryOf = (address: string) => new URL(address, 'http://localhost').searchParams

it('comes back from the address as it went in', () => {
  const text = 'dog "red bus" label:cat>0.8 -place:"PT/Lisboa" & café'
  expect(textOf(queryOf(addressOf(text, 'date')))).toBe(text)
  expect(sortOf(queryOf(addressOf(text, 'date')))).toBe('date')
  expect(sortOf(queryOf('/search?sort=nonsense'))).toBeNull()
  expect(addressOf('  ')).toBe('/search')
})

it('writes out the filters of older addresses', () => {
  const old =
    '/search?q=sun&label=bus&label=traffic+light&place=PT/Lisboa&from=2024-06-01&status=failed&favourite=true'
  expect(textOf(queryOf(old))).toBe(
    'sun label:bus label:"traffic light" place:"PT/Lisboa" from:2024-06-01 status:failed is:favourite',
  )
})

it('a value that could be read as something else stands in quotes', () => {
  expect(filter('label', 'dog')).toBe('label:dog')
  expect(filter('album', 'a "b" \\ c')).toBe('album:"a \\"b\\" \\\\ c"')
})

it('adds a filter once, and puts new dates in the place of old ones', () => {
  expect(withFilter('dog', 'is:favourite')).toBe('dog is:favourite')
  expect(withFilter('is:favourite dog', 'is:favourite ')).toBe('is:favourite dog')
  const parts = [
    { kind: 'text', text: 'dog' },
    { kind: 'from', text: 'from:2020' },
    { kind: 'to', text: 'to:2021' },
  ]
  expect(withDates(parts, '2024-06-01', null)).toBe('dog from:2024-06-01')
})

it('counts characters as the API does', () => {
  const text = '🐶 dog'
  expect(codePoints(text, text.length)).toBe(5)
  expect(offsetOf(text, 2)).toBe(3)
  expect(replaced(text, 2, 5, 'label:dog ')).toBe('🐶 label:dog ')
})

it('says why a photo was found, each reason once', () => {
  const dog = { kind: 'label', name: 'dog', confidence: 0.934, how: 'exact' as const }
  expect(
    whyText([
      dog,
      dog,
      { ...dog, name: 'puppy', how: 'synonym' },
      { ...dog, name: 'cat', how: 'confirmed' },
      { kind: 'place', name: 'Lisboa', confidence: null, how: 'prefix' },
    ]),
  ).toBe('dog, 93 % · puppy, similar, 93 % · cat, confirmed · Lisboa')
})
