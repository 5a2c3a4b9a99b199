// Which question is shown: the best one, until it is answered, whatever comes in meanwhile.
import { beforeEach, describe, expect, it, vi } from 'vitest'

import { aGrid, aQuestion, FakeQuestions } from './fakes'
import { QuestionQueue } from './question-queue.svelte'

const [first, second, third] = ['1', '2', '3'].map((id) => aQuestion({ question_id: id })) as [
  ReturnType<typeof aQuestion>,
  ReturnType<typeof aQuestion>,
  ReturnType<typeof aQuestion>,
]

let fake: FakeQuestions
let queue: QuestionQueue

beforeEach(() => {
  fake = new FakeQuestions()
  queue = new QuestionQueue(fake)
})

const ids = () => queue.items.map((one) => one.question_id)

describe('a question that is looked at', () => {
  it('stays where a better one comes in', async () => {
    fake.pages = [{ items: [first] }, { items: [second, first] }]
    await queue.refresh()
    const release = queue.hold(() => false)
    await queue.refresh()
    expect(ids()).toEqual(['1', '2'])
    release()
    await queue.refresh()
    expect(ids()).toEqual(['2', '1'])
  })

  it('stays as it was shown where other photos would be asked about', async () => {
    fake.pages = [{ items: [aGrid(2)] }, { items: [aGrid(3)] }]
    await queue.refresh()
    queue.hold(() => false)
    await queue.refresh()
    expect(queue.current?.shown).toHaveLength(2)
  })

  it('goes where it is not asked any more, and what was pressed just then counts for nothing', async () => {
    fake.pages = [{ items: [first] }, { items: [second] }]
    await queue.refresh()
    queue.hold(() => false)
    expect(queue.isSudden).toBe(false)
    await queue.refresh()
    expect(ids()).toEqual(['2'])
    expect(queue.isSudden).toBe(true)
  })

  it('stays where the person has begun to answer it, or where it may be on another page', async () => {
    fake.pages = [{ items: [first] }, { items: [second] }]
    await queue.refresh()
    queue.hold(() => true)
    await queue.refresh()
    expect(ids()).toEqual(['1', '2'])

    const other = new QuestionQueue(fake)
    fake.pages = [{ items: [first] }, { items: [second], next_cursor: 'c' }]
    await other.refresh()
    other.hold(() => false)
    await other.refresh()
    expect(other.items.map((one) => one.question_id)).toEqual(['1', '2'])
  })

  it('loses a guess that is not offered any more, unless the person has begun to answer it', async () => {
    const pages = [{ items: [first] }, { items: [{ ...first, default: null }] }]
    fake.pages = [...pages]
    await queue.refresh()
    const release = queue.hold(() => true)
    await queue.refresh()
    expect([queue.current?.default, queue.isSudden]).toEqual([first.default, false])

    release()
    queue.hold(() => false)
    fake.pages = [{ items: [{ ...first, default: null }] }]
    await queue.refresh()
    expect([queue.current?.default, queue.isSudden]).toEqual([null, true])
  })

  it('says anew how much it mends', async () => {
    fake.pages = [{ items: [first] }, { items: [{ ...first, mends: '215 photos get a place' }] }]
    await queue.refresh()
    queue.hold(() => false)
    await queue.refresh()
    expect(queue.current?.mends).toBe('215 photos get a place')
  })
})

describe('an answer', () => {
  it('leads to the next question and is not undone by an answer that was under way', async () => {
    fake.pages = [{ items: [first, second] }]
    await queue.refresh()
    queue.took(first)
    expect(queue.current?.question_id).toBe('2')
    await queue.refresh()
    expect(ids()).toEqual(['2'])
  })

  it('that is taken back brings its question back to the front', async () => {
    fake.pages = [{ items: [first, second] }]
    await queue.refresh()
    queue.hold(() => false)
    queue.took(first)
    queue.back('1', first)
    expect(ids()).toEqual(['1', '2'])
  })

  it('that is taken back stays back where a request of before says that nobody asks it', async () => {
    fake.pages = [{ items: [first, second] }, { items: [second] }, { items: [second, first] }]
    await queue.refresh()
    queue.hold(() => false)
    queue.took(first)
    queue.back('1', first)
    await queue.refresh()
    expect([fake.asked, ids()]).toEqual([3, ['1', '2']])
  })

  it('that is taken back stays back until all has been looked at anew, and goes if it is not asked then', async () => {
    fake.pages = [{ items: [first, second] }, { items: [second] }]
    await queue.refresh()
    queue.hold(() => false)
    queue.took(first)
    await queue.refresh()
    fake.pages = [{ items: [second], pending: 2 }, { items: [second, first] }]
    queue.back('1', first)
    await queue.refresh()
    expect(ids()).toEqual(['1', '2'])

    queue.took(first)
    fake.pages = [{ items: [second] }]
    await queue.refresh()
    fake.pages = [{ items: [second], pending: 2 }, { items: [second] }]
    queue.back('1', first)
    await vi.waitFor(() => expect(ids()).toEqual(['2']))
  })

  it('that is taken back over many photos brings its question back once it is asked again', async () => {
    fake.pages = [
      { items: [first, second] },
      { items: [second] },
      { items: [second] },
      { items: [second, first] },
    ]
    await queue.refresh()
    queue.hold(() => false)
    queue.took(first)
    await queue.refresh()
    queue.back('1')
    await vi.waitFor(() => expect(ids()).toEqual(['1', '2']))
  })

  it('to a question that has gone leads to the next one', async () => {
    fake.pages = [{ items: [first, second] }, { items: [second, third] }]
    await queue.refresh()
    queue.hold(() => false)
    queue.gone(first)
    await vi.waitFor(() => expect(ids()).toEqual(['2', '3']))
  })
})

it('after the day’s budget it is enough, until the person goes on', async () => {
  fake.pages = [{ items: [first], budget_left: 0 }]
  await queue.refresh()
  expect([queue.enough, queue.current]).toEqual([true, null])
  queue.goesOn = true
  expect(queue.current?.question_id).toBe('1')
})

it('asks again while the library is still being looked at', async () => {
  fake.pages = [{ pending: 8 }, { pending: 2 }, { items: [first] }]
  await queue.refresh()
  expect([fake.asked, ids()]).toEqual([3, ['1']])
})

it('asks once more where somebody answers while it waits for the last time', async () => {
  fake.pages = [{ pending: 1, items: [first, second] }]
  await queue.refresh()
  const most = fake.asked
  fake.paused = () => {
    if (fake.asked === 2 * most) queue.took(first)
  }
  await queue.refresh()
  expect(fake.asked).toBeGreaterThan(2 * most)
})

it('calls that overlap end in one more request', async () => {
  fake.pages = [{ items: [first] }]
  await Promise.all([queue.refresh(), queue.refresh(), queue.refresh()])
  expect(fake.asked).toBe(2)
})

it('keeps what it has where the connection is lost', async () => {
  fake.pages = [{ items: [first] }]
  await queue.refresh()
  fake.fails = true
  await queue.refresh()
  expect(ids()).toEqual(['1'])
  expect(queue.error).toBeInstanceOf(Error)
})
