// Dragging by pointer and moving by keys: where photos go, and what the list is then.
import { describe, expect, it } from 'vitest'

import type { GridPhoto } from '../api/types'
import { reordered, spotAt, spotOfKey, type TileBox } from './reordering'

const photos = [...'abcdef'].map((photo_id) => ({ photo_id }) as GridPhoto)
const ids = (list: readonly GridPhoto[] | null) => list?.map((photo) => photo.photo_id).join('') ?? null

const box = (photoId: string, left: number, top: number): TileBox => ({
  photoId,
  left,
  top,
  right: left + 100,
  bottom: top + 100,
})
const boxes = [box('a', 0, 0), box('b', 104, 0), box('c', 0, 104)]

describe('a spot', () => {
  it('is the nearer side of the tile under the pointer', () => {
    expect(spotAt(boxes, 20, 50)).toMatchObject({ anchor: 'a', before: true })
    expect(spotAt(boxes, 80, 50)).toMatchObject({ anchor: 'a', before: false })
  })

  it('is beside the last tile of a row where the pointer is right of it', () => {
    expect(spotAt(boxes, 900, 150)).toMatchObject({ anchor: 'c', before: false })
    expect(spotAt(boxes, 900, 50)).toMatchObject({ anchor: 'b', before: false })
  })

  it('is in the nearest row where the pointer is below all of them', () => {
    expect(spotAt(boxes, 10, 700)).toMatchObject({ anchor: 'c', before: true })
    expect(spotAt([], 1, 1)).toBeNull()
  })
})

describe('a list', () => {
  it('has the moved photos together beside the other', () => {
    expect(ids(reordered(photos, ['e'], { anchor: 'b', before: true }))).toBe('aebcdf')
    expect(ids(reordered(photos, ['a', 'f'], { anchor: 'c', before: false }))).toBe('bcafde')
  })

  it('is left alone where nothing would change', () => {
    expect(reordered(photos, ['b'], { anchor: 'a', before: false })).toBeNull()
    expect(reordered(photos, ['b'], { anchor: 'b', before: false })).toBeNull()
    expect(reordered(photos, ['b'], { anchor: 'z', before: false })).toBeNull()
  })
})

describe('a key', () => {
  const order = photos.map((photo) => photo.photo_id)

  it('moves a photo by one, by a row, or to an end', () => {
    expect(spotOfKey('ArrowLeft', 2, order, 3)).toEqual({ anchor: 'b', before: true })
    expect(spotOfKey('ArrowRight', 2, order, 3)).toEqual({ anchor: 'd', before: false })
    expect(spotOfKey('ArrowDown', 1, order, 3)).toEqual({ anchor: 'e', before: false })
    expect(spotOfKey('ArrowUp', 1, order, 3)).toEqual({ anchor: 'a', before: true })
    expect(spotOfKey('End', 1, order, 3)).toEqual({ anchor: 'f', before: false })
  })

  it('does nothing at an end', () => {
    expect(spotOfKey('ArrowLeft', 0, order, 3)).toBeNull()
    expect(spotOfKey('ArrowDown', 5, order, 3)).toBeNull()
    expect(spotOfKey('x', 1, order, 3)).toBeNull()
  })
})
