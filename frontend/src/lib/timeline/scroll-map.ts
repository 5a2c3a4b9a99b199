// Browsers make no page higher than some 17 million pixels (Firefox; others 33): a library of 300,000 photos is.
// So a page is never higher than MOST_PX, and a longer timeline is mapped onto it.

export const MOST_PX = 8_000_000
/** So far from both ends a pixel of the page is a pixel of the timeline: there is always room to scroll on. */
export const EDGE_PX = 1_000_000

export function pageHeight(total: number): number {
  return Math.min(total, MOST_PX)
}

/** Where the page is scrolled to when the timeline is at `position`. */
export function scrollOf(position: number, total: number): number {
  const most = pageHeight(total)
  if (total <= most || position <= EDGE_PX) return position
  if (position >= total - EDGE_PX) return position - total + most
  return EDGE_PX + (position - EDGE_PX) * ((most - 2 * EDGE_PX) / (total - 2 * EDGE_PX))
}

/** Where the timeline is when the page is scrolled to `scroll`: the reverse. */
export function positionOf(scroll: number, total: number): number {
  const most = pageHeight(total)
  if (total <= most || scroll <= EDGE_PX) return scroll
  if (scroll >= most - EDGE_PX) return scroll + total - most
  return EDGE_PX + (scroll - EDGE_PX) * ((total - 2 * EDGE_PX) / (most - 2 * EDGE_PX))
}
