// Which photos are picked, in the order of the list they stand in.
import { SvelteSet } from 'svelte/reactivity'

import type { JobSearch } from '../api/types'

export class Selection {
  readonly ids = new SvelteSet<string>()
  /** All that a search finds is picked, also what was never loaded; `ids` are then only those picked before. */
  everything = $state.raw<JobSearch | null>(null)
  #anchor: string | null = null

  get isActive(): boolean {
    return this.ids.size > 0 || this.everything !== null
  }

  has(photoId: string): boolean {
    return this.everything !== null || this.ids.has(photoId)
  }

  /** Pick or drop one photo; with `range`, all from the last one picked to this one. */
  toggle(photoId: string, order: readonly string[], range = false): void {
    if (this.everything) {
      // Out of "all" leads the one that is pressed: which others were meant, nobody can say.
      this.everything = null
      this.ids.clear()
    }
    const from = this.#anchor === null ? -1 : order.indexOf(this.#anchor)
    const to = order.indexOf(photoId)
    if (range && from >= 0 && to >= 0) {
      for (const id of order.slice(Math.min(from, to), Math.max(from, to) + 1)) this.ids.add(id)
    } else if (this.ids.has(photoId)) this.ids.delete(photoId)
    else this.ids.add(photoId)
    this.#anchor = photoId
  }

  setAll(photoIds: readonly string[], picked: boolean): void {
    for (const id of photoIds) {
      if (picked) this.ids.add(id)
      else this.ids.delete(id)
    }
  }

  clear(): void {
    this.ids.clear()
    this.everything = null
    this.#anchor = null
  }
}
