// The app's token keeper. The refresh token lies in localStorage; nothing outside this module knows that.
import { errorOf, unreachable } from '../api/problem'
import { TokenKeeper, type Exclusively, type RefreshStore, type Tokens } from './token-keeper'

const KEY = 'heliograph.refresh_token'

const browserStore: RefreshStore = {
  read: () => localStorage.getItem(KEY),
  write: (token) => {
    if (token) localStorage.setItem(KEY, token)
    else localStorage.removeItem(KEY)
  },
}

async function exchange(refreshToken: string): Promise<Tokens | null> {
  let response: Response
  try {
    response = await fetch('/api/v1/tokens/refresh', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ refresh_token: refreshToken }),
    })
  } catch {
    throw unreachable()
  }
  if (response.status === 401 || response.status === 422) return null
  if (!response.ok) throw errorOf(response, await response.json().catch(() => null))
  return (await response.json()) as Tokens
}

// Web Locks exist only on https and localhost; elsewhere two tabs may race, and the loser signs in again.
const exclusively: Exclusively = async (work) =>
  'locks' in navigator ? await navigator.locks.request('heliograph.refresh', work) : work()

export const tokens = new TokenKeeper(browserStore, exchange, exclusively)

/** Tell when another tab signs in or out. */
export function onOtherTab(change: (signedIn: boolean) => void): void {
  window.addEventListener('storage', (event) => {
    if (event.key === KEY && (event.oldValue === null || event.newValue === null))
      change(event.newValue !== null)
  })
}
