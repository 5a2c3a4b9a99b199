// The geometry of a map that goes round.
import { describe, expect, it } from 'vitest'
import {
  boxesOfView,
  boxOfTile,
  copiesInView,
  enclosingBox,
  placeInWords,
  wrappedLongitude,
} from './geometry'

describe('a longitude', () => {
  it('is the same meridian on every copy of the world', () => {
    expect(wrappedLongitude(190)).toBe(-170)
    expect(wrappedLongitude(-541)).toBe(179)
    expect(wrappedLongitude(180)).toBe(-180)
    expect(wrappedLongitude(12.5)).toBe(12.5)
  })
})

describe('the boxes of a view', () => {
  it('are the view itself where it lies on the first world', () => {
    expect(boxesOfView([-10, 30, 20, 60])).toEqual([[-10, 30, 20, 60]])
  })

  it('lie on the first world for a view of another copy', () => {
    expect(boxesOfView([350, 30, 380, 60])).toEqual([[-10, 30, 20, 60]])
  })

  it('are two where the view crosses the date line', () => {
    expect(boxesOfView([170, -20, 200, 10])).toEqual([
      [170, -20, 180, 10],
      [-180, -20, -160, 10],
    ])
  })

  it('are the whole world where the view is wider than it', () => {
    expect(boxesOfView([-300, -95, 300, 95])).toEqual([[-180, -90, 180, 90]])
  })
})

describe('a tile', () => {
  it('is a quarter of the world by its first digit', () => {
    expect(boxOfTile('1').map(Math.round)).toEqual([0, 0, 180, 85])
    expect(boxOfTile('2').map(Math.round)).toEqual([-180, -85, 0, 0])
  })

  it('is a part of the tile that its key begins with', () => {
    expect(boxOfTile('033')[2]).toBe(0)
    expect(boxOfTile('033').map(Math.round)).toEqual([-45, 0, 0, 41])
  })
})

describe('a place', () => {
  it('shows once in a view of one world, on the right copy', () => {
    expect(copiesInView(-9, 340, 360)).toEqual([351])
    expect(copiesInView(-9, 0, 300)).toEqual([])
  })

  it('shows on each copy of a view of several worlds', () => {
    expect(copiesInView(10, -400, 400)).toEqual([-350, 10, 370])
  })

  it('is written with its hemispheres', () => {
    expect(placeInWords(38.7167, -9.139)).toBe('38.72° N, 9.14° W')
    expect(placeInWords(-17.5, 190)).toBe('17.50° S, 170.00° W')
  })
})

describe('the box around all photos', () => {
  it('is none without photos', () => {
    expect(enclosingBox([])).toBeNull()
  })

  it('encloses what is apart', () => {
    expect(
      enclosingBox([
        [-9, 38, -8, 39],
        [13, 52, 14, 53],
      ]),
    ).toEqual([-9, 38, 14, 53])
  })

  it('goes over the date line where that is shorter', () => {
    expect(
      enclosingBox([
        [174, -40, 175, -36],
        [-160, 20, -155, 22],
      ]),
    ).toEqual([174, -40, 205, 22])
  })

  it('does not mistake a wide box for a gap', () => {
    expect(
      enclosingBox([
        [-120, 0, 100, 10],
        [-50, 0, -40, 10],
        [120, 0, 130, 10],
      ]),
    ).toEqual([-120, 0, 130, 10])
  })
})
