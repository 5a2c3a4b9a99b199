// The questions that are worth asking, best first; the one that is shown stays until it is answered.
import type { Question, QuestionPage } from '../api/types'
import { asksTheSame } from './reply.svelte'

export interface QuestionPorts {
  ask(): Promise<QuestionPage>
  pause(milliseconds: number): Promise<void>
}

const AGAIN_MS = 1_200
/** While the server has groups that it has not looked at, it is asked again, but not for ever. */
const MOST_TIMES_AGAIN = 20
/** So few are left that more are asked for. */
const FEW = 3
const SUDDEN_MS = 500

export class QuestionQueue {
  items = $state.raw<Question[]>([])
  loaded = $state(false)
  error = $state<unknown>(null)
  budgetLeft = $state(0)
  /** Whether there are more than those in hand. */
  more = $state(false)
  /** Groups of photos that nobody has looked at yet. */
  pending = $state(0)
  /** The day's budget is spent, and the person goes on all the same. */
  goesOn = $state(false)
  readonly enough = $derived(this.loaded && this.budgetLeft === 0 && !this.goesOn)
  readonly current = $derived(this.enough ? null : (this.items[0] ?? null))
  readonly #ports: QuestionPorts
  /** Answered here: an answer to a request that was sent before must not bring them back. */
  readonly #given = new Set<string>()
  readonly #holders = new Set<() => boolean>()
  #replacedAt = -Infinity
  /** Its answer was taken back: it comes first once it is asked again. */
  #returning: string | null = null
  /** How many answers were taken back here. */
  #returns = 0
  #inFlight: Promise<void> | null = null
  #again = false

  constructor(ports: QuestionPorts) {
    this.#ports = ports
  }

  /**
   * A question is being looked at: until the returned function is called no better one takes its place. One that is
   * not asked any more goes all the same, unless the person has begun to answer it.
   */
  hold(hasBegun: () => boolean): () => void {
    this.#holders.add(hasBegun)
    return () => this.#holders.delete(hasBegun)
  }

  /** Whether another question has just come up by itself, so that a press may have been meant for the one before. */
  get isSudden(): boolean {
    return Date.now() - this.#replacedAt < SUDDEN_MS
  }

  /** Ask what is worth asking now; calls that overlap end in one more request after the one under way. */
  refresh(): Promise<void> {
    if (this.#inFlight) this.#again = true
    else this.#inFlight = this.#refresh()
    return this.#inFlight ?? Promise.resolve()
  }

  /** It was answered: the next one, please. */
  took(question: Question): void {
    this.#given.add(question.question_id)
    this.items = this.items.filter((one) => one.question_id !== question.question_id)
    this.budgetLeft = Math.max(0, this.budgetLeft - 1)
    void this.refresh()
  }

  /** It is no longer there to be answered. */
  gone(question: Question): void {
    this.items = this.items.filter((one) => one.question_id !== question.question_id)
    void this.refresh()
  }

  /** Its answer was taken back. It comes first again: at once where nothing has to be undone before. */
  back(questionId: string, question?: Question): void {
    this.#returns += 1
    this.#given.delete(questionId)
    this.budgetLeft += 1
    this.#returning = questionId
    if (question) this.items = [question, ...this.items.filter((one) => one.question_id !== questionId)]
    void this.refresh()
  }

  get isRunningOut(): boolean {
    return this.items.length < FEW && this.more
  }

  async #refresh(): Promise<void> {
    try {
      for (let times = 0; times <= MOST_TIMES_AGAIN; times++) {
        this.#again = false
        const returns = this.#returns
        const page = await this.#ports.ask()
        // Sent before an answer was taken back, it knows nothing of the question that came back; another one follows.
        if (returns === this.#returns) this.#take(page)
        if (!this.#again && page.pending === 0) break
        if (!this.#again) await this.#ports.pause(AGAIN_MS)
        if (this.#again) times = 0
      }
    } catch (error) {
      this.error = error
    } finally {
      this.#inFlight = null
      if (this.#again) void this.refresh()
    }
  }

  #take(page: QuestionPage): void {
    const there = page.items.filter((one) => !this.#given.has(one.question_id))
    const shown = this.#holders.size > 0 ? this.items[0] : undefined
    const now = there.find((one) => one.question_id === shown?.question_id)
    const returned = there.find((one) => one.question_id === this.#returning)
    const hasBegun = [...this.#holders].some((begun) => begun())
    const isBack = shown !== undefined && shown.question_id === this.#returning
    if (isBack && now) this.#returning = null
    if (returned && !hasBegun && !isBack) {
      if (shown) this.#replacedAt = Date.now()
      this.#returning = null
      this.items = [returned, ...there.filter((one) => one !== returned)]
    } else if (
      shown &&
      (now !== undefined || !isGone(shown, page) || hasBegun || (isBack && page.pending > 0))
    ) {
      const isAnew = now !== undefined && !hasBegun && isGuessedAnew(now, shown)
      if (isAnew) this.#replacedAt = Date.now()
      const same = now && asksTheSame(now, shown) ? { ...now, shown: shown.shown } : shown
      this.items = [isAnew ? now : same, ...there.filter((one) => one.question_id !== shown.question_id)]
    } else {
      if (shown) this.#replacedAt = Date.now()
      this.items = there
    }
    this.budgetLeft = page.budget_left
    this.pending = page.pending
    this.more = page.next_cursor !== null
    this.error = null
    this.loaded = true
  }
}

/** Whether another guess is offered for the same photos, or none any more: what was refused is not left standing. */
function isGuessedAnew(now: Question, shown: Question): boolean {
  const several = [now, shown].some((one) => one.items.length > 0 || one.shown.length > 0)
  return !several && JSON.stringify(now.default) !== JSON.stringify(shown.default)
}

/** Whether a question that is not on the page of the best ones is on none. */
function isGone(question: Question | undefined, { items, next_cursor }: QuestionPage): boolean {
  const last = items.at(-1)
  return question !== undefined && (next_cursor === null || !last || question.value > last.value)
}
