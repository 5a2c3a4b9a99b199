// Arrow keys move the focus between the photos of a grid.
const DIRECTIONS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** An `onkeydown` for the element around a grid's tiles. */
export function moveFocus(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const direction = DIRECTIONS[event.key]
  const focused = document.activeElement
  if (!direction || !(focused instanceof HTMLElement) || !focused.dataset['photo']) return
  if (event.altKey || event.ctrlKey || event.metaKey) return
  event.preventDefault()
  const tiles = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-photo]')]
  const [x, y] = direction
  const next = x === 0 ? nearestAcrossRows(focused, tiles, y) : tiles[tiles.indexOf(focused) + x]
  next?.focus()
  next?.scrollIntoView({ block: 'nearest' })
}

function nearestAcrossRows(
  from: HTMLElement,
  tiles: HTMLElement[],
  direction: number,
): HTMLElement | undefined {
  const here = from.getBoundingClientRect()
  const middle = here.left + here.width / 2
  let best: HTMLElement | undefined
  let bestDistance = Infinity
  for (const tile of tiles) {
    const box = tile.getBoundingClientRect()
    const away = (box.top - here.top) * direction
    if (away < 4) continue
    const distance = away * 10 + Math.abs(box.left + box.width / 2 - middle)
    if (distance < bestDistance) [best, bestDistance] = [tile, distance]
  }
  return best
}
