// Keeps the access token in memory and the refresh token in a store; renews once however many ask at the same time.
export interface RefreshStore {
  read(): string | null
  write(refreshToken: string | null): void
}

export interface Tokens {
  access_token: string
  refresh_token: string
  expires_in: number
}

/** Sends a refresh token; `null` says that it is not taken any more, a thrown error that nobody answered. */
export type Exchange = (refreshToken: string) => Promise<Tokens | null>

/** Runs work while no other tab does: a refresh token rotates, and using an old one ends the session. */
export type Exclusively = <Result>(work: () => Promise<Result>) => Promise<Result>

const RENEW_BEFORE_EXPIRY_MS = 30_000

export class TokenKeeper {
  #access: string | null = null
  #expiresAt = 0
  #renewing: Promise<string | null> | null = null
  readonly #store: RefreshStore
  readonly #exchange: Exchange
  readonly #exclusively: Exclusively
  readonly #now: () => number
  #ended: () => void = () => undefined

  constructor(
    store: RefreshStore,
    exchange: Exchange,
    exclusively: Exclusively = (work) => work(),
    now: () => number = Date.now,
  ) {
    this.#store = store
    this.#exchange = exchange
    this.#exclusively = exclusively
    this.#now = now
  }

  get hasSession(): boolean {
    return this.#store.read() !== null
  }

  /** Called when the server no longer takes the refresh token. */
  onEnded(ended: () => void): void {
    this.#ended = ended
  }

  keep(tokens: Tokens): void {
    this.#access = tokens.access_token
    this.#expiresAt = this.#now() + tokens.expires_in * 1000
    this.#store.write(tokens.refresh_token)
  }

  forget(): void {
    this.#access = null
    this.#expiresAt = 0
    this.#store.write(null)
  }

  /** A token that is good for a while yet, or null where nobody is signed in. */
  async accessToken(): Promise<string | null> {
    if (this.#access && this.#now() < this.#expiresAt - RENEW_BEFORE_EXPIRY_MS) return this.#access
    return this.renew(this.#access ?? undefined)
  }

  /** Exchange the refresh token, unless another caller has replaced the `refused` access token meanwhile. */
  renew(refused?: string): Promise<string | null> {
    const fresh = this.#access && this.#access !== refused && this.#now() < this.#expiresAt
    if (fresh) return Promise.resolve(this.#access)
    this.#renewing ??= this.#exclusively(() => this.#renewNow()).finally(() => {
      this.#renewing = null
    })
    return this.#renewing
  }

  async #renewNow(): Promise<string | null> {
    const refreshToken = this.#store.read() // read inside the lock: another tab may have rotated it
    if (!refreshToken) return null
    const tokens = await this.#exchange(refreshToken)
    if (tokens) {
      this.keep(tokens)
      return tokens.access_token
    }
    this.forget()
    this.#ended()
    return null
  }
}
