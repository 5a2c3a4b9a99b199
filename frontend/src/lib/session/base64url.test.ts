// What goes over the wire as base64url comes back as it was.
import { describe, expect, it } from 'vitest'

import { bytesOf, textOf } from './base64url'

describe('base64url', () => {
  it('is without padding, plus and slash', () => {
    expect(textOf(new Uint8Array([251, 255, 191]).buffer)).toBe('-_-_')
    expect(textOf(new Uint8Array([0]).buffer)).toBe('AA')
  })

  it('gives each byte back', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    expect(bytesOf(textOf(bytes.buffer))).toEqual(bytes)
  })
})
