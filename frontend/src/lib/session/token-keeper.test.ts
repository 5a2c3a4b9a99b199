// Access tokens are renewed in time, once, and never with a refresh token that was used before.
import { describe, expect, it } from 'vitest'

import { TokenKeeper, type RefreshStore, type Tokens } from './token-keeper'

class MemoryStore implements RefreshStore {
  token: string | null
  constructor(token: string | null = null) {
    this.token = token
  }
  read(): string | null {
    return this.token
  }
  write(token: string | null): void {
    this.token = token
  }
}

/** A server whose refresh tokens rotate: an old one is refused. */
class RotatingServer {
  asked: string[] = []
  valid = 'refresh-0'
  #count = 0
  exchange = async (refreshToken: string): Promise<Tokens | null> => {
    this.asked.push(refreshToken)
    await Promise.resolve()
    if (refreshToken !== this.valid) return null
    this.#count += 1
    this.valid = `refresh-${this.#count}`
    return { access_token: `access-${this.#count}`, refresh_token: this.valid, expires_in: 600 }
  }
}

function keeper({ signedIn = true } = {}) {
  const server = new RotatingServer()
  const store = new MemoryStore(signedIn ? server.valid : null)
  const clock = { now: 0 }
  const tokens = new TokenKeeper(store, server.exchange, undefined, () => clock.now)
  return { server, store, clock, tokens }
}

describe('an access token', () => {
  it('is asked for once, however many want it at the same time', async () => {
    const { tokens, server } = keeper()
    const given = await Promise.all(Array.from({ length: 20 }, () => tokens.accessToken()))
    expect(new Set(given)).toEqual(new Set(['access-1']))
    expect(server.asked).toEqual(['refresh-0'])
  })

  it('is kept until shortly before it expires', async () => {
    const { tokens, server, clock } = keeper()
    await tokens.accessToken()
    clock.now = 560_000
    expect(await tokens.accessToken()).toBe('access-1')
    clock.now = 575_000
    expect(await tokens.accessToken()).toBe('access-2')
    expect(server.asked).toEqual(['refresh-0', 'refresh-1'])
  })

  it('is not renewed again by a request that was refused with an older one', async () => {
    const { tokens, server } = keeper()
    await tokens.accessToken()
    const [first, second] = await Promise.all([tokens.renew('access-1'), tokens.renew('access-1')])
    expect([first, second]).toEqual(['access-2', 'access-2'])
    expect(await tokens.renew('access-1')).toBe('access-2')
    expect(server.asked).toHaveLength(2)
  })

  it('is none, without a question, where nobody is signed in', async () => {
    const { tokens, server } = keeper({ signedIn: false })
    expect(await tokens.accessToken()).toBeNull()
    expect(server.asked).toEqual([])
  })
})

describe('a session', () => {
  it('ends when the refresh token is refused', async () => {
    const { tokens, server, store } = keeper()
    let ended = 0
    tokens.onEnded(() => (ended += 1))
    server.valid = 'another'
    expect(await tokens.accessToken()).toBeNull()
    expect([ended, store.token, tokens.hasSession]).toEqual([1, null, false])
  })

  it('lives on when nobody answers', async () => {
    const store = new MemoryStore('refresh-0')
    const tokens = new TokenKeeper(store, () => Promise.reject(new Error('no connection')))
    await expect(tokens.accessToken()).rejects.toThrow('no connection')
    expect(tokens.hasSession).toBe(true)
  })

  it('takes the refresh token that another tab has put there while this one waited its turn', async () => {
    const { server, store } = keeper()
    const otherTab = new TokenKeeper(store, server.exchange)
    const waitsForOther = async <Result>(work: () => Promise<Result>): Promise<Result> => {
      await otherTab.accessToken()
      return work()
    }
    const tokens = new TokenKeeper(store, server.exchange, waitsForOther)
    expect(await tokens.accessToken()).toBe('access-2')
    expect(server.asked).toEqual(['refresh-0', 'refresh-1'])
  })
})
