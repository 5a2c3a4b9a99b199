// Makes `virtual:world-outline`: the address of a GeoJSON of the world's land and borders, drawn where map tiles can't be reached.
// Source: Natural Earth 1:110m (public domain) as TopoJSON in npm's world-atlas.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { MultiLineString, MultiPolygon, Polygon, Position } from 'geojson'
import { feature, mesh } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import type { Plugin } from 'vite'

const ID = 'virtual:world-outline'
const FILE_NAME = 'world-outline.json'
const SOUTH_POLE = -90

type World = Topology<{ countries: GeometryCollection; land: GeometryCollection }>

/** A hundredth of a degree is finer than the 1:110m source, and two thirds of the file's size. */
function rounded(degrees: number): number {
  return Math.round(degrees * 100) / 100
}

/** The source steps from 180° to -180°; on a flat map that would be a streak across the world, so go on past 180°. */
function unrolled(line: Position[]): Position[] {
  let turn = 0
  let before = line[0]?.[0] ?? 0
  return line.map(([longitude = 0, latitude = 0]) => {
    if (longitude - before > 180) turn -= 360
    if (before - longitude > 180) turn += 360
    before = longitude
    return [rounded(longitude + turn), rounded(latitude)]
  })
}

/** A ring that goes round the world (Antarctica's) is closed along the edge of the map. */
function closedRing(ring: Position[]): Position[] {
  const line = unrolled(ring)
  const [first, last] = [line[0], line.at(-1)]
  if (!first || !last || first[0] === last[0]) return line
  return [...line, [last[0] ?? 0, SOUTH_POLE], [first[0] ?? 0, SOUTH_POLE], first]
}

function polygonsOf(geometry: Polygon | MultiPolygon): Position[][][] {
  return geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
}

function worldOutline(): string {
  const path = createRequire(import.meta.url).resolve('world-atlas/countries-110m.json')
  const world = JSON.parse(readFileSync(path, 'utf8')) as World
  const lands = feature(world, world.objects.land).features as { geometry: Polygon | MultiPolygon }[]
  const land: MultiPolygon = {
    type: 'MultiPolygon',
    coordinates: lands.flatMap(({ geometry }) => polygonsOf(geometry).map((rings) => rings.map(closedRing))),
  }
  const borders: MultiLineString = mesh(world, world.objects.countries, (a, b) => a !== b)
  borders.coordinates = borders.coordinates.map(unrolled)
  return JSON.stringify({
    type: 'FeatureCollection',
    features: [
      { type: 'Feature', properties: { kind: 'land' }, geometry: land },
      { type: 'Feature', properties: { kind: 'borders' }, geometry: borders },
    ],
  })
}

export function worldOutlineAsset(): Plugin {
  let building = false
  return {
    name: 'heliograph:world-outline',
    configResolved(config) {
      building = config.command === 'build'
    },
    resolveId(id) {
      return id === ID ? `\0${ID}` : undefined
    },
    load(id) {
      if (id !== `\0${ID}`) return undefined
      if (!building) return `export default '/${FILE_NAME}';`
      const reference = this.emitFile({ type: 'asset', name: FILE_NAME, source: worldOutline() })
      return `export default import.meta.ROLLUP_FILE_URL_${reference};`
    },
    configureServer(server) {
      server.middlewares.use(`/${FILE_NAME}`, (_request, response) => {
        response.setHeader('Content-Type', 'application/json')
        response.end(worldOutline())
      })
    },
  }
}
