// One key for each answer, and none where a key is held or belongs to the browser.
import { expect, it } from 'vitest'

import { deedOf, keyOfTick } from './keys'
import { swipeOf } from './swipe'

const press = (key: string, more = {}) =>
  deedOf({ key, ctrlKey: false, metaKey: false, altKey: false, repeat: false, ...more })

it('each answer has its key', () => {
  expect(['Enter', 'y', 'n', 'u', 's', 'x', 'p', 'z'].map((key) => press(key)?.kind)).toEqual([
    'main',
    'main',
    'no',
    'not-sure',
    'skip',
    'never',
    'part',
    'undo',
  ])
  expect(press('q')).toBeNull()
})

it('digits are ticks, nought the tenth', () => {
  expect(press('1')).toEqual({ kind: 'number', index: 0 })
  expect(press('0')).toEqual({ kind: 'number', index: 9 })
  expect([0, 8, 9, 10].map(keyOfTick)).toEqual(['1', '9', '0', ''])
})

it('a key that is held answers once, but moves on', () => {
  expect(press('y', { repeat: true })).toBeNull()
  expect(press('1', { repeat: true })).toBeNull()
  expect(press('ArrowLeft', { repeat: true })).toEqual({ kind: 'move', x: -1, y: 0 })
  expect(press('z', { ctrlKey: true })).toBeNull()
})

it('a finger has to go some way before it has answered', () => {
  expect(swipeOf(40, 360)).toEqual({ part: 40 / 108, side: null })
  expect(swipeOf(120, 360)).toEqual({ part: 1, side: 'right' })
  expect(swipeOf(-140, 1200)).toEqual({ part: -1, side: 'left' })
})
