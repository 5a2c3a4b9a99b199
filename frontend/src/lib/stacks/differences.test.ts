// What is pointed out about photos that look alike.
import { expect, it } from 'vitest'

import type { StackPhoto } from '../api/types'
import { factsOf } from './differences'

function photo(changes: Partial<StackPhoto> = {}): StackPhoto {
  return {
    photo_id: 'a',
    filename: 'DSCF2041.JPG',
    content_type: 'image/jpeg',
    size_bytes: 3_500_000,
    width_px: 4000,
    height_px: 3000,
    taken_at: '2024-06-15T12:00:07+01:00',
    taken_source: 'exif',
    camera: 'FUJIFILM X-T4',
    has_location: true,
    favourite: false,
    albums: 0,
    sharpness: 20,
    difference: 0,
    is_kept: true,
    is_trashed: false,
    ratio: 4 / 3,
    thumbhash: null,
    thumbnail_url: null,
    preview_url: null,
    ...changes,
  }
}

const named = (facts: ReturnType<typeof factsOf>[number] | undefined, name: string) =>
  facts?.find((fact) => fact.name === name)

it('points out what differs and which is the better one', () => {
  const [first, second] = factsOf([photo(), photo({ width_px: 1600, height_px: 1200, camera: null })])

  expect(named(first, 'Pixels')).toMatchObject({ differs: true, best: true })
  expect(named(second, 'Pixels')).toMatchObject({ differs: true, best: false })
  expect(named(second, 'Camera')).toMatchObject({ text: 'not said', differs: true, best: false })
  expect(named(first, 'Size')).toMatchObject({ text: '3.5 MB', differs: false, best: false })
})

it('calls nothing better that only differs', () => {
  const [first, second] = factsOf([photo(), photo({ filename: 'copy.jpg', content_type: 'image/webp' })])

  expect(named(first, 'Name')).toMatchObject({ differs: true, best: false })
  expect(named(second, 'Type')).toMatchObject({ text: 'WEBP', differs: true, best: false })
})

it('takes the time of the upload for no date', () => {
  const [first, second] = factsOf([photo(), photo({ taken_at: '2026-01-01T08:00:00Z', taken_source: null })])

  expect(named(first, 'Taken')).toMatchObject({ differs: true, best: true })
  expect(named(second, 'Taken')).toMatchObject({ text: 'not said', best: false })
})

it('tells takes of one minute apart by their seconds', () => {
  const [first, second] = factsOf([photo(), photo({ taken_at: '2024-06-15T12:00:09+01:00' })])

  expect(named(first, 'Taken')?.text).toContain(':07')
  expect(named(second, 'Taken')?.text).toContain(':09')
})
