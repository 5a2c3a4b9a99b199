// The map's ground: tiles from wherever /config.json says, and the world's outline where they can't be had.
import type { FeatureCollection } from 'geojson'
import L from 'leaflet'
import outlineAddress from 'virtual:world-outline'

export interface TileSource {
  tile_url: string
  tile_attribution: string
}

export type Ground = 'loading' | 'tiles' | 'outline'

const OPENSTREETMAP: TileSource = {
  tile_url: 'https://tile.openstreetmap.org/{z}/{x}/{y}.png',
  tile_attribution: '© OpenStreetMap contributors',
}
const OPENSTREETMAP_LINK = '<a href="https://www.openstreetmap.org/copyright">OpenStreetMap</a>'
const OUTLINE_ATTRIBUTION = 'Outline: <a href="https://www.naturalearthdata.com/">Natural Earth</a>'

/** So many failures without one success mean that the server can't be reached; one or two are holes in its map. */
const FAILURES_THAT_TELL = 3
const WORLD_COPIES = [-360, 0, 360]

/** An empty `tile_url` is an operator's wish to ask no other host for anything. */
export async function tileSource(signal: AbortSignal): Promise<TileSource> {
  try {
    const response = await fetch('/config.json', { signal })
    if (!response.ok) return OPENSTREETMAP
    return { ...OPENSTREETMAP, ...((await response.json()) as Partial<TileSource>) }
  } catch (error) {
    if (signal.aborted) throw error
    return OPENSTREETMAP
  }
}

/** Plain words get the link that OpenStreetMap's licence asks for; an operator's own HTML is taken as it is. */
export function linkedAttribution(attribution: string): string {
  return attribution.includes('<') ? attribution : attribution.replace('OpenStreetMap', OPENSTREETMAP_LINK)
}

/** Lays tiles or the outline under a map and tells which of them is shown. */
export class GroundLayer {
  readonly #map: L.Map
  readonly #source: TileSource
  readonly #tell: (ground: Ground) => void
  #tiles: L.TileLayer | null = null
  #outline: L.LayerGroup | null = null
  #removed = false

  constructor(map: L.Map, source: TileSource, tell: (ground: Ground) => void) {
    this.#map = map
    this.#source = source
    this.#tell = tell
    this.lay()
  }

  /** Ask for tiles (again). */
  lay(): void {
    this.#tiles?.remove()
    this.#tiles = null
    if (!this.#source.tile_url) {
      void this.#layOutline()
      return
    }
    this.#tell('loading')
    let failures = 0
    const tiles = L.tileLayer(this.#source.tile_url, {
      attribution: linkedAttribution(this.#source.tile_attribution),
      maxZoom: 19,
      // The page itself sends no referrer abroad; OpenStreetMap's tile policy asks for one, and the origin is enough.
      referrerPolicy: 'strict-origin-when-cross-origin',
    })
    tiles.on('tileload', () => {
      failures = -Infinity
      this.#outline?.remove()
      this.#outline = null
      this.#tell('tiles')
    })
    tiles.on('tileerror', () => {
      failures += 1
      if (failures < FAILURES_THAT_TELL || this.#tiles !== tiles) return
      this.#tiles = null
      tiles.remove()
      void this.#layOutline()
    })
    this.#tiles = tiles.addTo(this.#map)
  }

  remove(): void {
    this.#removed = true
    this.#tiles?.remove()
    this.#outline?.remove()
  }

  async #layOutline(): Promise<void> {
    this.#tell('outline')
    if (this.#outline) return
    const response = await fetch(outlineAddress)
    if (!response.ok || this.#removed || this.#tiles) return
    const world = (await response.json()) as FeatureCollection
    const pane = 'outline'
    if (!this.#map.getPane(pane)) this.#map.createPane(pane)
    const renderer = L.svg({ pane, padding: 0.5 })
    const copies = WORLD_COPIES.map((offset) =>
      L.geoJSON(world, {
        pane,
        interactive: false,
        attribution: OUTLINE_ATTRIBUTION,
        coordsToLatLng: ([longitude, latitude]) => L.latLng(latitude, longitude + offset),
        style: (feature) => ({ renderer, className: `outline-${String(feature?.properties?.['kind'])}` }),
      }),
    )
    this.#outline = L.layerGroup(copies).addTo(this.#map)
  }
}
