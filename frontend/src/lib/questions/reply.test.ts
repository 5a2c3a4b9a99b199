// What an answer is before it is sent: the default, and what unticking, moving and typing make of it.
import { describe, expect, it } from 'vitest'

import type { Question } from '../api/types'
import { aGrid, aQuestion } from './fakes'
import { asksTheSame, controlOf, Reply } from './reply.svelte'
import { mainText } from './words'

describe('a grid', () => {
  it('is a yes for all until photos are unticked, and a no without any', () => {
    const reply = new Reply(aGrid(3))
    expect(reply.answer).toEqual({ type: 'yes', but_not: [] })
    expect(mainText(reply)).toBe('Yes, all 3')
    reply.toggle('photo-1')
    expect(reply.answer).toEqual({ type: 'yes', but_not: ['photo-1'] })
    expect(mainText(reply)).toBe('Yes, 2 of 3')
    reply.toggle('photo-0')
    reply.toggle('photo-2')
    expect(reply.answer).toEqual({ type: 'no' })
    expect(mainText(reply)).toBe('None of them')
  })

  it('of takes keeps what the default keeps, and never trashes all', () => {
    const reply = new Reply(aGrid(4, { kind: 'burst', default: { type: 'keep', photo_ids: ['photo-2'] } }))
    expect(reply.answer).toEqual({ type: 'keep', photo_ids: ['photo-2'] })
    expect(mainText(reply)).toBe('Keep 1, trash 3')
    expect(reply.no?.answer).toEqual({
      type: 'keep',
      photo_ids: ['photo-0', 'photo-1', 'photo-2', 'photo-3'],
    })
    reply.toggle('photo-2')
    expect(reply.answer).toBeNull()
  })

  it('with a word needs the word and a photo to say it of', () => {
    const reply = new Reply(aGrid(2, { kind: 'thing', default: null }))
    expect(reply.answer).toBeNull()
    reply.call('  Rex ')
    reply.toggle('photo-0')
    expect(reply.answer).toEqual({ type: 'named', name: 'Rex', but_not: ['photo-0'] })
    expect(mainText(reply)).toBe('“Rex” on 1')
    reply.toggle('photo-1')
    expect(reply.answer).toBeNull()
  })
})

it('has begun once something is typed, though that says nothing yet', () => {
  const reply = new Reply(aQuestion())
  expect(reply.hasBegun).toBe(false)
  reply.type()
  expect([reply.hasBegun, reply.touched, mainText(reply)]).toEqual([true, false, 'Yes, Lisbon'])
  expect(new Reply(aQuestion()).hasBegun).toBe(false)
})

describe('a place', () => {
  it('is the guess by its name, until the pin is moved', () => {
    const reply = new Reply(aQuestion())
    expect(reply.answer).toEqual({ type: 'where', latitude: 38.71, longitude: -9.14 })
    expect(mainText(reply)).toBe('Yes, Lisbon')
    reply.put({ latitude: 48.85, longitude: 2.35 })
    expect(reply.answer).toEqual({ type: 'where', latitude: 48.85, longitude: 2.35 })
    expect(mainText(reply)).toBe('It was here')
  })

  it('is one of the others by its name, and the guess again once that is taken back', () => {
    const porto = { name: 'Porto, Portugal', latitude: 41.15, longitude: -8.61 }
    const reply = new Reply(aQuestion({ choices: [porto] }))
    reply.put({ latitude: porto.latitude, longitude: porto.longitude }, porto.name)
    expect(reply.answer).toEqual({ type: 'where', latitude: 41.15, longitude: -8.61 })
    expect([mainText(reply), reply.touched]).toEqual(['It was Porto', true])
    reply.putBack()
    expect(reply.answer).toEqual({ type: 'where', latitude: 38.71, longitude: -9.14 })
    expect([mainText(reply), reply.touched]).toEqual(['Yes, Lisbon', false])
    reply.put({ latitude: porto.latitude, longitude: porto.longitude }, porto.name)
    reply.put({ latitude: 41.2, longitude: -8.6 })
    expect(mainText(reply)).toBe('It was here')
  })

  it('is called with its country where another one is called so', () => {
    const paris = { name: 'Paris, United States', latitude: 33.66, longitude: -95.55 }
    const reply = new Reply(aQuestion({ place: 'Paris, France', choices: [paris] }))
    reply.put({ latitude: paris.latitude, longitude: paris.longitude }, paris.name)
    expect(mainText(reply)).toBe('It was Paris, United States')
  })

  it('without a guess waits for the pin', () => {
    const reply = new Reply(aQuestion({ default: null, facts: {} }))
    expect(reply.answer).toBeNull()
    expect(mainText(reply)).toBe('Set the pin first')
  })
})

