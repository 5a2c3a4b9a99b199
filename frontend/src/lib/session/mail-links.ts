// What a link in a letter brings along. It stands after `#`: no browser sends that to a server, nor to another page.
const TOKEN = /^[A-Za-z0-9_-]{43}$/

/** The token of an address's fragment; null where there is none of the right form. */
export function tokenOf(fragment: string): string | null {
  const token = fragment.replace(/^#/, '')
  return TOKEN.test(token) ? token : null
}

/** Take the token out of the address bar, so that neither the history nor a bookmark keeps it. */
export function takeToken(): string | null {
  const token = tokenOf(window.location.hash)
  if (token) window.history.replaceState(window.history.state, '', window.location.pathname)
  return token
}
