// Suggestions while somebody types: asked for after a pause, the answer to an older question is dropped.
import { answer, api } from '../api/client'
import type { Suggestion } from '../api/types'

const PAUSE_MS = 140

export class Suggestions {
  items = $state.raw<Suggestion[]>([])
  /** Index of the one the arrow keys stand on, -1 for the text itself. */
  active = $state(-1)
  #timer: number | undefined
  #asked = 0

  ask(text: string): void {
    window.clearTimeout(this.#timer)
    const asked = ++this.#asked
    this.active = -1
    if (!text.trim()) {
      this.items = []
      return
    }
    this.#timer = window.setTimeout(() => void this.#fetch(text.trim(), asked), PAUSE_MS)
  }

  clear(): void {
    this.ask('')
  }

  move(by: 1 | -1): void {
    const places = this.items.length + 1
    this.active = ((this.active + 1 + by + places) % places) - 1
  }

  async #fetch(q: string, asked: number): Promise<void> {
    try {
      const { items } = await answer(api.GET('/api/v1/suggest', { params: { query: { q } } }))
      if (asked === this.#asked) this.items = items.slice(0, 9)
    } catch {
      if (asked === this.#asked) this.items = []
    }
  }
}
