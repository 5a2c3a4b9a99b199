// What a person is about to answer: the default until something is unticked, moved or typed.
import { SvelteSet } from 'svelte/reactivity'

import type { Answer, Answered, Point, Question } from '../api/types'

/** How a question is put: by its kind, and one that this app does not know by what it is made of. */
export type Control =
  'ticks' | 'stays' | 'choice' | 'place' | 'date' | 'clock' | 'name' | 'word' | 'keep' | 'check' | 'plain'

const CONTROLS: Record<string, Control> = {
  label: 'ticks',
  places: 'stays',
  beside: 'stays',
  'two-labels': 'choice',
  place: 'place',
  date: 'date',
  clock: 'clock',
  event: 'name',
  'same-place': 'name',
  burst: 'keep',
  thing: 'word',
  missing: 'word',
  check: 'check',
}

/** Kinds whose plain "no" says something: the others are not sure, or skipped. */
const NO: Record<string, string> = {
  label: 'None of them',
  places: 'None of these',
  beside: 'No',
  'two-labels': 'Neither',
  clock: 'The clock was right',
  burst: 'Keep all',
  check: 'None is right',
}

export function controlOf(question: Question): Control {
  const known = CONTROLS[question.kind]
  if (known) return known
  const type = question.default?.type
  if (question.items.length > 0) return 'stays'
  if (question.options.length > 1) return 'choice'
  if (type === 'yes' && question.shown.length > 0) return 'ticks'
  if (type === 'named') return question.shown.length > 0 ? 'word' : 'name'
  const byType: Partial<Record<Answered['answer']['type'], Control>> = {
    where: 'place',
    when: 'date',
    off: 'clock',
    keep: 'keep',
  }
  return (type && byType[type]) ?? 'plain'
}

/** What can be ticked: photos of a grid, stays, or earlier answers. */
export function tickable(question: Question): string[] {
  switch (controlOf(question)) {
    case 'ticks':
    case 'word':
    case 'keep':
      return question.shown.map((photo) => photo.photo_id)
    case 'stays':
      return question.items.map((item) => item.key)
    case 'check':
      return String(question.facts['answers'] ?? '')
        .split(' ')
        .filter(Boolean)
    default:
      return []
  }
}

export class Reply {
  readonly question: Question
  readonly control: Control
  readonly keys: readonly string[]
  readonly ticked: SvelteSet<string>
  /** What began unticked, as it is doubtful. */
  readonly doubtful: readonly string[]
  name = $state('')
  point = $state.raw<Point | null>(null)
  /** The name of the place at which the pin was put; empty where it was put by hand. */
  town = $state('')
  /** By the clock of the place: 2019-06-03T12:00. */
  at = $state('')
  shiftSeconds = $state(0)
  chosen = $state<string | null>(null)
  /** Whether anything was changed by hand. */
  touched = $state(false)
  /** Whether something is being typed that says nothing yet. */
  #isTyping = $state(false)

  constructor(question: Question) {
    this.question = question
    this.control = controlOf(question)
    this.keys = tickable(question)
    const start = question.default
    const keeps = start?.type === 'keep' ? start.photo_ids : this.keys
    this.doubtful = start?.type === 'yes' ? (start.but_not ?? []) : []
    this.ticked = new SvelteSet(
      this.keys.filter((key) => keeps.includes(key) && !this.doubtful.includes(key)),
    )
    this.point = guessOf(question)
    if (start?.type === 'when') this.at = start.at.slice(0, 16)
    if (start?.type === 'off') this.shiftSeconds = start.shift_seconds
    if (start?.type === 'which') this.chosen = start.name
    if (start?.type === 'named') this.name = start.name
  }

  /** Whether the person is at it, so that nothing may take its place. */
  get hasBegun(): boolean {
    return this.touched || this.#isTyping
  }

  /** What would be sent now; null while something is missing. */
  get answer(): Answer | null {
    const { question } = this
    switch (this.control) {
      case 'ticks':
      case 'stays':
      case 'check':
        return this.ticked.size === 0 ? { type: 'no' } : { type: 'yes', but_not: this.unticked }
      case 'keep':
        return this.ticked.size === 0
          ? null
          : { type: 'keep', photo_ids: this.keys.filter((key) => this.ticked.has(key)) }
      case 'choice':
        return this.chosen === null ? null : { type: 'which', name: this.chosen }
      case 'place':
        return this.point && { type: 'where', ...this.point }
      case 'date':
        return isWallClock(this.at) ? { type: 'when', at: `${this.at}:00Z` } : null
      case 'clock':
        return this.shiftSeconds === 0 ? null : { type: 'off', shift_seconds: this.shiftSeconds }
      case 'name':
      case 'word': {
        const name = this.name.trim()
        const nothing = name === '' || (this.control === 'word' && this.ticked.size === 0)
        return nothing ? null : { type: 'named', name, but_not: this.unticked }
      }
      default:
        return question.default && isSaid(question.default) ? question.default : null
    }
  }

  /** What "no" is called here, and says; null where there is none. */
  get no(): { text: string; answer: Answer } | null {
    const text = this.control === 'stays' && this.keys.length === 1 ? 'No' : NO[this.question.kind]
    if (!text) return null
    return {
      text,
      answer: this.control === 'keep' ? { type: 'keep', photo_ids: [...this.keys] } : { type: 'no' },
    }
  }

  get unticked(): string[] {
    return this.keys.filter((key) => !this.ticked.has(key))
  }

  toggle(key: string): void {
    if (!this.keys.includes(key)) return
    if (!this.ticked.delete(key)) this.ticked.add(key)
    this.touched = true
  }

  /** Something is being typed: a town to look up, or a part of a date. */
  type(): void {
    this.#isTyping = true
  }

  put(point: Point, town = ''): void {
    this.point = point
    this.town = town
    this.touched = true
  }

  /** Put the pin back where it was guessed. */
  putBack(): void {
    this.point = guessOf(this.question)
    this.town = ''
    this.touched = false
  }

  date(at: string): void {
    this.at = at
    this.touched = true
  }

  shift(seconds: number): void {
    this.shiftSeconds = seconds
    this.touched = true
  }

  call(name: string): void {
    this.name = name
    this.touched = true
  }
}

/** Where the pin is set before. */
function guessOf({ default: start }: Question): Point | null {
  return start?.type === 'where' ? { latitude: start.latitude, longitude: start.longitude } : null
}

/** That it is skipped, or never asked again, is no answer to send as one. */
function isSaid(answer: Answered['answer']): answer is Answer {
  return answer.type !== 'skip' && answer.type !== 'never'
}

function isWallClock(at: string): boolean {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(at) && !Number.isNaN(Date.parse(`${at}:00Z`))
}

/** Whether the same is asked of the same, so that one body may take the place of the other while somebody looks. */
export function asksTheSame(one: Question, other: Question): boolean {
  const asked = ({ question_id, prompt, default: start, choices, items, shown, options }: Question) => {
    const photos = shown.map((photo) => photo.photo_id)
    return JSON.stringify([question_id, prompt, start, choices, items, photos, options])
  }
  return asked(one) === asked(other)
}
