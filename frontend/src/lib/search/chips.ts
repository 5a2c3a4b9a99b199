// The search box as chips with a text that is being written among them: what editing does, without a page.
import type { SearchPart } from '../api/types'
import { joined } from './query-text'

export interface Chip {
  /** As it stands in the search. */
  text: string
  kind: string
  /** What it says. */
  name: string
  /** True where nothing in the library goes by its name. */
  isUnknown: boolean
}

export interface Box {
  chips: readonly Chip[]
  draft: string
  /** How many chips stand before the draft. */
  at: number
}

export const EMPTY: Box = { chips: [], draft: '', at: 0 }

/** Words that name no thing but a time. */
const TIME = /^(\d{4}(-\d{2}){0,2}|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)$/i

const NAMED = new Set(['text', 'label', 'place', 'camera', 'lens', 'album', 'word'])

export function chipOf(part: SearchPart): Chip {
  const known = part.meanings[0]
  const not = part.negated ? 'not ' : ''
  // An exact value (an album's id, a place's path) is written in quotes: what it names says more.
  const name = part.quoted && known ? not + known.name : part.name
  const isNothing = NAMED.has(part.kind) && known === undefined && !TIME.test(part.value)
  return { text: part.text, kind: part.kind, name, isUnknown: isNothing && !part.negated }
}

export function boxOf(parts: readonly SearchPart[]): Box {
  return { chips: parts.map(chipOf), draft: '', at: parts.length }
}

/** All in one text, to be put right where it can't be read. */
export function written(text: string): Box {
  return { chips: [], draft: text, at: 0 }
}

export function textOfBox({ chips, draft, at }: Box): string {
  const texts = chips.map((chip) => chip.text)
  return joined([...texts.slice(0, at), draft, ...texts.slice(at)])
}

/** Take up a chip again as text; what was being written becomes a chip of its own. */
export function edited(box: Box, index: number): Box {
  const chosen = box.chips[index]
  if (!chosen) return box
  const draft = box.draft.trim()
  const chips = [...box.chips]
  let at = index
  if (draft) {
    chips.splice(box.at, 0, { text: draft, kind: 'text', name: draft, isUnknown: false })
    if (box.at <= index) at += 1
  }
  chips.splice(at, 1)
  return { chips, draft: chosen.text, at }
}

export function removed(box: Box, index: number): Box {
  if (!box.chips[index]) return box
  const chips = box.chips.filter((_, place) => place !== index)
  return { ...box, chips, at: index < box.at ? box.at - 1 : box.at }
}