it('a single stay is a yes with its name', () => {
  const where = { type: 'where', latitude: 38.71, longitude: -9.14 } as const
  const stay = {
    key: 'k',
    since: '2024-06-15T10',
    until: '2024-06-15T18',
    photos: 30,
    default: where,
    place: 'Lisbon, Portugal',
    photo: null,
    fills: 0,
  }
  const reply = new Reply(aQuestion({ kind: 'places', default: { type: 'yes', but_not: [] }, items: [stay] }))
  expect([mainText(reply), reply.answer]).toEqual(['Yes, Lisbon', { type: 'yes', but_not: [] }])
  reply.toggle('k')
  expect(reply.answer).toEqual({ type: 'no' })
})

it('a date is what the clock of the place said', () => {
  const reply = new Reply(aQuestion({ kind: 'date', default: { type: 'when', at: '2019-06-03T12:30:00Z' } }))
  expect(reply.answer).toEqual({ type: 'when', at: '2019-06-03T12:30:00Z' })
  expect(mainText(reply)).toBe('Yes, June 3, 2019')
  reply.date('2019-06-31T12:00')
  reply.date('')
  expect(reply.answer).toBeNull()
})

it('a clock is shifted by hours, and a shift of nothing is no answer', () => {
  const reply = new Reply(aQuestion({ kind: 'clock', default: { type: 'off', shift_seconds: 7200 } }))
  expect(mainText(reply)).toBe('Yes, 2 hours later')
  reply.shift(-3600)
  expect(reply.answer).toEqual({ type: 'off', shift_seconds: -3600 })
  expect(mainText(reply)).toBe('It was 1 hour earlier')
  reply.shift(0)
  expect(reply.answer).toBeNull()
  expect(reply.no?.answer).toEqual({ type: 'no' })
})

it('of several stays those that are doubtful begin unticked, and are ticked by hand', () => {
  const stay = (key: string): Question['items'][number] => ({
    key,
    since: key,
    until: key,
    photos: 5,
    default: { type: 'named', name: 'Porto 2024' },
    place: 'Porto 2024',
    photo: null,
    fills: 0,
  })
  const reply = new Reply(
    aQuestion({
      kind: 'events',
      default: { type: 'yes', but_not: ['b', 'not shown'] },
      items: [stay('a'), stay('b'), stay('c')],
    }),
  )
  expect([...reply.ticked]).toEqual(['a', 'c'])
  expect([mainText(reply), reply.answer, reply.touched]).toEqual([
    'Yes, 2 of 3',
    { type: 'yes', but_not: ['b'] },
    false,
  ])
  reply.toggle('b')
  expect([mainText(reply), reply.answer]).toEqual(['Yes, all 3', { type: 'yes', but_not: [] }])
})

it('a check takes back what is unticked', () => {
  const reply = new Reply(
    aQuestion({ kind: 'check', default: { type: 'yes', but_not: [] }, facts: { answers: 'a b c' } }),
  )
  expect(mainText(reply)).toBe('Yes, all of it')
  reply.toggle('b')
  expect(reply.answer).toEqual({ type: 'yes', but_not: ['b'] })
  expect(mainText(reply)).toBe('Take back 1')
})

describe('a kind that the app does not know', () => {
  it('is put by what it is made of', () => {
    const kind = 'something-new'
    expect(controlOf(aGrid(2, { kind }))).toBe('ticks')
    expect(controlOf(aQuestion({ kind }))).toBe('place')
    expect(controlOf(aQuestion({ kind, default: null, options: ['a', 'b'] }))).toBe('choice')
    expect(controlOf(aQuestion({ kind, default: null }))).toBe('plain')
  })

  it('can at least be answered by its default', () => {
    const plain = new Reply(aQuestion({ kind: 'something-new', default: { type: 'yes', but_not: [] } }))
    expect([plain.control, mainText(plain), plain.answer]).toEqual([
      'plain',
      'Yes',
      { type: 'yes', but_not: [] },
    ])
    expect(new Reply(aQuestion({ kind: 'something-new', default: null })).answer).toBeNull()
  })
})

it('two bodies ask the same where only how much they mend differs', () => {
  const question = aGrid(2)
  expect(asksTheSame(question, { ...question, mends: '3 photos get a place', photos: 3 })).toBe(true)
  expect(asksTheSame(question, aGrid(3))).toBe(false)
  expect(asksTheSame(aQuestion(), aQuestion({ default: null }))).toBe(false)
  const choices = [{ name: 'Porto, Portugal', latitude: 41.15, longitude: -8.61 }]
  expect(asksTheSame(aQuestion(), aQuestion({ choices }))).toBe(false)
})
