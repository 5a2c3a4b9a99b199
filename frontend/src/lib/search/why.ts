// Why a photo was found, in a few words.
import type { Match } from '../api/types'

const HOWS: Partial<Record<Match['how'], string>> = { confirmed: 'confirmed', synonym: 'similar' }
const KINDS: Record<string, string> = { filename: 'file name', word: 'word' }

export function whyOf({ kind, name, confidence, how }: Match): string {
  const sure = confidence === null || how === 'confirmed' ? null : `${Math.round(confidence * 100)} %`
  const what = kind in KINDS ? `${KINDS[kind] ?? kind} “${name}”` : name
  return [what, HOWS[how] ?? null, sure].filter(Boolean).join(', ')
}

export function whyText(matches: readonly Match[]): string {
  return [...new Set(matches.map(whyOf))].join(' · ')
}
