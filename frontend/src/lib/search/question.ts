// The question about a search: when it is worth asking, and what its buttons say.
import type { SearchQuestion } from '../api/types'
import { formatNumber } from '../ui/locale'

/** Photos that can be looked through; about fewer the API asks nothing either. */
const FEW = 60

/** Whether a list of hits is so short, or so long, that a question may help. */
export function isWorthAsking(list: { photos: readonly unknown[]; complete: boolean }): boolean {
  return list.photos.length > FEW || (list.complete && list.photos.length === 0)
}

/** What a choice says besides its name: how many photos it finds. */
export function countOf(question: SearchQuestion, photos: number): string {
  if (!question.is_estimate) return formatNumber(photos)
  return question.about === 'empty' ? `${formatNumber(photos)}+` : `about ${formatNumber(rounded(photos))}`
}

/** A number reckoned from a sample, to two digits. */
function rounded(photos: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(photos || 1)) - 1)
  return Math.round(photos / step) * step
}
