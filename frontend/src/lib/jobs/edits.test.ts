import { describe, expect, it } from 'vitest'

import type { Job } from '../api/types'
import { doingText, jobText, keywordsOf, movedDate, pointOf, reasonsOf, secondsOf } from './edits'

const job = {
  job_id: 'j',
  status: 'running',
  edit: { shift_seconds: 60 },
  total: 1200,
  done: 300,
  changed: 300,
  unchanged: 0,
  failed: 0,
  skipped: 0,
  failures: [],
  is_cut: false,
  created_at: '',
  updated_at: '',
  can_undo: false,
  can_undo_until: '',
} as unknown as Job

describe('a job in words', () => {
  it('says what is being done and how far it has come', () => {
    expect(jobText(job)).toBe('Changing dates: 300 of 1,200')
    expect(jobText({ ...job, status: 'done', changed: 1 })).toBe('1 photo changed')
    expect(jobText({ ...job, status: 'done', edit: { trashed: true } })).toBe('300 photos moved to the trash')
    expect(jobText({ ...job, status: 'undone' })).toBe('300 photos as before')
  })

  it('names what is edited', () => {
    expect(doingText({ favourite: false })).toBe('Changing favourites')
    expect(doingText({ location: null, add_keywords: ['a'] })).toBe('Changing places and keywords')
    expect(doingText({ shift_seconds: 1, caption: 'a', favourite: true })).toBe('Editing photos')
  })

  it('gives each reason once', () => {
    const failures = ['a', 'b', 'b'].map((detail) => ({ photo_id: detail, code: detail, detail }))
    expect(reasonsOf({ ...job, failures })).toEqual([
      { detail: 'b', count: 2 },
      { detail: 'a', count: 1 },
    ])
  })
})

describe('a date that is moved', () => {
  it('is shifted on the clock of its place', () => {
    expect(movedDate('2024-06-15T12:00:00+02:00', -3 * 3600, '', 'clock')).toBe('2024-06-15T09:00:00+02:00')
    expect(movedDate('2024-02-28T23:30:00Z', 3600, '', 'clock')).toBe('2024-02-29T00:30:00+00:00')
  })

  it('keeps its clock or its instant in another zone', () => {
    expect(movedDate('2024-06-15T12:00:00Z', 0, 'Europe/Lisbon', 'clock')).toBe('2024-06-15T12:00:00+01:00')
    expect(movedDate('2024-06-15T12:00:00Z', 0, 'Europe/Lisbon', 'instant')).toBe('2024-06-15T13:00:00+01:00')
    expect(movedDate('2024-01-15T12:00:00Z', 0, 'Asia/Kathmandu', 'instant')).toBe(
      '2024-01-15T17:45:00+05:45',
    )
    expect(movedDate('2024-06-15T12:00:00Z', 0, '-03:30', 'clock')).toBe('2024-06-15T12:00:00-03:30')
  })

  it('is none in a zone that nobody knows', () => {
    expect(movedDate('2024-06-15T12:00:00Z', 0, 'Mars/Olympus', 'clock')).toBeNull()
  })

  it('is shifted by days, hours and minutes, either way', () => {
    expect(secondsOf({ earlier: true, days: 1, hours: 2, minutes: 3 })).toBe(-93_780)
    expect(secondsOf({ earlier: true, days: 0, hours: 0, minutes: 0 })).toBe(0)
  })
})

describe('what is typed', () => {
  it('is a point, or none', () => {
    expect(pointOf('38.71, -9.14')).toEqual({ latitude: 38.71, longitude: -9.14 })
    expect(pointOf(' 0 0 ')).toEqual({ latitude: 0, longitude: 0 })
    for (const text of ['', '91, 0', '0, 181', 'Lisbon', '1,2,3']) expect(pointOf(text)).toBeNull()
  })

  it('is a list of keywords, each once', () => {
    expect(keywordsOf(' sea, sun,,sea ')).toEqual(['sea', 'sun'])
  })
})
