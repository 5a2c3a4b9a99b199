// The question about a search: when it is worth asking, and what its buttons say.
import type { Match, SearchQuestion } from '../api/types'
import { formatNumber } from '../ui/locale'

/** Photos that can be looked through; about fewer the API asks nothing either. */
const FEW = 60

/** Surer labels are not asked about. */
const SURE = 0.85

/** Whether a list of hits is so short, so long, or so doubtful, that a question may help. */
export function isWorthAsking(list: {
  photos: readonly { matches?: readonly Pick<Match, 'kind' | 'confidence'>[] }[]
  complete: boolean
}): boolean {
  const { photos, complete } = list
  if (photos.length === 0) return complete
  const doubtful = photos.filter(({ matches = [] }) =>
    matches.some(({ kind, confidence }) => kind === 'label' && confidence !== null && confidence < SURE),
  )
  return photos.length > FEW || 3 * doubtful.length >= photos.length
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
