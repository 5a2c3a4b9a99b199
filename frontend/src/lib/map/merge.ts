// Clusters of neighbouring tiles can lie on top of each other; those that would, become one.
import type { MapCluster } from './clusters-in-view'
import type { Box } from './geometry'

export interface Point {
  x: number
  y: number
}

/** What is drawn in one place: a cluster of the API's, or several that would cover each other. */
export interface Gathering {
  latitude: number
  longitude: number
  count: number
  /** Of the largest of the clusters: the face of the whole, and its name from one view to the next. */
  photo_id: string | null
  thumbnail_url: string | null
  /** The tiles of the clusters: what lists the photos. */
  tiles: string[]
  /** Where each cluster lies, to zoom in until they part. */
  points: Box[]
}

/**
 * Gather clusters that would be drawn nearer to each other than `apart` pixels, the largest first.
 *
 * The largest stays where it is and takes in what it would cover, so that a map drawn again looks the same.
 */
export function gathered(
  clusters: readonly MapCluster[],
  project: (latitude: number, longitude: number) => Point,
  apart: number,
): Gathering[] {
  const sorted = [...clusters].sort((a, b) => b.count - a.count || a.tile.localeCompare(b.tile))
  const found: { at: Point; gathering: Gathering }[] = []
  for (const cluster of sorted) {
    const { latitude, longitude, count, photo_id, thumbnail_url, tile } = cluster
    const at = project(latitude, longitude)
    const point: Box = [longitude, latitude, longitude, latitude]
    const near = found.find((other) => Math.hypot(other.at.x - at.x, other.at.y - at.y) < apart)
    if (near) {
      near.gathering.count += count
      near.gathering.tiles.push(tile)
      near.gathering.points.push(point)
    } else {
      const gathering = {
        latitude,
        longitude,
        count,
        photo_id,
        thumbnail_url,
        tiles: [tile],
        points: [point],
      }
      found.push({ at, gathering })
    }
  }
  return found.map(({ gathering }) => gathering)
}
