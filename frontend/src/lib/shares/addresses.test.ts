import { describe, expect, it } from 'vitest'

import { invitationAddress, linkAddress, secretOf } from './addresses'

const SECRET = 'AbCdEfGhIjKlMnOpQrSt_-'

describe('addresses that are handed on', () => {
  it('carry the secret where no server sees it', () => {
    for (const address of [
      linkAddress(SECRET, 'https://a.test'),
      invitationAddress(SECRET, 'https://a.test'),
    ]) {
      const url = new URL(address)
      expect(url.pathname + url.search).not.toContain(SECRET)
      expect(secretOf(url.hash)).toBe(SECRET)
    }
  })

  it('are of no use without a secret of the right form', () => {
    for (const fragment of ['', '#', '#short', `#${SECRET}x`, '#AbCdEfGhIjKlMnOpQrSt/+']) {
      expect(secretOf(fragment)).toBeNull()
    }
  })
})
