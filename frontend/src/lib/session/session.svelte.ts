// Who is signed in. Pages read `session.account`; only this module signs in and out.
import { answer, api, authorizedFetch, postAnonymously } from '../api/client'
import { errorOf } from '../api/problem'
import type { Account, CeremonyOptions, Proof, SecondStep, TokenPair } from '../api/types'
import { signWithPasskey } from './passkeys'
import { BY_COOKIE, onOtherTab, tellOtherTabs, tokens } from './tokens'

type Phase = 'starting' | 'signed-in' | 'signed-out' | 'unreachable'

function isSecondStep(answered: unknown): answered is SecondStep {
  return typeof answered === 'object' && answered !== null && 'challenge' in answered
}

class Session {
  account = $state<Account | null>(null)
  phase = $state<Phase>('starting')
  /** True after the server ended the session, so that the sign-in page can say so. */
  ended = $state(false)
  /** True after somebody deleted their account here, so that the sign-in page can say goodbye. */
  deleted = $state(false)

  /** True once somebody has left: lists and uploads in memory may be another person's. */
  #left = false

  constructor() {
    tokens.onEnded(() => {
      this.ended = this.phase === 'signed-in'
      if (this.ended) this.#leave()
      else this.phase = 'signed-out'
    })
    onOtherTab((signedIn) => {
      if (signedIn) {
        tokens.askAgain()
        void this.#start()
      } else {
        tokens.forget()
        this.#leave()
      }
    })
  }

  /** Take up the session of an earlier visit, where there is one. */
  async resume(): Promise<void> {
    try {
      if ((await tokens.accessToken()) === null) {
        this.phase = 'signed-out'
        return
      }
      this.account = await answer(api.GET('/api/v1/me'))
      this.phase = 'signed-in'
    } catch {
      this.phase = tokens.hasSession ? 'unreachable' : 'signed-out'
    }
  }

  /** Sign in; or return what the second step is made with, where the password alone is not enough. */
  async signIn(email: string, password: string): Promise<SecondStep | null> {
    const form = new URLSearchParams({ grant_type: 'password', username: email, password })
    const answered = await postAnonymously('/api/v1/tokens', form, BY_COOKIE)
    if (isSecondStep(answered)) return answered
    await this.#begin(answered as TokenPair)
    return null
  }

  /** Sign in with a passkey: alone, or as the second step. */
  async signInWithPasskey(step?: SecondStep): Promise<void> {
    const begun = { challenge: step?.challenge ?? null }
    const { options } = (await postAnonymously('/api/v1/tokens/passkey-options', begun)) as CeremonyOptions
    const credential = await signWithPasskey(options)
    await this.#begin(
      (await postAnonymously('/api/v1/tokens/passkey', { credential }, BY_COOKIE)) as TokenPair,
    )
  }

  /** Leave for the other site, to sign in there; it sends the browser back. */
  async goToProvider(): Promise<void> {
    const { url } = (await postAnonymously('/api/v1/tokens/oidc', {})) as { url: string }
    window.location.assign(url)
  }

  async signInSecond({ challenge }: SecondStep, code: string): Promise<void> {
    const answered = await postAnonymously('/api/v1/tokens/second-factor', { challenge, code }, BY_COOKIE)
    await this.#begin(answered as TokenPair)
  }

  /**
   * Make an account and sign in; false where a letter's link opens the account first.
   * `invitation` is the secret that lets one in where registration is closed.
   */
  async register(name: string, email: string, password: string, invitation: string): Promise<boolean> {
    const body = { name, email, password, ...(invitation ? { invitation } : {}) }
    const made = (await postAnonymously('/api/v1/accounts', body)) as Partial<Account>
    if (!made.account_id) return false
    await this.signIn(email, password)
    return true
  }

  /** Sign out; where that fails, the session goes on, and the cookie stays: say so. */
  async signOut(): Promise<void> {
    const address = new URL('/api/v1/sessions/current', window.location.origin)
    const response = await authorizedFetch(new Request(address, { method: 'DELETE', headers: BY_COOKIE }))
    const hasEnded = response.ok || response.status === 401
    if (!hasEnded) throw errorOf(response, await response.json().catch(() => null))
    tokens.forget()
    tellOtherTabs(false)
    this.#leave()
  }

  /** Delete the account with all that is in it; from then on nobody is signed in. */
  async deleteAccount(body: Proof): Promise<void> {
    await answer(
      api.POST('/api/v1/me/deletion', {
        body,
        params: { header: { 'x-heliograph-session': 'cookie' } },
      }),
    )
    tokens.forget()
    tellOtherTabs(false)
    this.deleted = true
    this.#leave()
  }

  /** What the server knows of the account by now; nothing, where the session has ended. */
  async reload(): Promise<void> {
    if (this.phase === 'signed-in') this.account = await answer(api.GET('/api/v1/me'))
  }

  /** Change the password; every other session ends, and this one goes on. */
  async changePassword(current: string, next: string, code: string | null): Promise<void> {
    const body = { current_password: current, new_password: next, code }
    const call = api.PUT('/api/v1/me/password', {
      body,
      params: { header: { 'x-heliograph-session': 'cookie' } },
    })
    tokens.keep(await answer(call))
    tellOtherTabs(true)
  }

  async #begin(pair: TokenPair): Promise<void> {
    tokens.keep(pair)
    this.ended = this.deleted = false
    tellOtherTabs(true)
    await this.#start()
  }

  /** Begin with nothing of an earlier session in memory. */
  async #start(): Promise<void> {
    if (this.#left) window.location.reload()
    else await this.resume()
  }

  #leave(): void {
    this.#left = true
    this.account = null
    this.phase = 'signed-out'
  }
}

export const session = new Session()
