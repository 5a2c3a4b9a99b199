// The questions of the person signed in, joined to the API and to the lists that answers change.
import { ApiError } from '../api/problem'
import type { Answer, Answered, GridPhoto, Question } from '../api/types'
import { announce } from '../photos/changes'
import { timeline } from '../timeline/timeline.svelte'
import { toasts } from '../ui/toasts.svelte'
import { AnswerLog } from './answer-log.svelte'
import { answersPage, askQuestions, oneAnswer, sendAnswer, sendNever, sendSkip, undoAnswer } from './calls'
import { QuestionQueue } from './question-queue.svelte'

const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => window.setTimeout(resolve, milliseconds))
const HEARD_MS = 400
const CARDS_KEPT = 500

class Questions {
  readonly queue = new QuestionQueue({ ask: askQuestions, pause })
  readonly log = new AnswerLog({
    page: answersPage,
    one: oneAnswer,
    undo: undoAnswer,
    through: (answered) => this.#through(answered),
    pause,
  })
  /** True while an answer is on its way. */
  sending = $state(false)
  /** How many are worth asking, for the navigation; nothing once it is enough for today. */
  readonly count = $derived(this.queue.enough ? 0 : this.queue.items.length)
  readonly #asked = new Map<string, Question>()
  readonly #cards = new Map<string, GridPhoto>()
  #hearing: number | undefined
  #sent: { what: string; key: string } | null = null

  /** The server says that asking again is worth it. */
  hear(): void {
    if (this.#hearing !== undefined) return
    this.#hearing = window.setTimeout(() => {
      this.#hearing = undefined
      void this.queue.refresh()
    }, HEARD_MS)
  }

  answer(question: Question, answer: Answer): Promise<boolean> {
    return this.#send(question, JSON.stringify(answer), (key) => sendAnswer(question, answer, key))
  }

  skip(question: Question): Promise<boolean> {
    return this.#send(question, 'skip', (key) => sendSkip(question, key))
  }

  never(question: Question): Promise<boolean> {
    return this.#send(question, 'never', (key) => sendNever(question, key))
  }

  /** Take back an answer, the last one where none is named. */
  async undo(answered: Answered | null = this.log.undoable): Promise<void> {
    if (!answered || this.sending) return
    this.sending = true
    try {
      const undone = await this.log.undo(answered.answer_id)
      const question = this.#asked.get(answered.answer_id)
      this.queue.back(undone.question_id, undone.jobs.length === 0 ? question : undefined)
    } catch (error) {
      toasts.error(error)
    } finally {
      this.sending = false
    }
  }

  /** The question that was answered, where that was in this window. */
  asked(answerId: string): Question | undefined {
    return this.#asked.get(answerId)
  }

  /** A photo that a question has shown. */
  card(photoId: string): GridPhoto | undefined {
    return this.#cards.get(photoId)
  }

  async #send(question: Question, said: string, send: (key: string) => Promise<Answered>): Promise<boolean> {
    if (this.sending || this.queue.isSudden) return false
    this.sending = true
    // The same key where the same is said again, because its answer was lost on the way.
    const what = `${question.question_id} ${said}`
    if (this.#sent?.what !== what) this.#sent = { what, key: crypto.randomUUID() }
    try {
      const answered = await send(this.#sent.key)
      this.#sent = null
      this.#remember(answered, question)
      this.log.add(answered)
      this.queue.took(question)
      return true
    } catch (error) {
      if (error instanceof ApiError && (error.status === 404 || error.status === 409)) {
        toasts.note('That question has settled itself meanwhile. Here is the next.')
        this.queue.gone(question)
      } else toasts.error(error)
      return false
    } finally {
      this.sending = false
    }
  }

  #remember(answered: Answered, question: Question): void {
    this.#asked.set(answered.answer_id, question)
    for (const card of [...question.sample, ...question.shown]) this.#cards.set(card.photo_id, card)
    for (const id of [...this.#cards.keys()].slice(0, Math.max(0, this.#cards.size - CARDS_KEPT)))
      this.#cards.delete(id)
  }

  #through(answered: Answered): void {
    if (answered.photo_ids.length > 0 || answered.changed > 0 || answered.jobs.length > 0) {
      announce({ kind: 'bulk', photoIds: [...answered.photo_ids] })
      if (timeline.loaded) void timeline.load()
    }
    void this.queue.refresh()
  }
}

export const questions = new Questions()
