// The geometry of looking closer: scale and offset of a picture inside the stage.
export interface Size {
  width: number
  height: number
}

/** `x` and `y` move the picture's centre from the stage's centre, in CSS pixels; scale 1 fits the stage. */
export interface Zoom {
  scale: number
  x: number
  y: number
}

export const FITTED: Zoom = { scale: 1, x: 0, y: 0 }
export const CLOSEST = 8

/** Size of a picture of this ratio that just fits the stage, never larger than its own pixels twice over. */
export function fittedSize(ratio: number, stage: Size, ownWidth: number | null): Size {
  const width = Math.min(stage.width, stage.height * ratio, ownWidth ? ownWidth * 2 : Infinity)
  return { width: Math.max(1, width), height: Math.max(1, width / ratio) }
}

/** Keep the picture over the stage: no gap on a side where it could cover it. */
export function clamped({ scale, x, y }: Zoom, picture: Size, stage: Size): Zoom {
  const within = Math.min(CLOSEST, Math.max(1, scale))
  const limit = (length: number, room: number) => Math.max(0, (length * within - room) / 2)
  const limitX = limit(picture.width, stage.width)
  const limitY = limit(picture.height, stage.height)
  return {
    scale: within,
    x: Math.min(limitX, Math.max(-limitX, x)),
    y: Math.min(limitY, Math.max(-limitY, y)),
  }
}

/** Scale about a point (measured from the stage's centre), so that what is under it stays under it. */
export function zoomedAt(zoom: Zoom, scale: number, point: { x: number; y: number }): Zoom {
  const target = Math.min(CLOSEST, Math.max(1, scale))
  const factor = target / zoom.scale
  return {
    scale: target,
    x: point.x - (point.x - zoom.x) * factor,
    y: point.y - (point.y - zoom.y) * factor,
  }
}
