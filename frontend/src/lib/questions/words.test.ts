// Questions, answers and what they change, in words.
import { describe, expect, it } from 'vitest'

import { anAnswer, aQuestion } from './fakes'
import {
  addressOfChanged,
  answerText,
  clockText,
  dayLater,
  mendedText,
  outcomeText,
  placeAmong,
  shiftText,
  spanText,
} from './words'

describe('what was changed', () => {
  it('is told as it was promised, with what it came to', () => {
    expect(mendedText('214 photos get a place', 211)).toBe('211 photos got a place')
    expect(mendedText('3 photos go to the trash', 1)).toBe('1 photo went to the trash')
    expect(mendedText('1,214 photos are found by the word', 1214)).toBe(
      '1,214 photos are now found by the word',
    )
    expect(mendedText('12 photos are found by the word', 1)).toBe('1 photo is now found by the word')
    expect(mendedText('1 photo is found by the word', 2)).toBe('2 photos are now found by the word')
    expect(mendedText('1 photo gets a place', 1)).toBe('1 photo got a place')
    expect(mendedText('all becomes well', 7)).toBe('7 photos changed')
    expect(mendedText('all becomes well', 1)).toBe('1 photo changed')
  })

  it('follows the state of the answer', () => {
    expect(outcomeText(anAnswer())).toBe('214 photos got a place')
    expect(outcomeText(anAnswer({ status: 'working', changed: 0 }))).toBe('On it: 214 photos get a place')
    expect(outcomeText(anAnswer({ status: 'working', changed: 40 }))).toBe('40 of 214 photos')
    expect(outcomeText(anAnswer({ changed: 0 }))).toBe('Nothing had to be changed')
    expect(outcomeText(anAnswer({ status: 'undone' }))).toBe('Taken back: everything is as it was')
    expect(outcomeText(anAnswer({ status: 'held', held_because: 'It was 900 km from there.' }))).toBe(
      'Nothing is changed yet. It was 900 km from there.',
    )
    expect(outcomeText(anAnswer({ answer: { type: 'never' } }))).toBe('You won’t be asked this again')
  })

  it('is found by a search, where one says just that', () => {
    expect(addressOfChanged(anAnswer())).toBe(`/search?q=${encodeURIComponent('near:38.7100,-9.1400,2km')}`)
    const named = (kind: string) => anAnswer({ kind, answer: { type: 'named', name: 'Re"x', but_not: [] } })
    expect(addressOfChanged(named('event'))).toBe(`/search?q=${encodeURIComponent('album:"Rex"')}`)
    expect(addressOfChanged(named('thing'))).toBe(`/search?q=${encodeURIComponent('label:"Rex"')}`)
    const yes = anAnswer({ kind: 'label', answer: { type: 'yes', but_not: [] } })
    expect(addressOfChanged(yes)).toBeNull()
    expect(addressOfChanged(yes, aQuestion({ facts: { label: 'dog' } }))).toBe(
      `/search?q=${encodeURIComponent('label:"dog"')}`,
    )
  })
})

it('answers are told in a few words', () => {
  expect(answerText(anAnswer())).toBe('Lisbon')
  expect(answerText(anAnswer({ place: null }))).toBe('38.7100° N, 9.1400° W')
  expect(answerText(anAnswer({ answer: { type: 'yes', but_not: ['a', 'b'] } }))).toBe('Yes, but for 2')
  expect(answerText(anAnswer({ kind: 'two-labels', answer: { type: 'no' } }))).toBe('Neither')
  expect(answerText(anAnswer({ answer: { type: 'off', shift_seconds: -5400 } }))).toBe(
    '1 hour 30 minutes earlier',
  )
})

it('times are those of the clock that was there', () => {
  expect(clockText('2024-06-15T23:30:00+02:00')).toBe('23:30')
  expect(clockText('2024-06-15T23:30:00Z', 3600)).toBe('00:30')
  expect(dayLater('2024-06-15T23:30:00Z', 3600)).toBe('Jun 16, 2024')
  expect(shiftText(90_000)).toBe('1 day 1 hour later')
  expect(spanText('2024-06-15T13', '2024-06-15T18')).toBe('Jun 15, 2024, 13–18 h')
  expect(spanText('2024-06-15T13', '2024-06-17T18')).toMatch(/^Jun 15\s–\s17, 2024$/)
})

it('a place is called by its town alone, unless another town is called so', () => {
  const places = ['Paris, France', 'Paris, United States', 'Porto, Portugal', null]
  expect(places.map((name) => name && placeAmong(name, places))).toEqual([
    'Paris, France',
    'Paris, United States',
    'Porto',
    null,
  ])
})
