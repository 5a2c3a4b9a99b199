// Asks the API for the clusters of a view: one request at a time, the older one given up.
import { answer, api } from '../api/client'
import type { MapCluster } from '../api/types'
import { boxesOfView, type Box } from './geometry'

export async function clustersWithin(view: Box, zoom: number, signal: AbortSignal): Promise<MapCluster[]> {
  const answers = await Promise.all(
    boxesOfView(view).map((box) => {
      const bbox = box.map((degrees) => degrees.toFixed(6)).join(',')
      return answer(api.GET('/api/v1/map', { params: { query: { bbox, zoom } }, signal }))
    }),
  )
  // openapi-fetch's types make an array of the tuple `bbox`.
  return answers.flatMap((part) => part.clusters as MapCluster[])
}
