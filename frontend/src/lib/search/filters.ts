// A search as the address bar has it, as the API wants it and as people read it.
import type { SearchQuery } from '../api/types'
import { nameOfMonth } from '../timeline/dates'
import { locale } from '../ui/locale'

export interface Filters {
  q: string
  labels: string[]
  place: string | null
  camera: string | null
  from: string | null
  to: string | null
  status: 'ready' | 'prepared' | 'failed' | null
  favourite: boolean
  album: string | null
}

export const NO_FILTERS: Filters = {
  q: '',
  labels: [],
  place: null,
  camera: null,
  from: null,
  to: null,
  status: null,
  favourite: false,
  album: null,
}

const STATUSES = new Set(['ready', 'prepared', 'failed'])

export function filtersOf(query: URLSearchParams): Filters {
  const status = query.get('status')
  return {
    q: query.get('q') ?? '',
    labels: query.getAll('label'),
    place: query.get('place'),
    camera: query.get('camera'),
    from: query.get('from'),
    to: query.get('to'),
    status: status && STATUSES.has(status) ? (status as Filters['status']) : null,
    favourite: query.get('favourite') === 'true',
    album: query.get('album'),
  }
}

export function addressOf(filters: Filters): string {
  const query = new URLSearchParams()
  if (filters.q) query.set('q', filters.q)
  for (const label of filters.labels) query.append('label', label)
  for (const name of ['place', 'camera', 'from', 'to', 'status', 'album'] as const) {
    if (filters[name]) query.set(name, filters[name])
  }
  if (filters.favourite) query.set('favourite', 'true')
  const text = query.toString()
  return text ? `/search?${text}` : '/search'
}

export function searchQueryOf(filters: Filters): SearchQuery {
  return {
    ...(filters.q ? { q: filters.q } : {}),
    ...(filters.labels.length > 0 ? { label: filters.labels } : {}),
    ...(filters.place ? { place: filters.place } : {}),
    ...(filters.camera ? { camera: filters.camera } : {}),
    ...(filters.from ? { from: filters.from } : {}),
    ...(filters.to ? { to: filters.to } : {}),
    ...(filters.status ? { status: filters.status } : {}),
    ...(filters.favourite ? { favourite: true } : {}),
    ...(filters.album ? { album: filters.album } : {}),
  }
}

/** First and last day of a month: "2024-06" → ["2024-06-01", "2024-06-30"]. */
export function daysOfMonth(month: string): [string, string] {
  const [year = 0, number = 1] = month.split('-').map(Number)
  const last = new Date(Date.UTC(year, number, 0)).getUTCDate()
  return [`${month}-01`, `${month}-${String(last).padStart(2, '0')}`]
}

const countryNames = new Intl.DisplayNames(locale, { type: 'region' })

/** "PT/Lisboa" → "Lisboa, Portugal"; the narrowest part first. */
export function nameOfPlace(place: string): string {
  const [country = '', ...narrower] = place.split('/')
  const name = /^[A-Z]{2}$/.test(country) ? (countryNames.of(country) ?? country) : country
  return [...narrower.reverse(), name].join(', ')
}

function nameOfSpan(from: string | null, to: string | null): string {
  if (from && to && daysOfMonth(from.slice(0, 7)).join() === `${from},${to}`)
    return nameOfMonth(from.slice(0, 7))
  const day = (text: string) =>
    new Date(`${text}T00:00:00Z`).toLocaleDateString(locale, { dateStyle: 'medium', timeZone: 'UTC' })
  if (from && to) return from === to ? day(from) : `${day(from)} – ${day(to)}`
  return from ? `Since ${day(from)}` : `Until ${day(to ?? '')}`
}

export interface Chip {
  kind: 'label' | 'place' | 'camera' | 'date' | 'status' | 'favourite' | 'album'
  name: string
  /** The filters without this one. */
  without: Filters
}

const STATUS_NAMES = { ready: 'Ready', prepared: 'Being processed', failed: 'Failed' }

/** One chip for each filter that is on. */
export function chipsOf(filters: Filters): Chip[] {
  const chips: Chip[] = filters.labels.map((label) => ({
    kind: 'label',
    name: label,
    without: { ...filters, labels: filters.labels.filter((other) => other !== label) },
  }))
  const { place, camera, from, to, status, favourite, album } = filters
  if (place) chips.push({ kind: 'place', name: nameOfPlace(place), without: { ...filters, place: null } })
  if (camera) chips.push({ kind: 'camera', name: camera, without: { ...filters, camera: null } })
  if (from || to) {
    chips.push({ kind: 'date', name: nameOfSpan(from, to), without: { ...filters, from: null, to: null } })
  }
  if (status)
    chips.push({ kind: 'status', name: STATUS_NAMES[status], without: { ...filters, status: null } })
  if (favourite)
    chips.push({ kind: 'favourite', name: 'Favourites', without: { ...filters, favourite: false } })
  if (album) chips.push({ kind: 'album', name: 'In an album', without: { ...filters, album: null } })
  return chips
}
