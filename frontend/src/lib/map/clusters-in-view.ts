// Asks the API for the clusters of a view: one request at a time, the older one given up.
import { answer, api } from '../api/client'
import type { MapColumns } from '../api/types'
import { boxesOfView, type Box } from './geometry'
import type { MonthSpan } from './months'

/** Photos that lie close together at a zoom. */
export interface MapCluster {
  /** The quadkey of the tile that they lie in. */
  tile: string
  latitude: number
  longitude: number
  count: number
  /** One of them; null where none was found within the span of time. */
  photo_id: string | null
  thumbnail_url: string | null
}

export interface Clusters {
  clusters: MapCluster[]
  /** Whether all numbers are counted. */
  exact: boolean
}

export async function clustersWithin(
  view: Box,
  zoom: number,
  span: MonthSpan | null,
  signal: AbortSignal,
): Promise<Clusters> {
  const answers = await Promise.all(
    boxesOfView(view).map((box) => {
      const bbox = box.map((degrees) => degrees.toFixed(6)).join(',')
      return answer(api.GET('/api/v1/map', { params: { query: { bbox, zoom, ...span } }, signal }))
    }),
  )
  return { clusters: answers.flatMap(clustersOf), exact: answers.every((one) => one.exact) }
}

/** The columns as rows. */
export function clustersOf(columns: MapColumns): MapCluster[] {
  return columns.tile.map((tile, index) => {
    const photo_id = columns.photo_id[index] ?? null
    const signature = columns.thumbnail.signature[index]
    return {
      tile,
      latitude: columns.latitude[index] ?? 0,
      longitude: columns.longitude[index] ?? 0,
      count: columns.count[index] ?? 0,
      photo_id,
      thumbnail_url:
        photo_id && signature
          ? columns.thumbnail.url.replace('{photo_id}', photo_id).replace('{signature}', signature)
          : null,
    }
  })
}
