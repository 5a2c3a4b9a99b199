// Longitudes on a map that goes round: which boxes a view asks for, where a place shows, what encloses all photos.

/** west, south, east, north in degrees, as the API takes it. */
export type Box = readonly [west: number, south: number, east: number, north: number]

const LATITUDE_LIMIT = 90

/** Return the same meridian within -180 (included) to 180 (excluded). */
export function wrappedLongitude(longitude: number): number {
  return ((((longitude + 180) % 360) + 360) % 360) - 180
}

/**
 * Return the boxes within ±180° that cover a view which may lie on any copy of the world:
 * one, or two where the view crosses the date line.
 */
export function boxesOfView([west, south, east, north]: Box): Box[] {
  const low = Math.max(south, -LATITUDE_LIMIT)
  const high = Math.min(north, LATITUDE_LIMIT)
  if (east - west >= 360) return [[-180, low, 180, high]]
  const left = wrappedLongitude(west)
  const right = left + (east - west)
  if (right <= 180) return [[left, low, right, high]]
  return [
    [left, low, 180, high],
    [-180, low, right - 360, high],
  ]
}

/** Return the part of the map that a quadkey's tile shows (Web Mercator). */
export function boxOfTile(tile: string): Box {
  let column = 0
  let row = 0
  for (const digit of tile) {
    column = column * 2 + (Number(digit) & 1)
    row = row * 2 + (Number(digit) >> 1)
  }
  const side = 2 ** tile.length
  const latitude = (line: number) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * line) / side))) * 180) / Math.PI
  return [(column / side) * 360 - 180, latitude(row + 1), ((column + 1) / side) * 360 - 180, latitude(row)]
}

/** Return each longitude from west to east, over all copies of the world, at which a place lies. */
export function copiesInView(longitude: number, west: number, east: number): number[] {
  const first = longitude + 360 * Math.ceil((west - longitude) / 360)
  const copies: number[] = []
  for (let copy = first; copy <= east; copy += 360) copies.push(copy)
  return copies
}

/**
 * Return the smallest box around all boxes, going over the date line where that is shorter
 * (its east is then above 180), or null for none.
 */
export function enclosingBox(boxes: readonly Box[]): Box | null {
  const sorted = [...boxes].sort((a, b) => a[0] - b[0])
  const first = sorted[0]
  if (!first) return null
  const south = Math.min(...sorted.map((box) => box[1]))
  const north = Math.max(...sorted.map((box) => box[3]))

  // The widest stretch without photos is what the box leaves out.
  let reached = first[2]
  let west = first[0]
  let east = Math.max(...sorted.map((box) => box[2]))
  let widest = first[0] + 360 - east
  for (const box of sorted.slice(1)) {
    const gap = box[0] - reached
    if (gap > widest) {
      widest = gap
      west = box[0]
      east = reached + 360
    }
    reached = Math.max(reached, box[2])
  }
  return [west, south, east, north]
}

/** Return a place as people write it, for example `38.72° N, 9.14° W`. */
export function placeInWords(latitude: number, longitude: number): string {
  const east = wrappedLongitude(longitude)
  return `${Math.abs(latitude).toFixed(2)}° ${latitude < 0 ? 'S' : 'N'}, ${Math.abs(east).toFixed(2)}° ${east < 0 ? 'W' : 'E'}`
}
