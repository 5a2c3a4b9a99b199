// Words and figures for the upload panel.
import type { UploadEntry, UploadState } from './entry.svelte'
import { formatNumber } from '../ui/locale'

const WORDS: Record<UploadState, string> = {
  queued: 'Waiting',
  hashing: 'Reading',
  checking: 'Checking for duplicates',
  uploading: 'Uploading',
  processing: 'Processing',
  ready: 'Ready',
  duplicate: 'Already in your library',
  rejected: 'Not accepted',
  failed: 'Failed',
  cancelled: 'Cancelled',
}

export function describe(entry: Pick<UploadEntry, 'state' | 'reason' | 'fraction'>): string {
  if (entry.reason) return entry.reason
  const percent = entry.fraction > 0 && entry.fraction < 1 ? ` ${Math.floor(entry.fraction * 100)} %` : ''
  return WORDS[entry.state] + percent
}

export function plural(count: number, one: string, many: string): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`
}

interface Figures {
  total: number
  sending: number
  processing: number
  problems: number
}

/** The panel's headline: what is going on, or how it ended. */
export function headline({ total, sending, processing, problems }: Figures): string {
  if (sending > 0) return `Uploading ${formatNumber(total - sending + 1)} of ${formatNumber(total)}`
  if (processing > 0) return `Processing ${plural(processing, 'photo', 'photos')}`
  if (problems > 0) return `Done, ${plural(problems, 'problem', 'problems')}`
  return `${plural(total, 'photo', 'photos')} done`
}
