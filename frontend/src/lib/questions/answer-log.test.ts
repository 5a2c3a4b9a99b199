// Answers are followed until their photos are changed, and taken back one by one.
import { beforeEach, expect, it, vi } from 'vitest'

import { AnswerLog } from './answer-log.svelte'
import { anAnswer, FakeAnswers } from './fakes'

let fake: FakeAnswers
let log: AnswerLog

beforeEach(() => {
  fake = new FakeAnswers()
  log = new AnswerLog(fake)
})

const working = anAnswer({ status: 'working', changed: 0, photo_ids: [] })

it('is followed until it is through, also over a lost connection', async () => {
  fake.failures = 1
  fake.told = [{ ...working, changed: 100 }, anAnswer()]
  log.add(working)
  await vi.waitFor(() => expect(fake.ended).toHaveLength(1))
  expect(log.latest?.changed).toBe(214)
  expect(log.items).toHaveLength(1)
})

it('that is through at once is told of at once', () => {
  log.add(anAnswer())
  expect(fake.ended).toHaveLength(1)
})

it('of this window is the one that undo takes back, the last first', () => {
  log.add(anAnswer({ answer_id: 'a1' }))
  log.add(anAnswer({ answer_id: 'a2' }))
  log.add(anAnswer({ answer_id: 'a3', can_undo: false }))
  expect(log.undoable?.answer_id).toBe('a2')
})

it('taken back is followed until all is as it was', async () => {
  log.add(anAnswer())
  fake.told = [anAnswer({ status: 'undone', can_undo: false })]
  await log.undo('a1')
  await vi.waitFor(() => expect(fake.ended.at(-1)?.status).toBe('undone'))
  expect(log.undoable).toBeNull()
})

it('given before are listed page by page, each once', async () => {
  log.add(anAnswer({ answer_id: 'a3' }))
  fake.pages = [
    { items: [anAnswer({ answer_id: 'a3' }), anAnswer({ answer_id: 'a2' })], next_cursor: 'c' },
    { items: [anAnswer({ answer_id: 'a1' })], next_cursor: null },
  ]
  await log.loadMore()
  await log.loadMore()
  expect(log.items.map((one) => one.answer_id)).toEqual(['a3', 'a2', 'a1'])
  expect(log.complete).toBe(true)
})
