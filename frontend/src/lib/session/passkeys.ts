// Passkeys by the browser's own WebAuthn: its bytes go over the wire as base64url, as the standard's JSON has them.
import { bytesOf, textOf } from './base64url'
import { signInWays } from './ways'

type Wire = Record<string, unknown>

/** Where the web app has to be open for passkeys; null where there are none at all. */
export async function passkeyOrigin(): Promise<string | null> {
  return (await signInWays()).passkeys?.origin ?? null
}

/** Whether passkeys of that origin can be used on this page. */
export function canUsePasskeys(origin: string | null): boolean {
  return origin === window.location.origin && 'PublicKeyCredential' in window
}

/** Make a passkey; rejects where the person says no, or the device has one already. */
export async function makePasskey(options: Wire): Promise<Wire> {
  const user = options['user'] as Wire
  const publicKey = {
    ...options,
    challenge: bytesOf(options['challenge']),
    user: { ...user, id: bytesOf(user['id']) },
    excludeCredentials: withBytes(options['excludeCredentials']),
  } as unknown as PublicKeyCredentialCreationOptions
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential
  const response = made.response as AuthenticatorAttestationResponse
  return wireOf(made, { attestationObject: textOf(response.attestationObject) })
}

/** Have a passkey sign. */
export async function signWithPasskey(options: Wire): Promise<Wire> {
  const publicKey = {
    ...options,
    challenge: bytesOf(options['challenge']),
    allowCredentials: withBytes(options['allowCredentials']),
  } as unknown as PublicKeyCredentialRequestOptions
  const signed = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential
  const response = signed.response as AuthenticatorAssertionResponse
  return wireOf(signed, {
    authenticatorData: textOf(response.authenticatorData),
    signature: textOf(response.signature),
    userHandle: response.userHandle ? textOf(response.userHandle) : null,
  })
}

/** What to say of what the browser has thrown; null, where it was thrown by somebody else. */
function problemOf(error: unknown): string | null {
  if (!(error instanceof DOMException)) return null
  if (error.name === 'InvalidStateError') return 'This device has a passkey for your account already.'
  return 'The passkey was not used: the browser was told no, or waited too long.'
}

/** Do something with the browser's passkeys; what the browser throws becomes a sentence of ours. */
export async function withWords<T>(deed: () => Promise<T>): Promise<T> {
  try {
    return await deed()
  } catch (error) {
    const problem = problemOf(error)
    throw problem === null ? error : new Error(problem, { cause: error })
  }
}

function wireOf({ id, rawId, type, response }: PublicKeyCredential, more: Wire): Wire {
  const clientDataJSON = textOf(response.clientDataJSON)
  return { id, rawId: textOf(rawId), type, response: { clientDataJSON, ...more } }
}

function withBytes(described: unknown): Wire[] {
  return ((described ?? []) as Wire[]).map((one) => ({ ...one, id: bytesOf(one['id']) }))
}
