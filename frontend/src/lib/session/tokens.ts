// The app's token keeper: nothing of a session lies where a script could read it later.
import { errorOf, unreachable } from '../api/problem'
import { TokenKeeper, type Exclusively, type Tokens } from './token-keeper'

/** Asks the API to keep the refresh token in its cookie; no page of another site can send this header. */
export const BY_COOKIE = { 'X-Heliograph-Session': 'cookie' }

// Earlier versions kept the refresh token here.
localStorage.removeItem('heliograph.refresh_token')

async function exchange(): Promise<Tokens | null> {
  let response: Response
  try {
    response = await fetch('/api/v1/tokens/refresh', { method: 'POST', headers: BY_COOKIE })
  } catch {
    throw unreachable()
  }
  if (response.status === 204 || response.status === 401) return null
  if (!response.ok) throw errorOf(response, await response.json().catch(() => null))
  return (await response.json()) as Tokens
}

// Web Locks exist only on https and localhost; elsewhere two tabs may race, and the loser signs in again.
const exclusively: Exclusively = async (work) =>
  'locks' in navigator ? await navigator.locks.request('heliograph.refresh', work) : work()

export const tokens = new TokenKeeper(exchange, exclusively)

const otherTabs = new BroadcastChannel('heliograph.session')

/** Tell the other tabs that somebody has signed in or out here. */
export function tellOtherTabs(signedIn: boolean): void {
  otherTabs.postMessage(signedIn)
}

/** Hear when another tab signs in or out. */
export function onOtherTab(change: (signedIn: boolean) => void): void {
  otherTabs.addEventListener('message', (event: MessageEvent<boolean>) => change(event.data))
}
