// The photos of a part of the map, page by page.
import { answer, api } from '../api/client'
import { PhotoList } from '../photos/photo-list.svelte'
import type { Box } from './geometry'

const PAGE = 80

/** Two boxes make one list where the part lies across the date line; a cursor then says of which box it is. */
export function photosWithin(boxes: readonly Box[]): PhotoList {
  return new PhotoList(async (cursor = '0 ') => {
    const index = Number.parseInt(cursor, 10)
    const within = cursor.slice(cursor.indexOf(' ') + 1)
    const bbox = (boxes[index] ?? [0, 0, 0, 0]).join(',')
    const page = await answer(
      api.GET('/api/v1/search', {
        params: { query: { bbox, limit: PAGE, ...(within ? { cursor: within } : {}) } },
      }),
    )
    const following = index + 1 < boxes.length ? `${index + 1} ` : null
    return { items: page.items, next_cursor: page.next_cursor ? `${index} ${page.next_cursor}` : following }
  })
}
