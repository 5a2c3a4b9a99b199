// Access tokens are renewed in time, once, and never with a refresh token that was used before.
import { describe, expect, it } from 'vitest'

import { TokenKeeper, type Tokens } from './token-keeper'

/** A server and the cookie that it has given the browser, if it has. */
class Server {
  asked = 0
  hasCookie: boolean
  constructor(hasCookie = true) {
    this.hasCookie = hasCookie
  }
  exchange = async (): Promise<Tokens | null> => {
    this.asked += 1
    await Promise.resolve()
    return this.hasCookie ? { access_token: `access-${this.asked}`, expires_in: 600 } : null
  }
}

function keeper({ signedIn = true } = {}) {
  const server = new Server(signedIn)
  const clock = { now: 0 }
  const tokens = new TokenKeeper(server.exchange, undefined, () => clock.now)
  return { server, clock, tokens }
}

describe('an access token', () => {
  it('is asked for once, however many want it at the same time', async () => {
    const { tokens, server } = keeper()
    const given = await Promise.all(Array.from({ length: 20 }, () => tokens.accessToken()))
    expect(new Set(given)).toEqual(new Set(['access-1']))
    expect(server.asked).toBe(1)
  })

  it('is kept until shortly before it expires', async () => {
    const { tokens, server, clock } = keeper()
    await tokens.accessToken()
    clock.now = 560_000
    expect(await tokens.accessToken()).toBe('access-1')
    clock.now = 575_000
    expect(await tokens.accessToken()).toBe('access-2')
    expect(server.asked).toBe(2)
  })

  it('is not renewed again by a request that was refused with an older one', async () => {
    const { tokens, server } = keeper()
    await tokens.accessToken()
    const [first, second] = await Promise.all([tokens.renew('access-1'), tokens.renew('access-1')])
    expect([first, second]).toEqual(['access-2', 'access-2'])
    expect(await tokens.renew('access-1')).toBe('access-2')
    expect(server.asked).toBe(2)
  })

  it('is asked for once and no more where nobody is signed in', async () => {
    const { tokens, server } = keeper({ signedIn: false })
    expect(await tokens.accessToken()).toBeNull()
    expect(await tokens.accessToken()).toBeNull()
    expect(server.asked).toBe(1)
  })

  it('is asked for again once another tab has signed in', async () => {
    const { tokens, server } = keeper({ signedIn: false })
    await tokens.accessToken()
    server.hasCookie = true
    tokens.askAgain()
    expect(await tokens.accessToken()).toBe('access-2')
  })
})

describe('a session', () => {
  it('ends when the cookie is refused', async () => {
    const { tokens, server } = keeper()
    let ended = 0
    tokens.onEnded(() => (ended += 1))
    server.hasCookie = false
    expect(await tokens.accessToken()).toBeNull()
    expect([ended, tokens.hasSession]).toEqual([1, false])
  })

  it('lives on when nobody answers', async () => {
    const tokens = new TokenKeeper(() => Promise.reject(new Error('no connection')))
    await expect(tokens.accessToken()).rejects.toThrow('no connection')
    expect(tokens.hasSession).toBe(true)
  })
})
