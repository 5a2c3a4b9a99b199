// Where the window is scrolled to, as state; one listener however many grids there are.
class WindowScroll {
  top = $state(0)
  height = $state(0)

  constructor() {
    this.#read()
    window.addEventListener('scroll', () => this.#read(), { passive: true })
    window.addEventListener('resize', () => this.#read(), { passive: true })
  }

  #read(): void {
    this.top = window.scrollY
    this.height = window.innerHeight
  }
}

export const windowScroll = new WindowScroll()
