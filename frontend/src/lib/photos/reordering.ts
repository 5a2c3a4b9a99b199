// Where a dragged photo would go, and what a list looks like when it has gone there.
import type { GridPhoto } from '../api/types'

export interface Spot {
  /** The photo next to which the dragged ones go. */
  anchor: string
  before: boolean
}

export interface TileBox {
  photoId: string
  left: number
  top: number
  right: number
  bottom: number
}

/** The spot nearest to a point: a side of the tile under it, or of the nearest one of its row, or of any. */
export function spotAt(boxes: readonly TileBox[], x: number, y: number): (Spot & { box: TileBox }) | null {
  let best: TileBox | undefined
  let bestDistance = Infinity
  for (const box of boxes) {
    const down = Math.max(box.top - y, 0, y - box.bottom)
    const across = Math.max(box.left - x, 0, x - box.right)
    const distance = down * 1000 + across
    if (distance < bestDistance) [best, bestDistance] = [box, distance]
  }
  if (!best) return null
  return { anchor: best.photoId, before: x < (best.left + best.right) / 2, box: best }
}

/** The list with some photos, in this order, right before or after another; null where that changes nothing. */
export function reordered(
  photos: readonly GridPhoto[],
  moved: readonly string[],
  { anchor, before }: Spot,
): GridPhoto[] | null {
  const byId = new Map(photos.map((photo) => [photo.photo_id, photo]))
  const taken = new Set(moved)
  if (taken.has(anchor)) return null
  const rest = photos.filter((photo) => !taken.has(photo.photo_id))
  const at = rest.findIndex((photo) => photo.photo_id === anchor)
  if (at < 0) return null
  const put = moved.flatMap((photoId) => byId.get(photoId) ?? [])
  rest.splice(before ? at : at + 1, 0, ...put)
  return rest.every((photo, index) => photo === photos[index]) ? null : rest
}

/** Where the arrow keys, Home and End send a photo that stands at `index`; null at the ends. */
export function spotOfKey(key: string, index: number, order: readonly string[], perRow: number): Spot | null {
  const last = order.length - 1
  const to = {
    ArrowLeft: index - 1,
    ArrowRight: index + 1,
    ArrowUp: Math.max(index - perRow, 0),
    ArrowDown: Math.min(index + perRow, last),
    Home: 0,
    End: last,
  }[key]
  const anchor = to === undefined ? undefined : order[to]
  if (to === undefined || anchor === undefined || to === index) return null
  return { anchor, before: to < index }
}
