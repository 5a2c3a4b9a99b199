// Clusters that would cover each other become one.
import { describe, expect, it } from 'vitest'

import type { MapCluster } from './clusters-in-view'
import { gathered } from './merge'

function aCluster(change: Partial<MapCluster>): MapCluster {
  return {
    latitude: 0,
    longitude: 0,
    count: 1,
    photo_id: 'a',
    thumbnail_url: '',
    tile: '0',
    ...change,
  }
}

const tenPixelsPerDegree = (latitude: number, longitude: number) => ({ x: longitude * 10, y: -latitude * 10 })

describe('clusters', () => {
  it('stay apart where each can be seen', () => {
    const clusters = [aCluster({}), aCluster({ photo_id: 'b', longitude: 5 })]
    expect(gathered(clusters, tenPixelsPerDegree, 50)).toHaveLength(2)
  })

  it('become the largest of them, where it is, with all their photos', () => {
    const small = aCluster({ photo_id: 'small', count: 2, longitude: 1, tile: '1' })
    const large = aCluster({ photo_id: 'large', count: 9, longitude: 2, tile: '2' })
    expect(gathered([small, large], tenPixelsPerDegree, 50)).toEqual([
      {
        latitude: 0,
        longitude: 2,
        count: 11,
        photo_id: 'large',
        thumbnail_url: '',
        tiles: ['2', '1'],
        points: [
          [2, 0, 2, 0],
          [1, 0, 1, 0],
        ],
      },
    ])
  })
})
