// Makes `virtual:world-outline`: the address of a GeoJSON of the world's land and borders, drawn where map tiles can't be reached.
// Source: Natural Earth 1:110m (public domain) as TopoJSON in npm's world-atlas.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { feature, mesh } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import type { Plugin } from 'vite'

const ID = 'virtual:world-outline'
const FILE_NAME = 'world-outline.json'

type World = Topology<{ countries: GeometryCollection; land: GeometryCollection }>

/** A hundredth of a degree is finer than the 1:110m source, and two thirds of the file's size. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 100) / 100 : value
}

function worldOutline(): string {
  const path = createRequire(import.meta.url).resolve('world-atlas/countries-110m.json')
  const world = JSON.parse(readFileSync(path, 'utf8')) as World
  const land = feature(world, world.objects.land).features.map((item) => ({
    ...item,
    properties: { kind: 'land' },
  }))
  const borders = {
    type: 'Feature',
    properties: { kind: 'borders' },
    geometry: mesh(world, world.objects.countries, (a, b) => a !== b),
  }
  return JSON.stringify({ type: 'FeatureCollection', features: [...land, borders] }, rounded)
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
