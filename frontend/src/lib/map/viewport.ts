// Where the map was last left, for as long as the tab lives.
import type { Box } from './geometry'

const KEY = 'heliograph.map'

export interface Viewport {
  latitude: number
  longitude: number
  zoom: number
}

export function keptViewport(): Viewport | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Partial<Viewport> | null
    const { latitude, longitude, zoom } = kept ?? {}
    if (![latitude, longitude, zoom].every(Number.isFinite)) return null
    return { latitude, longitude, zoom } as Viewport
  } catch {
    return null
  }
}

export function keepViewport(viewport: Viewport): void {
  sessionStorage.setItem(KEY, JSON.stringify(viewport))
}

/** As Leaflet writes corners. */
export function cornersOf([west, south, east, north]: Box): [[number, number], [number, number]] {
  return [
    [south, west],
    [north, east],
  ]
}
