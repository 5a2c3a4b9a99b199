// The photos of parts of the map, page by page.
import { answer, api } from '../api/client'
import { PhotoList } from '../photos/photo-list.svelte'
import type { Box } from './geometry'
import type { MonthSpan } from './months'

const PAGE = 80

export type MapPart = { tile: string } | { bbox: string }

export function partsOfBoxes(boxes: readonly Box[]): MapPart[] {
  return boxes.map((box) => ({ bbox: box.join(',') }))
}

/** Several parts make one list, one part after another; a cursor then says of which part it is. */
export function photosWithin(parts: readonly MapPart[], span: MonthSpan | null): PhotoList {
  return new PhotoList(async (cursor = '0 ') => {
    const index = Number.parseInt(cursor, 10)
    const within = cursor.slice(cursor.indexOf(' ') + 1)
    const part = parts[index] ?? { bbox: '0,0,0,0' }
    const query = { ...part, ...span, limit: PAGE, ...(within ? { cursor: within } : {}) }
    const page = await answer(api.GET('/api/v1/map/photos', { params: { query } }))
    const following = index + 1 < parts.length ? `${index + 1} ` : null
    return { items: page.items, next_cursor: page.next_cursor ? `${index} ${page.next_cursor}` : following }
  })
}
