// A finger that moves a card to one side: far enough, it has answered; else the card comes back.
import type { Attachment } from 'svelte/attachments'

export interface SwipeHandlers {
  /** How far it has been moved, as -1 to 1 of what it takes; 0 when it is let go. */
  moved(part: number): void
  swiped(side: 'left' | 'right'): void
}

/** Of the card's width, and in pixels at most. */
const FAR = 0.3
const FAR_PX = 130
const STARTS_PX = 12

/** The part of the way that a finger has gone, and which side it has chosen, if any. */
export function swipeOf(dx: number, width: number): { part: number; side: 'left' | 'right' | null } {
  const far = Math.min(FAR_PX, width * FAR)
  const part = Math.max(-1, Math.min(1, dx / far))
  return { part, side: part >= 1 ? 'right' : part <= -1 ? 'left' : null }
}

/** Where a finger does something else: maps, sliders, what is typed into. */
const OTHERS = 'input, textarea, select, [role="application"]'

export function swipeable(handlers: () => SwipeHandlers): Attachment<HTMLElement> {
  return (element) => {
    const stop = new AbortController()
    const { signal } = stop
    let start: { id: number; x: number; y: number } | null = null
    let isSwipe = false

    const over = (event: PointerEvent) => {
      if (event.pointerId !== start?.id) return
      const { side } = swipeOf(event.clientX - start.x, element.clientWidth)
      const swiped = isSwipe && event.type === 'pointerup' ? side : null
      start = null
      handlers().moved(0)
      if (swiped) handlers().swiped(swiped)
    }
    element.addEventListener(
      'pointerdown',
      (event) => {
        isSwipe = false
        if (event.pointerType !== 'touch' || !event.isPrimary) return
        if (event.target instanceof Element && event.target.closest(OTHERS)) return
        start = { id: event.pointerId, x: event.clientX, y: event.clientY }
      },
      { signal },
    )
    element.addEventListener(
      'pointermove',
      (event) => {
        if (event.pointerId !== start?.id) return
        const [dx, dy] = [event.clientX - start.x, event.clientY - start.y]
        if (!isSwipe && Math.abs(dx) < STARTS_PX) return
        if (!isSwipe && Math.abs(dy) > Math.abs(dx)) {
          start = null
          return
        }
        if (!isSwipe) element.setPointerCapture(event.pointerId)
        isSwipe = true
        handlers().moved(swipeOf(dx, element.clientWidth).part)
      },
      { signal },
    )
    element.addEventListener('pointerup', over, { signal })
    element.addEventListener('pointercancel', over, { signal })
    // What lies under the finger at its end was not pressed.
    element.addEventListener(
      'click',
      (event) => {
        if (!isSwipe) return
        isSwipe = false
        event.preventDefault()
        event.stopPropagation()
      },
      { signal, capture: true },
    )
    return () => stop.abort()
  }
}
