// A bulk edit in words, and what it makes of a date before it is done.
import type { BulkEdit, Job } from '../api/types'
import { formatNumber, photosText } from '../ui/locale'

/** What is being done, as the beginning of a sentence: "Shifting dates", "Moving to the trash". */
export function doingText(edit: BulkEdit): string {
  if (edit.delete_permanently) return 'Deleting for good'
  if (edit.trashed !== null && edit.trashed !== undefined)
    return edit.trashed ? 'Moving to the trash' : 'Restoring'
  const parts = [
    edit.shift_seconds || edit.time_zone || edit.taken_at ? 'dates' : '',
    'location' in edit && edit.location !== undefined ? 'places' : '',
    edit.keywords || edit.add_keywords?.length || edit.remove_keywords?.length ? 'keywords' : '',
    edit.add_labels?.length || edit.reject_labels?.length ? 'labels' : '',
    edit.caption === null || edit.caption === undefined ? '' : 'captions',
    edit.favourite === null || edit.favourite === undefined ? '' : 'favourites',
    edit.add_to_albums?.length || edit.remove_from_albums?.length ? 'albums' : '',
  ].filter(Boolean)
  if (parts.length > 2) return 'Editing photos'
  return `Changing ${parts.join(' and ')}`
}

export function isAtWork({ status }: Pick<Job, 'status'>): boolean {
  return status !== 'done' && status !== 'cancelled' && status !== 'undone'
}

/** What a job's card says. */
export function jobText(job: Job): string {
  const { status, edit, done, total, changed, skipped } = job
  switch (status) {
    case 'selecting':
      return total > 0 ? `Finding photos: ${formatNumber(total)} so far` : 'Finding photos'
    case 'running':
      return `${doingText(edit)}: ${formatNumber(done)} of ${formatNumber(total)}`
    case 'undoing':
      return `Undoing: ${formatNumber(done)} of ${formatNumber(total)}`
    case 'cancelling':
      return 'Stopping'
    case 'undone':
      return `${photosText(changed)} as before`
    case 'cancelled':
      return `Stopped: ${photosText(changed)} changed, ${formatNumber(skipped)} left as they were`
    default:
      return doneText(edit, changed)
  }
}

function doneText(edit: BulkEdit, changed: number): string {
  const photos = photosText(changed)
  if (edit.delete_permanently) return `${photos} deleted for good`
  if (edit.trashed === true) return `${photos} moved to the trash`
  if (edit.trashed === false) return `${photos} restored`
  return changed === 0 ? 'Nothing had to be changed' : `${photos} changed`
}

/** Why photos were left alone, each reason once with its number, most frequent first. */
export function reasonsOf(job: Job): { detail: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const { detail } of job.failures) counts.set(detail, (counts.get(detail) ?? 0) + 1)
  return [...counts].map(([detail, count]) => ({ detail, count })).sort((a, b) => b.count - a.count)
}

export interface Shift {
  earlier: boolean
  days: number
  hours: number
  minutes: number
}

export function secondsOf({ earlier, days, hours, minutes }: Shift): number {
  const seconds = (days || 0) * 86_400 + (hours || 0) * 3_600 + (minutes || 0) * 60
  return seconds === 0 ? 0 : earlier ? -seconds : seconds
}

const OFFSET = /(Z|[+-]\d{2}:\d{2})$/

/** Minutes that a zone's clock is ahead of UTC at a moment; null where there is no such zone. */
export function offsetMinutes(zone: string, at: Date): number | null {
  const plain = /^([+-])(\d{2}):(\d{2})$/.exec(zone)
  if (plain) return (plain[1] === '-' ? -1 : 1) * (Number(plain[2]) * 60 + Number(plain[3]))
  try {
    const parts = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      timeZoneName: 'longOffset',
    }).formatToParts(at)
    const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
    const found = /GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(name)
    if (!found) return null
    return found[1] ? (found[1] === '-' ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3])) : 0
  } catch {
    return null
  }
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}

/** RFC 3339 of what the clock shows when it is `wall` (as if UTC), so many minutes ahead of UTC. */
function written(wall: Date, minutes: number): string {
  return wall.toISOString().slice(0, 19) + offsetText(minutes)
}

/** What a shift and a zone make of a date; null where the zone is unknown or no calendar has the date. */
export function movedDate(
  taken: string,
  shiftSeconds: number,
  zone: string,
  keep: 'clock' | 'instant',
): string | null {
  const offset = OFFSET.exec(taken)?.[1] ?? 'Z'
  const before = offset === 'Z' ? 0 : (offsetMinutes(offset, new Date()) ?? 0)
  const wall = new Date(Date.parse(`${taken.replace(OFFSET, '')}Z`) + shiftSeconds * 1000)
  if (Number.isNaN(wall.getTime())) return null
  if (!zone) return written(wall, before)
  const instant = new Date(wall.getTime() - before * 60_000)
  // A wall clock's offset is that of the moment at which it shows so: near enough to UTC to look twice.
  const guess = offsetMinutes(zone, keep === 'instant' ? instant : wall)
  if (guess === null) return null
  if (keep === 'instant') return written(new Date(instant.getTime() + guess * 60_000), guess)
  const settled = offsetMinutes(zone, new Date(wall.getTime() - guess * 60_000)) ?? guess
  return written(wall, settled)
}

/** "38.71, -9.14" or "38.71 -9.14" → the point; null where it is none. */
export function pointOf(text: string): { latitude: number; longitude: number } | null {
  const found = /^\s*(-?\d+(?:\.\d+)?)\s*°?\s*[,;\s]\s*(-?\d+(?:\.\d+)?)\s*°?\s*$/.exec(text)
  if (!found) return null
  const [latitude, longitude] = [Number(found[1]), Number(found[2])]
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? { latitude, longitude } : null
}

/** Keywords as people write them, with commas between them. */
export function keywordsOf(text: string): string[] {
  return [
    ...new Set(
      text
        .split(',')
        .map((word) => word.trim())
        .filter(Boolean),
    ),
  ]
}
