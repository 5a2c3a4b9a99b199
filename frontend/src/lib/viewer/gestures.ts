// Mouse, touch and wheel on the stage, told as pan, zoom, swipe and tap.
export interface GestureHandlers {
  /** May the picture be dragged about (it is zoomed in), or is a drag a swipe? */
  canPan(): boolean
  pan(dx: number, dy: number): void
  /** Multiply the scale by `factor` about a point measured from the stage's centre. */
  zoom(factor: number, x: number, y: number): void
  toggle(x: number, y: number): void
  /** A drag in progress while fitted, and its end. */
  drag(dx: number, dy: number): void
  release(dx: number, dy: number): void
}

const DOUBLE_TAP_MS = 300
const STILL_PX = 8

interface Point {
  x: number
  y: number
}

/** Attach to the stage; the returned function lets go. */
export function gestures(stage: HTMLElement, handlers: GestureHandlers): () => void {
  const pointers = new Map<number, Point>()
  const stop = new AbortController()
  const { signal } = stop
  let start: Point = { x: 0, y: 0 }
  let moved = false
  let pinched = false
  let lastTap = { at: 0, x: 0, y: 0 }

  const fromCentre = (x: number, y: number): [number, number] => {
    const box = stage.getBoundingClientRect()
    return [x - box.left - box.width / 2, y - box.top - box.height / 2]
  }

  const down = (event: PointerEvent) => {
    if (event.button !== 0 || (event.target instanceof Element && event.target.closest('button, a'))) return
    stage.setPointerCapture(event.pointerId)
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY })
    if (pointers.size === 1) {
      start = { x: event.clientX, y: event.clientY }
      moved = false
      pinched = false
    } else pinched = true
  }

  const move = (event: PointerEvent) => {
    const before = pointers.get(event.pointerId)
    if (!before) return
    const now = { x: event.clientX, y: event.clientY }
    if (pointers.size === 2) pinch(event.pointerId, before, now)
    else if (pointers.size === 1 && !pinched) {
      if (Math.hypot(now.x - start.x, now.y - start.y) > STILL_PX) moved = true
      if (handlers.canPan()) handlers.pan(now.x - before.x, now.y - before.y)
      else if (moved) handlers.drag(now.x - start.x, now.y - start.y)
    }
    pointers.set(event.pointerId, now)
  }

  const pinch = (id: number, before: Point, now: Point) => {
    const other = [...pointers].find(([otherId]) => otherId !== id)?.[1]
    if (!other) return
    const distance = (point: Point) => Math.hypot(point.x - other.x, point.y - other.y)
    if (distance(before) === 0) return
    const middle = fromCentre((now.x + other.x) / 2, (now.y + other.y) / 2)
    handlers.zoom(distance(now) / distance(before), ...middle)
    handlers.pan((now.x - before.x) / 2, (now.y - before.y) / 2)
  }

  const up = (event: PointerEvent) => {
    if (!pointers.delete(event.pointerId) || pointers.size > 0) return
    const cancelled = event.type === 'pointercancel'
    if (!handlers.canPan() && moved && !pinched) {
      handlers.release(cancelled ? 0 : event.clientX - start.x, cancelled ? 0 : event.clientY - start.y)
    } else if (!moved && !pinched && !cancelled) tap(event)
  }

  const tap = (event: PointerEvent) => {
    const near = Math.hypot(event.clientX - lastTap.x, event.clientY - lastTap.y) < 30
    if (near && event.timeStamp - lastTap.at < DOUBLE_TAP_MS) {
      handlers.toggle(...fromCentre(event.clientX, event.clientY))
      lastTap = { at: 0, x: 0, y: 0 }
    } else lastTap = { at: event.timeStamp, x: event.clientX, y: event.clientY }
  }

  const wheel = (event: WheelEvent) => {
    event.preventDefault()
    handlers.zoom(
      Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)),
      ...fromCentre(event.clientX, event.clientY),
    )
  }

  stage.addEventListener('pointerdown', down, { signal })
  stage.addEventListener('pointermove', move, { signal })
  stage.addEventListener('pointerup', up, { signal })
  stage.addEventListener('pointercancel', up, { signal })
  stage.addEventListener('wheel', wheel, { signal, passive: false })
  return () => stop.abort()
}
