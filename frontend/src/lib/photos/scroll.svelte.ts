// Where the window is scrolled to, as state; one listener however many grids there are.
class WindowScroll {
  top = $state(0)
  height = $state(0)
  #heard = new Set<() => void>()

  constructor() {
    this.#read()
    window.addEventListener('scroll', () => this.#scrolled(), { passive: true })
    window.addEventListener('resize', () => this.#read(), { passive: true })
  }

  /** Scroll, and know at once where that led. */
  to(top: number): void {
    window.scrollTo(0, top)
    this.#read()
  }

  /** Hear of each scroll until the returned function is called. */
  onScroll(listener: () => void): () => void {
    this.#heard.add(listener)
    return () => this.#heard.delete(listener)
  }

  #scrolled(): void {
    this.#read()
    for (const listener of this.#heard) listener()
  }

  #read(): void {
    this.top = window.scrollY
    this.height = window.innerHeight
  }
}

export const windowScroll = new WindowScroll()
