// The places right below one: countries, a country's regions or a region's cities, with the most photos first.
import { answer, api } from '../api/client'
import type { PlaceCard, Places } from '../api/types'

const PAGE = 200

export class PlaceList {
  places = $state.raw<PlaceCard[]>([])
  parents = $state.raw<Places['parents']>([])
  loaded = $state(false)
  error = $state<unknown>(null)
  readonly #parent: string

  constructor(parent: string) {
    this.#parent = parent
  }

  async load(): Promise<void> {
    this.error = null
    try {
      let cursor: string | null = null
      let found: PlaceCard[] = []
      do {
        const query = { parent: this.#parent, limit: PAGE, ...(cursor ? { cursor } : {}) }
        const page: Places = await answer(api.GET('/api/v1/places', { params: { query } }))
        found = [...found, ...page.items]
        this.parents = page.parents
        this.places = found.toSorted((a, b) => b.count - a.count || a.name.localeCompare(b.name))
        cursor = page.next_cursor
      } while (cursor)
      this.loaded = true
    } catch (error) {
      this.error = error
    }
  }
}

/** Whether there is something below a place: a city is where its photos are. */
export function hasParts(value: string): boolean {
  return value.split('/').length < 3
}

export function addressOfPlaces(parent: string): string {
  return parent ? `/places?in=${encodeURIComponent(parent)}` : '/places'
}

export function addressOfPhotos(value: string): string {
  return `/search?place=${encodeURIComponent(value)}`
}
