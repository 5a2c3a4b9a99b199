// A blurred picture from a photo's thumbhash, there at once, before any byte of the thumbnail.
import { thumbHashToDataURL } from 'thumbhash'

const KEPT = 2_000
const made = new Map<string, string>()

export function placeholderOf(thumbhash: string | null): string | null {
  if (!thumbhash) return null
  const known = made.get(thumbhash)
  if (known !== undefined) return known
  let address: string
  try {
    const bytes = Uint8Array.from(atob(thumbhash), (character) => character.charCodeAt(0))
    address = thumbHashToDataURL(bytes)
  } catch {
    return null
  }
  if (made.size >= KEPT) made.delete(made.keys().next().value ?? '')
  made.set(thumbhash, address)
  return address
}
