// Where in the timeline one is, however high it is; scrolling by hand moves it pixel by pixel.
import { untrack } from 'svelte'

import { windowScroll } from '../photos/scroll.svelte'
import { EDGE_PX, pageHeight, positionOf, scrollOf } from './scroll-map'

/** Nobody scrolls farther in one step, but for dragging the scroll bar. */
const DRAGGED_VIEWPORTS = 4
const IDLE_MS = 180
/** Where the scroll bar may be off by before it is put right. */
const DRIFT_PX = 400
const FAST_VIEWPORTS = 0.7

export class TimelineScroll {
  /** How much farther down the timeline is than the page is scrolled. */
  shift = $state(0)
  /** True while what is passed is not worth loading. */
  isFast = $state(false)
  #total = 0
  #lastScroll = 0
  #expected: number | null = null
  #timer: number | undefined

  /** Page pixels from the document's top to the timeline's, less what the bar covers. */
  readonly #offset: () => number

  constructor(offset: () => number) {
    this.#offset = offset
    this.#lastScroll = windowScroll.top
  }

  /** What stands at the top of the viewport, in pixels from the timeline's top. */
  get position(): number {
    return windowScroll.top - this.#offset() + this.shift
  }

  set total(total: number) {
    this.#total = total
  }

  /** Go anywhere at once; what is only passed on the way is not worth loading. */
  jump(position: number, isOnTheWay = false): void {
    this.isFast = isOnTheWay
    if (isOnTheWay) this.#whenIdle()
    const wanted = Math.max(0, Math.min(position, this.#total - windowScroll.height / 2))
    this.#scrollTo(Math.round(scrollOf(wanted, this.#total) + this.#offset()))
    this.shift = this.#isWhole ? 0 : wanted - (windowScroll.top - this.#offset())
  }

  /** What is looked at will lie at another height: keep it where it is on the screen. Before the page is changed. */
  hold(position: number): void {
    this.shift = position - (windowScroll.top - this.#offset())
    this.#whenIdle()
  }

  /** After the page has been changed: where it is as high as the timeline, scrolling does what the shift did. */
  held(): void {
    if (!this.#isWhole || this.shift === 0) return
    this.#scrollTo(Math.round(windowScroll.top + this.shift))
    this.shift = 0
  }

  /** Call on each scroll event, after `windowScroll` has read where the window is. */
  scrolled(): void {
    const scroll = windowScroll.top
    const moved = Math.abs(scroll - this.#lastScroll)
    this.#lastScroll = scroll
    const isOurs = this.#expected !== null && Math.abs(scroll - this.#expected) <= 1
    this.#expected = null
    if (isOurs) return
    this.isFast = moved > windowScroll.height * FAST_VIEWPORTS
    if (!this.#isWhole && moved > windowScroll.height * DRAGGED_VIEWPORTS) {
      const within = scroll - this.#offset()
      this.shift = positionOf(within, this.#total) - within
    }
    this.#whenIdle()
  }

  stop(): void {
    window.clearTimeout(this.#timer)
  }

  get #isWhole(): boolean {
    return pageHeight(this.#total) === this.#total
  }

  #whenIdle(): void {
    window.clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => untrack(() => this.#settle()), IDLE_MS)
  }

  /** Put the scroll bar to where it belongs, without moving anything on the screen. */
  #settle(): void {
    this.isFast = false
    if (this.#isWhole) return
    const position = this.position
    const wanted = Math.round(scrollOf(position, this.#total) + this.#offset())
    const isNearAnEnd = Math.min(position, this.#total - position) < EDGE_PX
    if (Math.abs(wanted - windowScroll.top) < (isNearAnEnd ? 1 : DRIFT_PX)) return
    this.#scrollTo(wanted)
    this.shift = position - (windowScroll.top - this.#offset())
  }

  #scrollTo(top: number): void {
    windowScroll.to(top)
    this.#lastScroll = windowScroll.top
    this.#expected = windowScroll.top
  }
}
