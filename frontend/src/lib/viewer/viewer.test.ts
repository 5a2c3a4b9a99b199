// Zooming keeps what is pointed at in place; facts read as people write them.
import { describe, expect, it } from 'vitest'

import { cameraText, exposureText, megapixelsText, shutterText, sizeText, takenText } from './facts'
import { CLOSEST, clamped, FITTED, fittedSize, zoomedAt } from './zoom'

const stage = { width: 1000, height: 800 }

describe('zooming', () => {
  it('fits wide and tall pictures into the stage, and enlarges small ones at most twice', () => {
    expect(fittedSize(2, stage, 4000)).toEqual({ width: 1000, height: 500 })
    expect(fittedSize(0.5, stage, 4000)).toEqual({ width: 400, height: 800 })
    expect(fittedSize(1, stage, 100)).toEqual({ width: 200, height: 200 })
  })

  it('keeps the point under the pointer where it is', () => {
    const point = { x: 120, y: -80 }
    const before = { scale: 1.5, x: 30, y: 10 }
    const after = zoomedAt(before, 3, point)
    const within = (zoom: typeof before) => [(point.x - zoom.x) / zoom.scale, (point.y - zoom.y) / zoom.scale]
    expect(within(after)[0]).toBeCloseTo(within(before)[0] ?? 0)
    expect(within(after)[1]).toBeCloseTo(within(before)[1] ?? 0)
  })

  it('never shows a gap beside a picture that could cover it, nor goes beyond its limits', () => {
    const picture = fittedSize(1.25, stage, 4000)
    expect(clamped({ scale: 2, x: 9999, y: -9999 }, picture, stage)).toEqual({ scale: 2, x: 500, y: -400 })
    expect(clamped({ scale: 0.2, x: 50, y: 50 }, picture, stage)).toEqual(FITTED)
    expect(clamped({ scale: 99, x: 0, y: 0 }, picture, stage).scale).toBe(CLOSEST)
  })
})

describe('facts', () => {
  it('are short', () => {
    expect(sizeText(999)).toBe('999 B')
    expect(sizeText(3_540_000)).toBe('3.5 MB')
    expect(shutterText(0.004)).toBe('1/250 s')
    expect(shutterText(2.5)).toBe('2.5 s')
    expect(megapixelsText({ width_px: 4000, height_px: 3000 })).toBe('4000 × 3000 · 12 MP')
  })

  it('say a camera’s make once', () => {
    expect(cameraText({ make: 'NIKON CORPORATION', model: 'NIKON D750', lens: '' })).toBe('NIKON D750')
    expect(cameraText({ make: 'FUJIFILM', model: 'X-T4', lens: '' })).toBe('FUJIFILM X-T4')
    expect(cameraText(null)).toBe('')
  })

  it('leave out what isn’t known of the exposure', () => {
    const exposure = { aperture: 2.8, shutter_seconds: null, iso: 200, focal_length_mm: 35 }
    expect(exposureText(exposure)).toBe('ƒ/2.8 · 35 mm · ISO 200')
    expect(exposureText(null)).toBe('')
  })

  it('show the time on the camera’s clock, whatever its offset', () => {
    expect(takenText('2024-06-05T23:30:00+09:00')).toMatchObject({ day: 'Wednesday, June 5, 2024' })
    expect(takenText('not a time')).toEqual({ day: 'not a time', time: '' })
  })
})
