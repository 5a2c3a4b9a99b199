// Which photos are picked, in the order of the list they stand in.
import { SvelteSet } from 'svelte/reactivity'

export class Selection {
  readonly ids = new SvelteSet<string>()
  #anchor: string | null = null

  get isActive(): boolean {
    return this.ids.size > 0
  }

  has(photoId: string): boolean {
    return this.ids.has(photoId)
  }

  /** Pick or drop one photo; with `range`, all from the last one picked to this one. */
  toggle(photoId: string, order: readonly string[], range = false): void {
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
    this.#anchor = null
  }
}
