// Months in a row.
import { describe, expect, it } from 'vitest'

import { barsOf, monthsBetween } from './months'

describe('the months from one to another', () => {
  it('go over the years', () => {
    expect(monthsBetween('2023-11', '2024-02')).toEqual(['2023-11', '2023-12', '2024-01', '2024-02'])
  })

  it('are one for the same month', () => {
    expect(monthsBetween('0999-12', '0999-12')).toEqual(['0999-12'])
  })
})

describe('bars', () => {
  it('stand for several months where these are many', () => {
    const counts = new Map([
      ['2023-01', 1],
      ['2023-02', 3],
      ['2023-04', 1],
    ])
    expect(barsOf(monthsBetween('2023-01', '2023-04'), counts, 2)).toEqual([1, 0.5])
  })

  it('are flat without photos', () => {
    expect(barsOf(['2023-01'], new Map(), 10)).toEqual([0])
  })
})
