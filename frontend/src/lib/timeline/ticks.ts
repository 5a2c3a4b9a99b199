// Which years the scrubber names, and where: never so close that they would touch.
import { totalHeight, type Block } from './blocks'
import { yearOf } from './dates'

export interface Tick {
  year: string
  /** 0 at the newest photo, 1 at the oldest. */
  at: number
}

export function ticksOf(blocks: readonly Block[], stripHeight: number, leastGap = 22): Tick[] {
  const total = totalHeight(blocks)
  const ticks: Tick[] = []
  let lastY = -Infinity
  let lastYear = ''
  for (const block of blocks) {
    const year = yearOf(block.month)
    if (year === lastYear) continue
    lastYear = year
    const at = block.top / total
    if (at * stripHeight - lastY < leastGap) continue
    lastY = at * stripHeight
    ticks.push({ year, at })
  }
  return ticks
}
