// The API sends a page of the timeline in columns, a few bytes per photo; grids want photos.
import type { GridPhoto, MonthColumns } from '../api/types'

export function photosOf(columns: MonthColumns): GridPhoto[] {
  const favourites = new Set(columns.favourite)
  const prepared = new Set(columns.prepared)
  const { url, signature } = columns.thumbnail
  return columns.photo_id.map((photo_id, place) => {
    const signed = signature[place]
    return {
      photo_id,
      status: prepared.has(place) ? 'prepared' : 'ready',
      taken_at: placeTime(columns.taken_at[place] ?? 0, columns.offset_minutes[place] ?? 0),
      ratio: columns.ratio[place] ?? 1,
      thumbhash: columns.thumbhash[place] ?? null,
      thumbnail_url: signed ? url.replace('{photo_id}', photo_id).replace('{signature}', signed) : null,
      favourite: favourites.has(place),
      filename: columns.filename[place] ?? '',
      latitude: null,
      longitude: null,
    }
  })
}

/** The clock of the place with its offset: (1718490600000, 60) → "2024-06-15T23:30:00.000+01:00". */
export function placeTime(milliseconds: number, offsetMinutes: number): string {
  const wall = new Date(milliseconds + offsetMinutes * 60_000).toISOString().slice(0, -1)
  if (offsetMinutes === 0) return `${wall}Z`
  const away = Math.abs(offsetMinutes)
  const two = (number: number) => String(number).padStart(2, '0')
  return `${wall}${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(away / 60))}:${two(away % 60)}`
}

/** "2024-06-15T23:30:00+01:00" → "2024-06-15", by the clock of the place. */
export function dayOf(photo: Pick<GridPhoto, 'taken_at'>): string {
  return photo.taken_at.slice(0, 10)
}

/** Newest first by the clock of the place, as the API lists them; ties in a fixed order. */
export function newestFirst(a: GridPhoto, b: GridPhoto): number {
  const one = wallOf(a.taken_at)
  const other = wallOf(b.taken_at)
  if (one !== other) return one < other ? 1 : -1
  return a.photo_id < b.photo_id ? 1 : a.photo_id > b.photo_id ? -1 : 0
}

function wallOf(time: string): string {
  const bare = time.slice(0, 19)
  const fraction = /^\.(\d{1,3})/.exec(time.slice(19))?.[1] ?? ''
  return `${bare}.${fraction.padEnd(3, '0')}`
}
