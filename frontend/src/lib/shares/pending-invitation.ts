// An invitation's secret while somebody signs in to take it up: in this tab alone, and never in an address.
const KEY = 'heliograph.invitation'

export function keepInvitation(secret: string): void {
  sessionStorage.setItem(KEY, secret)
}

export function keptInvitation(): string | null {
  return sessionStorage.getItem(KEY)
}

export function forgetInvitation(): void {
  sessionStorage.removeItem(KEY)
}
