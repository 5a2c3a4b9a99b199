// What was answered, newest first: followed until its photos are changed, and taken back where somebody says so.
import type { Answered, AnsweredPage } from '../api/types'
import { isAtWork } from './words'

export interface AnswerPorts {
  page(cursor: string | undefined): Promise<AnsweredPage>
  one(answerId: string): Promise<Answered>
  undo(answerId: string): Promise<Answered>
  /** Its photos are changed, or as they were. */
  through(answered: Answered): void
  pause(milliseconds: number): Promise<void>
}

const LOOKED_MS = 700
const LOOKED_AFTER_TROUBLE_MS = 4_000

export class AnswerLog {
  items = $state.raw<Answered[]>([])
  loaded = $state(false)
  loading = $state(false)
  complete = $state(false)
  error = $state<unknown>(null)
  /** Ids of the answers given in this window, the newest first. */
  given = $state.raw<string[]>([])
  readonly latest = $derived(this.items.find((one) => one.answer_id === this.given[0]) ?? null)
  readonly #ports: AnswerPorts
  readonly #followed = new Set<string>()
  #cursor: string | undefined
  #inFlight: Promise<void> | null = null

  constructor(ports: AnswerPorts) {
    this.#ports = ports
  }

  /** Load the next answers; calls that overlap share one request. */
  loadMore(): Promise<void> {
    if (this.complete) return Promise.resolve()
    this.#inFlight ??= this.#load()
    return this.#inFlight
  }

  /** An answer was given just now. */
  add(answered: Answered): void {
    this.given = [answered.answer_id, ...this.given]
    this.#take(answered)
  }

  /** The newest answer of this window that can still be taken back, or of any. */
  get undoable(): Answered | null {
    const mine = this.given.flatMap((id) => this.items.find((one) => one.answer_id === id) ?? [])
    return [...mine, ...this.items].find((one) => one.can_undo) ?? null
  }

  async undo(answerId: string): Promise<Answered> {
    const undone = await this.#ports.undo(answerId)
    this.#take(undone)
    if (!isAtWork(undone)) this.#ports.through(undone)
    return undone
  }

  /** Show an answer as it is now, and follow it while something is to be done. */
  #take(answered: Answered): void {
    const isKnown = this.items.some((one) => one.answer_id === answered.answer_id)
    this.items = isKnown ? this.#with(answered) : [answered, ...this.items]
    if (isAtWork(answered) && !this.#followed.has(answered.answer_id)) void this.#follow(answered)
    else if (!isKnown && answered.status === 'done') this.#ports.through(answered)
  }

  #with(answered: Answered): Answered[] {
    return this.items.map((one) => (one.answer_id === answered.answer_id ? answered : one))
  }

  async #follow(answered: Answered): Promise<void> {
    const { answer_id: id } = answered
    this.#followed.add(id)
    let current = answered
    while (isAtWork(current)) {
      let pause = LOOKED_MS
      try {
        current = await this.#ports.one(id)
        this.items = this.#with(current)
      } catch {
        pause = LOOKED_AFTER_TROUBLE_MS
      }
      if (isAtWork(current)) await this.#ports.pause(pause)
    }
    this.#followed.delete(id)
    this.#ports.through(current)
  }

  async #load(): Promise<void> {
    this.loading = true
    this.error = null
    try {
      const page = await this.#ports.page(this.#cursor)
      const known = new Set(this.items.map((one) => one.answer_id))
      const found = page.items.filter((one) => !known.has(one.answer_id))
      this.items = [...this.items, ...found]
      this.#cursor = page.next_cursor ?? undefined
      this.complete = page.next_cursor === null
      this.loaded = true
      for (const one of found) if (isAtWork(one)) void this.#follow(one)
    } catch (error) {
      this.error = error
    } finally {
      this.#inFlight = null // before `loading` changes: whoever waits for that may ask for more at once
      this.loading = false
    }
  }
}
