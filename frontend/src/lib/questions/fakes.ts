// What tests of questions start from: bodies as the API sends them, and a library's side of the talk in memory.
import { photo } from '../timeline/fakes'
import type { AnswerPorts } from './answer-log.svelte'
import type { Answered, AnsweredPage, Question, QuestionPage } from '../api/types'
import type { QuestionPorts } from './question-queue.svelte'

export function aQuestion(more: Partial<Question> = {}): Question {
  return {
    question_id: 'place-1',
    kind: 'place',
    prompt: 'Where were you, 15 June 2024?',
    why: 'Photos from before or after have a place, these don’t.',
    mends: '214 photos get a place',
    photos: 214,
    seconds: 6,
    value: 3,
    default: { type: 'where', latitude: 38.71, longitude: -9.14 },
    place: 'Lisbon, Portugal',
    choices: [],
    items: [],
    shown: [],
    sample: [],
    can_be_parted: false,
    options: [],
    facts: {},
    since: '2024-06-15T10',
    until: '2024-06-15T18',
    ...more,
  }
}

export function aGrid(count: number, more: Partial<Question> = {}): Question {
  const shown = Array.from({ length: count }, (_, index) => photo(index, '2024-06-15T12:00:00Z'))
  return aQuestion({
    question_id: 'label-1',
    kind: 'label',
    default: { type: 'yes', but_not: [] },
    shown,
    ...more,
  })
}

export function anAnswer(more: Partial<Answered> = {}): Answered {
  return {
    answer_id: 'a1',
    question_id: 'place-1',
    kind: 'place',
    prompt: 'Where were you, 15 June 2024?',
    mends: '214 photos get a place',
    answer: { type: 'where', latitude: 38.71, longitude: -9.14 },
    place: 'Lisbon',
    at: '2026-01-01T12:00:00Z',
    status: 'done',
    held_because: null,
    refuted: false,
    photos: 214,
    changed: 214,
    failed: 0,
    can_undo: true,
    jobs: ['a1.0'],
    photo_ids: ['photo-1'],
    ...more,
  }
}

export class FakeQuestions implements QuestionPorts {
  pages: Partial<QuestionPage>[] = []
  asked = 0
  fails = false
  /** Done in each pause. */
  paused: () => void = () => undefined

  async ask(): Promise<QuestionPage> {
    await Promise.resolve()
    this.asked += 1
    if (this.fails) throw new Error('The connection was lost.')
    const page = this.pages.length > 1 ? this.pages.shift() : this.pages[0]
    return { items: [], next_cursor: null, budget_left: 20, pending: 0, ...page }
  }

  async pause(): Promise<void> {
    await Promise.resolve()
    this.paused()
  }
}

export class FakeAnswers implements AnswerPorts {
  pages: AnsweredPage[] = [{ items: [], next_cursor: null }]
  /** What is told of an answer, one after another; the last one for good. */
  told: Answered[] = []
  ended: Answered[] = []
  undone: string[] = []
  failures = 0

  async page(): Promise<AnsweredPage> {
    await Promise.resolve()
    return this.pages.shift() ?? { items: [], next_cursor: null }
  }

  async one(): Promise<Answered> {
    await Promise.resolve()
    if (this.failures > 0) {
      this.failures -= 1
      throw new Error('The connection was lost.')
    }
    const now = this.told.length > 1 ? this.told.shift() : this.told[0]
    if (!now) throw new Error('Nothing to tell')
    return now
  }

  async undo(answerId: string): Promise<Answered> {
    await Promise.resolve()
    this.undone.push(answerId)
    return anAnswer({ answer_id: answerId, status: 'undoing', can_undo: false })
  }

  through(answered: Answered): void {
    this.ended.push(answered)
  }

  async pause(): Promise<void> {
    await Promise.resolve()
  }
}
