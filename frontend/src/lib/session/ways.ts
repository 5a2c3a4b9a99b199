// How one can sign in here besides by a password; asked for once, for it does not change while the app is open.
import { answer, api } from '../api/client'
import type { SignInWays } from '../api/types'

let known: Promise<SignInWays> | null = null

export function signInWays(): Promise<SignInWays> {
  known ??= answer(api.GET('/api/v1/tokens/ways')).catch((error: unknown) => {
    known = null
    throw error
  })
  return known
}

/** The other site whose accounts sign in on this page, if there is one. */
export async function providerHere(): Promise<string | null> {
  const { provider } = await signInWays()
  return provider?.origin === window.location.origin ? provider.name : null
}

const PROBLEMS: Record<string, string> = {
  'oidc-refused': 'You were not signed in there, or it took too long. Please try again.',
  'oidc-unknown':
    'No account here is linked with that one. Sign in with your password, and link it on the account page.',
  'oidc-linked-elsewhere': 'That account is linked with another account here.',
  'email-taken':
    'Your address has an account here. Sign in with your password, and link it on the account page.',
  unavailable: 'The other site does not answer just now. Please try again later.',
}

/** What went wrong on the way back from there, as the address says it. */
export function problemOf(url: URL): string {
  const code = url.searchParams.get('problem')
  return code === null ? '' : (PROBLEMS[code] ?? 'That did not work. Please try again.')
}
