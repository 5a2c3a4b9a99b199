// Suggestions while somebody types: asked for after a pause, the answer to an older question is dropped.
import { answer, api } from '../api/client'
import type { Suggestion } from '../api/types'
import { codePoints, replaced } from './query-text'

const PAUSE_MS = 140
const MOST = 9

export class Suggestions {
  items = $state.raw<Suggestion[]>([])
  /** Index of the one the arrow keys stand on, -1 for the text itself. */
  active = $state(-1)
  /** Of the text that they are for, in code points: what a chosen one takes the place of. */
  #span: [number, number] = [0, 0]
  #timer: number | undefined
  #asked = 0

  /** Ask what a text can go on with at a caret. */
  ask(text: string, caret = text.length): void {
    window.clearTimeout(this.#timer)
    const asked = ++this.#asked
    this.active = -1
    if (!text.trim()) {
      this.items = []
      return
    }
    this.#timer = window.setTimeout(() => void this.#fetch(text, codePoints(text, caret), asked), PAUSE_MS)
  }

  clear(): void {
    this.ask('')
  }

  move(by: 1 | -1): void {
    const places = this.items.length + 1
    this.active = ((this.active + 1 + by + places) % places) - 1
  }

  /** The text with a suggestion in it. */
  taken(text: string, chosen: Suggestion): string {
    return replaced(text, ...this.#span, chosen.text)
  }

  async #fetch(q: string, position: number, asked: number): Promise<void> {
    try {
      const found = await answer(api.GET('/api/v1/suggest', { params: { query: { q, position } } }))
      if (asked !== this.#asked) return
      this.#span = [found.start, found.end]
      this.items = found.items.slice(0, MOST)
    } catch {
      if (asked === this.#asked) this.items = []
    }
  }
}
