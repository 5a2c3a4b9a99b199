// Only what a letter's link brings along is sent to the server.
import { describe, expect, it } from 'vitest'

import { tokenOf } from './mail-links'

describe('the token of an address', () => {
  const token = 'Zm9yIHRoZSBzYWtlIG9mIGFuIGV4YW1wbGUsIDMyIGI'

  it('is what stands after the #', () => {
    expect(tokenOf(`#${token}`)).toBe(token)
  })

  it.each(['', '#', '#short', `#${token}x`, `#${token.slice(1)}/`, '#<script>'])('is not %s', (fragment) => {
    expect(tokenOf(fragment)).toBeNull()
  })
})
