// Addresses that are handed on. The secret stands after `#`: no browser sends that to a server, nor to another page.
const SECRET = /^[A-Za-z0-9_-]{22}$/

export function linkAddress(secret: string, origin = window.location.origin): string {
  return `${origin}/s#${secret}`
}

export function invitationAddress(secret: string, origin = window.location.origin): string {
  return `${origin}/join#${secret}`
}

/** The secret of an address's fragment; null where there is none of the right form. */
export function secretOf(fragment: string): string | null {
  const secret = fragment.replace(/^#/, '')
  return SECRET.test(secret) ? secret : null
}
