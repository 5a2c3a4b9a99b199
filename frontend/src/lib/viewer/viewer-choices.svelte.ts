// Whether details and boxes are shown; stays so from photo to photo and from visit to visit.
const KEY = 'heliograph.viewer'

class ViewerChoices {
  #info = $state(false)
  #boxes = $state(false)

  constructor() {
    const kept = localStorage.getItem(KEY)?.split(' ') ?? []
    this.#info = kept.includes('info')
    this.#boxes = kept.includes('boxes')
  }

  get info(): boolean {
    return this.#info
  }

  set info(shown: boolean) {
    this.#info = shown
    this.#keep()
  }

  get boxes(): boolean {
    return this.#boxes
  }

  set boxes(shown: boolean) {
    this.#boxes = shown
    this.#keep()
  }

  #keep(): void {
    localStorage.setItem(KEY, [this.#info && 'info', this.#boxes && 'boxes'].filter(Boolean).join(' '))
  }
}

export const viewerChoices = new ViewerChoices()
