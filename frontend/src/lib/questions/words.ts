// Questions and answers in words: what the buttons say, what was answered, what it has changed.
import { formatNumber, locale, photosText } from '../ui/locale'
import { coordinatesText } from '../viewer/facts'
import type { Answered, Point, Question } from '../api/types'
import type { Reply } from './reply.svelte'

const utc = { timeZone: 'UTC' } as const
const dayFormat = new Intl.DateTimeFormat(locale, { dateStyle: 'long', ...utc })
const shortFormat = new Intl.DateTimeFormat(locale, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  ...utc,
})
const clockFormat = new Intl.DateTimeFormat(locale, {
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
  ...utc,
})

/** A wall clock's "2019-06-03T12:00" as "3 June 2019"; what is none stays as it is. */
export function dayText(at: string, short = false): string {
  const date = new Date(`${at.slice(0, 10)}T00:00:00Z`)
  return Number.isNaN(date.getTime()) ? at : (short ? shortFormat : dayFormat).format(date)
}

/** "2024-06-15T13" and "2024-06-15T18" as "15 Jun 2024, 13–18 h"; several days as "15–17 Jun 2024". */
export function spanText(since: string, until: string): string {
  const [first, last] = [since.slice(0, 10), until.slice(0, 10)]
  const [begins, ends] = [Date.parse(`${first}T00:00:00Z`), Date.parse(`${last}T00:00:00Z`)]
  if (first !== last && begins <= ends) return shortFormat.formatRange(begins, ends)
  const [from, to] = [since.slice(11, 13), until.slice(11, 13)]
  if (!from || !to) return dayText(first, true)
  return `${dayText(first, true)}, ${from === to ? `${from} h` : `${from}–${to} h`}`
}

/** The clock of an RFC 3339 time as it is written, some seconds later: "14:00", and the day where it is another. */
export function clockText(at: string, laterBySeconds = 0): string {
  const wall = Date.parse(`${at.slice(0, 19)}Z`)
  if (Number.isNaN(wall)) return at
  return clockFormat.format(new Date(wall + laterBySeconds * 1000))
}

export function dayLater(at: string, laterBySeconds: number): string {
  const wall = Date.parse(`${at.slice(0, 19)}Z`)
  return Number.isNaN(wall) ? at : shortFormat.format(new Date(wall + laterBySeconds * 1000))
}

/** 7200 as "2 hours later", -5400 as "1 hour 30 minutes earlier". */
export function shiftText(seconds: number): string {
  if (seconds === 0) return 'as it was'
  const minutes = Math.round(Math.abs(seconds) / 60)
  const parts = [
    [Math.floor(minutes / 1440), 'day'],
    [Math.floor(minutes / 60) % 24, 'hour'],
    [minutes % 60, 'minute'],
  ] as const
  const words = parts
    .filter(([count]) => count > 0)
    .map(([count, name]) => `${count} ${name}${count === 1 ? '' : 's'}`)
  return `${words.join(' ')} ${seconds > 0 ? 'later' : 'earlier'}`
}

export function pointText({ latitude, longitude }: Point): string {
  return coordinatesText({ latitude, longitude })
}

/** "Lisbon, Portugal" as "Lisbon": what a button has room for. */
export function shortPlace(place: string | null | undefined): string {
  return place?.split(',')[0] ?? ''
}

/** What a button has room for, as long as no other place is called so: "Paris", or else "Paris, United States". */
export function placeAmong(name: string, places: (string | null)[]): string {
  const short = shortPlace(name)
  return places.some((other) => other !== name && shortPlace(other) === short) ? name : short
}

/** The names of the places that are offered: of the pin, and beside it. */
export function placesOf(question: Question): (string | null)[] {
  return [question.place, ...question.choices.map(({ name }) => name)]
}

/** What the one button says; where nothing can be sent yet, what is to be done first. */
export function mainText(reply: Reply): string {
  const { question, control, ticked, keys } = reply
  const all = keys.length
  switch (control) {
    case 'ticks':
    case 'stays':
      if (ticked.size === 0) return 'None of them'
      if (all === 1) return ['Yes', shortPlace(question.items[0]?.place)].filter(Boolean).join(', ')
      return ticked.size === all ? `Yes, all ${all}` : `Yes, ${ticked.size} of ${all}`
    case 'check':
      if (ticked.size === all) return all === 1 ? 'Yes, it is' : 'Yes, all of it'
      return `Take back ${all - ticked.size}`
    case 'keep':
      if (ticked.size === 0) return 'Tick what to keep'
      return ticked.size === all ? `Keep all ${all}` : `Keep ${ticked.size}, trash ${all - ticked.size}`
    case 'choice':
      return reply.chosen ?? ''
    case 'place':
      if (!reply.point) return 'Set the pin first'
      if (reply.town) return `It was ${placeAmong(reply.town, placesOf(question))}`
      if (reply.touched) return 'It was here'
      return question.place ? `Yes, ${shortPlace(question.place)}` : 'Yes, here'
    case 'date':
      if (!reply.answer) return 'Choose a date first'
      return `${reply.touched ? 'It was' : 'Yes,'} ${dayText(reply.at)}`
    case 'clock':
      if (!reply.answer) return 'Say by how much'
      return `${reply.touched ? 'It was' : 'Yes,'} ${shiftText(reply.shiftSeconds)}`
    case 'name':
    case 'word': {
      const name = reply.name.trim()
      if (!name) return 'Type a name first'
      if (!reply.answer) return 'Tick at least one'
      const some = control === 'word' && ticked.size < all ? ` on ${ticked.size}` : ''
      return `“${name}”${some}`
    }
    default:
      return question.default ? 'Yes' : ''
  }
}

