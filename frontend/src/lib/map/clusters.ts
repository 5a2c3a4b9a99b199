// Draws clusters as photo thumbnails with counts; a cluster that stays keeps its element, so nothing flickers.
import L from 'leaflet'

import type { MapCluster } from './clusters-in-view'
import { copiesInView, placeInWords } from './geometry'
import { gathered, type Gathering } from './merge'

interface Shown {
  marker: L.Marker
  button: HTMLButtonElement
  image: HTMLImageElement
  badge: HTMLSpanElement
  cluster: Gathering
}

/** What Leaflet's types leave out of its drag handler. */
type Dragging = L.Handler & { moved(): boolean }

const SIZES_PX = { one: 52, some: 60, many: 70 }
const MANY = 100
/** A little overlap is fine: the thumbnails' middles and counts stay visible. */
const APART_PX = 48
const counted = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

/** What the cluster is called for people who hear the map. */
export function clusterLabel(cluster: Gathering): string {
  const photos = cluster.count === 1 ? '1 photo' : `${cluster.count.toLocaleString('en')} photos`
  return `${photos} near ${placeInWords(cluster.latitude, cluster.longitude)}`
}

export class ClusterLayer {
  readonly #map: L.Map
  readonly #open: (cluster: Gathering) => void
  #shown = new Map<string, Shown>()

  constructor(map: L.Map, open: (cluster: Gathering) => void) {
    this.#map = map
    this.#open = open
  }

  /** Show these clusters, on each copy of the world in view, in place of those before. */
  show(clusters: readonly MapCluster[]): void {
    const view = this.#map.getBounds().pad(0.2)
    const before = this.#shown
    const now = new Map<string, Shown>()
    const project = (latitude: number, longitude: number) => this.#map.project([latitude, longitude])
    for (const cluster of gathered(clusters, project, APART_PX)) {
      for (const longitude of copiesInView(cluster.longitude, view.getWest(), view.getEast())) {
        const copy = Math.round((longitude - cluster.longitude) / 360)
        const key = `${cluster.photo_id ?? cluster.tiles[0]} ${copy}`
        if (now.has(key)) continue
        const position = L.latLng(cluster.latitude, longitude)
        const kept = before.get(key)
        if (kept && sizeOf(kept.cluster) === sizeOf(cluster)) {
          before.delete(key)
          kept.marker.setLatLng(position)
          this.#fill(kept, cluster)
          now.set(key, kept)
        } else {
          now.set(key, this.#add(cluster, position))
        }
      }
    }
    const focused = document.activeElement
    for (const gone of before.values()) {
      if (gone.button === focused) this.#map.getContainer().focus({ preventScroll: true })
      gone.marker.remove()
    }
    this.#shown = now
  }

  clear(): void {
    for (const shown of this.#shown.values()) shown.marker.remove()
    this.#shown.clear()
  }

  #add(cluster: Gathering, position: L.LatLng): Shown {
    const image = document.createElement('img')
    image.alt = ''
    image.decoding = 'async'
    image.draggable = false
    image.addEventListener('error', () => (image.hidden = true))
    const badge = document.createElement('span')
    badge.className = 'count'
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'cluster'
    button.append(image, badge)

    const size = sizeOf(cluster)
    const icon = L.divIcon({ className: 'cluster-place', html: button, iconSize: [size, size] })
    // Leaflet's own markers can't be pressed by keyboard alone; the button inside can.
    const marker = L.marker(position, { icon, interactive: false, keyboard: false })
    const shown: Shown = { marker, button, image, badge, cluster }
    this.#fill(shown, cluster)

    button.addEventListener('click', (event) => {
      event.stopPropagation()
      const endOfDrag = event.detail > 0 && (this.#map.dragging as Dragging).moved()
      if (!endOfDrag) this.#open(shown.cluster)
    })
    button.addEventListener('dblclick', (event) => event.stopPropagation())
    button.addEventListener('focus', () => {
      if (button.matches(':focus-visible')) this.#map.panInside(marker.getLatLng(), { padding: [size, size] })
    })
    marker.addTo(this.#map)
    return shown
  }

  #fill(shown: Shown, cluster: Gathering): void {
    shown.cluster = cluster
    shown.button.setAttribute('aria-label', clusterLabel(cluster))
    shown.badge.textContent = counted.format(cluster.count)
    shown.badge.hidden = cluster.count === 1
    const address = cluster.thumbnail_url ?? ''
    if (shown.image.getAttribute('src') !== address) {
      shown.image.hidden = !address
      if (address) shown.image.src = address
      else shown.image.removeAttribute('src')
    }
  }
}

function sizeOf(cluster: Gathering): number {
  if (cluster.count === 1) return SIZES_PX.one
  return cluster.count < MANY ? SIZES_PX.some : SIZES_PX.many
}
