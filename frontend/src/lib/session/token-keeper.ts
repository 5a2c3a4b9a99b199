// Keeps the access token in memory, and renews it once however many ask at the same time. The refresh token is in a
// cookie that no script can read; only the server knows whether there is one.
export interface Tokens {
  access_token: string
  expires_in: number
}

/** Asks for a new access token; `null` says that nobody is signed in, a thrown error that nobody answered. */
export type Exchange = () => Promise<Tokens | null>

/** Runs work while no other tab does: a refresh token rotates, and using an old one ends the session. */
export type Exclusively = <Result>(work: () => Promise<Result>) => Promise<Result>

const RENEW_BEFORE_EXPIRY_MS = 30_000

export class TokenKeeper {
  #access: string | null = null
  #expiresAt = 0
  #renewing: Promise<string | null> | null = null
  #isSignedOut = false
  readonly #exchange: Exchange
  readonly #exclusively: Exclusively
  readonly #now: () => number
  #ended: () => void = () => undefined

  constructor(exchange: Exchange, exclusively: Exclusively = (work) => work(), now: () => number = Date.now) {
    this.#exchange = exchange
    this.#exclusively = exclusively
    this.#now = now
  }

  /** False once it is known that nobody is signed in; true while there may be a session. */
  get hasSession(): boolean {
    return !this.#isSignedOut
  }

  /** Called when the server says that nobody is signed in any more. */
  onEnded(ended: () => void): void {
    this.#ended = ended
  }

  keep(tokens: Tokens): void {
    this.#access = tokens.access_token
    this.#expiresAt = this.#now() + tokens.expires_in * 1000
    this.#isSignedOut = false
  }

  forget(): void {
    this.#access = null
    this.#expiresAt = 0
    this.#isSignedOut = true
  }

  /** Somebody has signed in in another tab: the cookie is there for this one too. */
  askAgain(): void {
    this.#isSignedOut = false
  }

  /** A token that is good for a while yet, or null where nobody is signed in. */
  async accessToken(): Promise<string | null> {
    if (this.#access && this.#now() < this.#expiresAt - RENEW_BEFORE_EXPIRY_MS) return this.#access
    return this.renew(this.#access ?? undefined)
  }

  /** Ask for a new access token, unless another caller has replaced the `refused` one meanwhile. */
  renew(refused?: string): Promise<string | null> {
    const fresh = this.#access && this.#access !== refused && this.#now() < this.#expiresAt
    if (fresh) return Promise.resolve(this.#access)
    if (this.#isSignedOut) return Promise.resolve(null)
    this.#renewing ??= this.#exclusively(() => this.#renewNow()).finally(() => {
      this.#renewing = null
    })
    return this.#renewing
  }

  async #renewNow(): Promise<string | null> {
    const tokens = await this.#exchange()
    if (tokens) {
      this.keep(tokens)
      return tokens.access_token
    }
    this.forget()
    this.#ended()
    return null
  }
}
