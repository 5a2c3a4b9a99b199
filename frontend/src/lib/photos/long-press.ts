// A finger that rests on something: how photos are picked where there is no mouse to hover with.
const LONG_MS = 450
const STILL_PX = 10

/** Attach to an element; `pressed` is called once, and the click that follows is swallowed. */
export function longPress(pressed: () => void): (element: HTMLElement) => () => void {
  return (element) => {
    const stop = new AbortController()
    const { signal } = stop
    let timer: number | undefined
    let start = { x: 0, y: 0 }
    let swallow = false

    const cancel = () => window.clearTimeout(timer)
    const down = (event: PointerEvent) => {
      swallow = false
      if (event.pointerType === 'mouse') return
      start = { x: event.clientX, y: event.clientY }
      timer = window.setTimeout(() => {
        swallow = true
        pressed()
      }, LONG_MS)
    }
    const move = (event: PointerEvent) => {
      if (Math.hypot(event.clientX - start.x, event.clientY - start.y) > STILL_PX) cancel()
    }
    const click = (event: MouseEvent) => {
      if (!swallow) return
      swallow = false
      event.preventDefault()
      event.stopPropagation()
    }
    const menu = (event: Event) => {
      if (event instanceof PointerEvent && event.pointerType !== 'mouse') event.preventDefault()
    }

    element.addEventListener('pointerdown', down, { signal })
    element.addEventListener('pointermove', move, { signal })
    for (const type of ['pointerup', 'pointercancel', 'pointerleave'] as const) {
      element.addEventListener(type, cancel, { signal })
    }
    element.addEventListener('click', click, { signal, capture: true })
    element.addEventListener('contextmenu', menu, { signal })
    return () => {
      cancel()
      stop.abort()
    }
  }
}
