import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { GridPhoto, Page } from '../api/types'
import { PhotoList } from './photo-list.svelte'

const MINUTE_MS = 60_000

function photo(photo_id: string, thumbnail_url: string): GridPhoto {
  return {
    photo_id,
    thumbnail_url,
    status: 'ready',
    taken_at: '2024-06-01T10:30:00Z',
    ratio: 1.5,
    thumbhash: null,
    favourite: false,
    filename: '',
    latitude: null,
    longitude: null,
  }
}

/** Two pages of one photo each, whose addresses say how often the list was asked for. */
function pages(): {
  fetchPage: (cursor: string | undefined) => Promise<Page<GridPhoto>>
  asked: () => number
} {
  let asked = 0
  return {
    asked: () => asked,
    fetchPage: (cursor) => {
      asked += 1
      const second = cursor === 'second'
      return Promise.resolve({
        items: [photo(second ? 'b' : 'a', `/${asked}`)],
        next_cursor: second ? null : 'second',
      })
    },
  }
}

describe('a list whose addresses run out', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('asks for all that it shows again and keeps its order', async () => {
    const { fetchPage } = pages()
    const list = new PhotoList(fetchPage)
    await list.more()
    await list.more()
    list.move(['b'], { anchor: 'a', before: true })

    vi.advanceTimersByTime(MINUTE_MS)
    await list.renew()

    expect(list.photos.map((one) => [one.photo_id, one.thumbnail_url])).toEqual([
      ['b', '/4'],
      ['a', '/3'],
    ])
  })

  it('asks once a minute however many pictures are broken', async () => {
    const { fetchPage, asked } = pages()
    const list = new PhotoList(fetchPage)
    await list.more()

    await list.renew()
    vi.advanceTimersByTime(MINUTE_MS)
    await Promise.all([list.renew(), list.renew(), list.renew()])

    expect(asked()).toBe(2)
  })
})
