// A Leaflet map of the library: its ground, its clusters, and what a press on a cluster leads to.
import L from 'leaflet'
import 'leaflet/dist/leaflet.css'

import type { GridPhoto } from '../api/types'
import { clusterLabel, ClusterLayer } from './clusters'
import { clustersWithin } from './clusters-in-view'
import { boxesOfView, boxOfTile, enclosingBox, type Box } from './geometry'
import type { Gathering } from './merge'
import type { MonthSpan } from './months'
import { partsOfBoxes, type MapPart } from './photos-within'
import { GroundLayer, type Ground, type TileSource } from './tiles'
import { cornersOf, keepViewport, keptViewport } from './viewport'

export interface MapEvents {
  ground(ground: Ground): void
  /** How many photos the view holds now, and whether all of them are counted. */
  counted(photos: number, exact: boolean): void
  /** Nothing in the library has a place. */
  empty(): void
  failed(error: unknown): void
  /** These photos stand so close together that no zoom parts them. */
  opened(title: string, parts: readonly MapPart[]): void
  photoOpened(photoId: string): void
  /** The first photos of a part of the map. */
  photosOf(part: MapPart): Promise<readonly GridPhoto[]>
}

const WORLD: Box = [-180, -90, 180, 90]
const DEEPEST_ZOOM = 19
const CLOSEST_FIT = 16
const SETTLE_MS = 120
/** Clusters of more photos than this are zoomed into without looking at where exactly the photos are. */
const LOOKED_INTO = 200
/** Photos nearer to each other than this at the deepest zoom can't be told apart there. */
const APART_PX = 40

export class LibraryMap {
  readonly #map: L.Map
  readonly #events: MapEvents
  readonly #clusters: ClusterLayer
  readonly #ground: GroundLayer
  #settling = 0
  #span: MonthSpan | null = null
  #request = new AbortController()
  #removed = false

  constructor(element: HTMLElement, source: TileSource, events: MapEvents) {
    this.#events = events
    const narrow = element.clientWidth < 700
    this.#map = L.map(element, {
      minZoom: narrow ? 1 : 2,
      maxZoom: DEEPEST_ZOOM,
      worldCopyJump: true,
      maxBounds: [
        [-85.06, -1e6],
        [85.06, 1e6],
      ],
      maxBoundsViscosity: 1,
      zoomControl: false,
    })
    this.#map.attributionControl.setPrefix('<a href="https://leafletjs.com">Leaflet</a>')
    L.control.zoom({ position: 'topright' }).addTo(this.#map)
    L.control
      .scale({ position: 'bottomleft', maxWidth: 110, ...unitsOf(navigator.language) })
      .addTo(this.#map)
    this.#clusters = new ClusterLayer(this.#map, (cluster) => void this.#press(cluster))
    this.#ground = new GroundLayer(this.#map, source, (ground) => events.ground(ground))
    void this.#start()
  }

  /** Ask for the clusters again, once the view has stood still for a moment. */
  refresh(): void {
    window.clearTimeout(this.#settling)
    this.#settling = window.setTimeout(() => void this.#load(), SETTLE_MS)
  }

  /** Show only photos of these months; of all times without any. */
  show(span: MonthSpan | null): void {
    this.#span = span
    this.refresh()
  }

  retryTiles(): void {
    this.#ground.lay()
  }

  /** Open the photos of the whole view. */
  openView(): void {
    this.#events.opened('Photos in this view', partsOfBoxes(boxesOfView(this.#view())))
  }

  focus(): void {
    this.#map.getContainer().focus({ preventScroll: true })
  }

  remove(): void {
    this.#removed = true
    window.clearTimeout(this.#settling)
    this.#request.abort()
    this.#clusters.clear()
    this.#ground.remove()
    this.#map.remove()
  }

  async #start(): Promise<void> {
    const kept = keptViewport()
    if (kept) this.#map.setView([kept.latitude, kept.longitude], kept.zoom)
    else this.#map.setView([20, 0], this.#map.getMinZoom())
    try {
      const everything = await clustersWithin(WORLD, 0, null, this.#request.signal)
      if (this.#removed) return
      const box = enclosingBox(everything.clusters.map((cluster) => boxOfTile(cluster.tile)))
      if (!box) this.#events.empty()
      else if (!kept) this.#fit(box, false)
    } catch (error) {
      if (!this.#removed) this.#events.failed(error)
    }
    if (this.#removed) return
    this.#map.on('moveend', () => {
      const { lat: latitude, lng: longitude } = this.#map.getCenter()
      keepViewport({ latitude, longitude, zoom: this.#map.getZoom() })
      this.refresh()
    })
    this.#map.on('resize', () => this.refresh())
    await this.#load()
  }

  async #load(): Promise<void> {
    this.#request.abort()
    this.#request = new AbortController()
    const { signal } = this.#request
    try {
      const zoom = Math.round(this.#map.getZoom())
      const { clusters, exact } = await clustersWithin(this.#view(), zoom, this.#span, signal)
      if (signal.aborted) return
      this.#clusters.show(clusters)
      const photos = clusters.reduce((sum, cluster) => sum + cluster.count, 0)
      this.#events.counted(photos, exact)
    } catch (error) {
      if (!signal.aborted) this.#events.failed(error)
    }
  }

  async #press(cluster: Gathering): Promise<void> {
    if (cluster.count === 1 && cluster.photo_id) {
      this.#events.photoOpened(cluster.photo_id)
      return
    }
    try {
      const box = await this.#extent(cluster)
      if (box && this.#canPart(box)) this.#fit(box, true)
      else {
        const parts = cluster.tiles.map((tile) => ({ tile }))
        this.#events.opened(clusterLabel(cluster), parts)
      }
    } catch (error) {
      this.#events.failed(error)
    }
  }

  /** Where a cluster's photos lie: looked up for one of few photos, taken from its parts or its tile otherwise. */
  async #extent({ tiles, points, count }: Gathering): Promise<Box | null> {
    const [tile] = tiles
    if (tiles.length > 1 || !tile) return enclosingBox(points)
    if (count > LOOKED_INTO) return boxOfTile(tile)
    const photos = await this.#events.photosOf({ tile })
    return enclosingBox(photos.map(pointOf).filter((point) => point !== null))
  }

  #canPart(box: Box): boolean {
    if (this.#map.getZoom() >= DEEPEST_ZOOM) return false
    const [southWest, northEast] = cornersOf(box).map((corner) => this.#map.project(corner, DEEPEST_ZOOM))
    if (!southWest || !northEast) return false
    return Math.max(northEast.x - southWest.x, southWest.y - northEast.y) > APART_PX
  }

  #fit(box: Box, animate: boolean): void {
    const bounds = L.latLngBounds(cornersOf(box))
    const wanted = this.#map.getBoundsZoom(bounds, false, L.point(140, 140))
    // A press always leads deeper; the first view doesn't go down to one house.
    const zoom = animate ? Math.max(wanted, this.#map.getZoom() + 1) : Math.min(wanted, CLOSEST_FIT)
    this.#map.setView(bounds.getCenter(), Math.min(zoom, DEEPEST_ZOOM), { animate })
  }

  #view(): Box {
    const bounds = this.#map.getBounds()
    return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()]
  }
}

function pointOf({ latitude, longitude }: GridPhoto): Box | null {
  return latitude === null || longitude === null ? null : [longitude, latitude, longitude, latitude]
}

function unitsOf(language: string): { metric: boolean; imperial: boolean } {
  const imperial = /-(US|LR|MM)$/.test(language)
  return { metric: !imperial, imperial }
}