/** What was answered, in a few words. */
export function answerText({ answer, kind, place }: Pick<Answered, 'answer' | 'kind' | 'place'>): string {
  switch (answer.type) {
    case 'yes':
      return answer.but_not?.length ? `Yes, but for ${answer.but_not.length}` : 'Yes'
    case 'no':
      return kind === 'two-labels' ? 'Neither' : 'No'
    case 'where':
      return place ?? pointText(answer)
    case 'when':
      return dayText(answer.at)
    case 'off':
      return shiftText(answer.shift_seconds)
    case 'which':
      return answer.name
    case 'named':
      return `“${answer.name}”`
    case 'keep':
      return `Keep ${answer.photo_ids.length}`
    case 'several':
      return 'They don’t belong together'
    case 'not_sure':
      return 'Not sure'
    case 'skip':
      return 'Skipped'
    case 'never':
      return 'Never ask this'
  }
}

/** Whether an answer changes no photo by what it is. */
export function saysNothing({ answer }: Pick<Answered, 'answer'>): boolean {
  return ['skip', 'never', 'not_sure', 'several'].includes(answer.type)
}

/** What has become of one, and of several. */
const PAST: Record<string, [string, string]> = {
  get: ['got', 'got'],
  gets: ['got', 'got'],
  go: ['went', 'went'],
  goes: ['went', 'went'],
  are: ['is now', 'are now'],
  is: ['is now', 'are now'],
}

/** "214 photos get a place" with what was in fact changed: "211 photos got a place". */
export function mendedText(mends: string, changed: number): string {
  const found = /^[\d.,\s]+photos? (\w+) (.+)$/.exec(mends)
  const [, verb = '', rest = ''] = found ?? []
  const past = PAST[verb]?.[changed === 1 ? 0 : 1]
  return past ? `${photosText(changed)} ${past} ${rest}` : `${photosText(changed)} changed`
}

export function isAtWork({ status }: Pick<Answered, 'status'>): boolean {
  return status === 'working' || status === 'undoing'
}

/** What has become of an answer. */
export function outcomeText(answered: Answered): string {
  const { status, answer, changed, failed, photos, mends, held_because: because } = answered
  if (answered.refuted && status !== 'undoing') return 'A check has said that this is wrong'
  if (status === 'undone') return 'Taken back: everything is as it was'
  if (status === 'undoing') return 'Taking it back'
  switch (answer.type) {
    case 'skip':
      return 'Skipped for today'
    case 'never':
      return 'You won’t be asked this again'
    case 'not_sure':
      return 'Fine. It will rest for a while'
    case 'several':
      return 'Then it is asked about fewer at once'
  }
  if (status === 'held') return `Nothing is changed yet. ${because ?? ''}`.trim()
  if (status === 'working') {
    const done = changed + failed
    return done === 0
      ? `On it: ${mends}`
      : `${formatNumber(done)} of ${formatNumber(Math.max(photos, done))} photos`
  }
  return changed === 0 ? 'Nothing had to be changed' : mendedText(mends, changed)
}

/** Where the photos that an answer was about are found; null where no search says just these. */
export function addressOfChanged({ answer, kind }: Answered, question?: Question): string | null {
  const search = (query: string) => `/search?q=${encodeURIComponent(query)}`
  const quoted = (name: string) => `"${name.replaceAll('"', '')}"`
  if (answer.type === 'where')
    return search(`near:${answer.latitude.toFixed(4)},${answer.longitude.toFixed(4)},2km`)
  if (answer.type === 'named') {
    const field = { event: 'album', 'same-place': 'word' }[kind] ?? 'label'
    return search(`${field}:${quoted(answer.name)}`)
  }
  if (answer.type === 'which') return search(`label:${quoted(answer.name)}`)
  if (answer.type === 'when') return search(`date:${answer.at.slice(0, 10)}`)
  if (answer.type === 'keep') return '/trash'
  const label = question?.facts['label']
  if (answer.type === 'yes' && typeof label === 'string') return search(`label:${quoted(label)}`)
  return null
}
