// A search is asked about only where that helps, and says how sure its numbers are.
import { expect, it } from 'vitest'

import type { SearchQuestion } from '../api/types'
import { countOf, isWorthAsking } from './question'

function asked(about: SearchQuestion['about'], is_estimate: boolean): SearchQuestion {
  return { about, prompt: '', why: '', choices: [], is_estimate, bits: 0, asks: null }
}

const photos = (count: number, confidence = 1) =>
  Array.from({ length: count }, () => ({ matches: [{ kind: 'label', confidence }] }))

it('is asked about an empty search and a long one, not about a pageful', () => {
  expect(isWorthAsking({ photos: [], complete: true })).toBe(true)
  expect(isWorthAsking({ photos: photos(61), complete: false })).toBe(true)
  expect(isWorthAsking({ photos: photos(60), complete: true })).toBe(false)
})

it('is asked about a search of which a third is doubtful', () => {
  expect(isWorthAsking({ photos: [...photos(4, 0.5), ...photos(8)], complete: true })).toBe(true)
  expect(isWorthAsking({ photos: [...photos(3, 0.5), ...photos(8)], complete: true })).toBe(false)
})

it('is not asked before anything was found', () => {
  expect(isWorthAsking({ photos: [], complete: false })).toBe(false)
})

it('says numbers as they are, as the least they can be, or about', () => {
  expect(countOf(asked('broad', false), 1412)).toBe('1,412')
  expect(countOf(asked('broad', true), 1412)).toBe('about 1,400')
  expect(countOf(asked('broad', true), 7)).toBe('about 7')
  expect(countOf(asked('broad', true), 0)).toBe('about 0')
  expect(countOf(asked('empty', true), 200)).toBe('200+')
})
