// The one way to the API: `await answer(api.GET('/api/v1/timeline'))` gives the body or throws an ApiError.
import createClient from 'openapi-fetch'

import { tokens } from '../session/tokens'
import { ApiError, errorOf, unreachable } from './problem'
import type { paths } from './schema'

/** fetch() that carries the access token, renews it when it has expired, and tries once more on a 401. */
export async function authorizedFetch(input: Request): Promise<Response> {
  const again = input.clone()
  const response = await send(input, await tokens.accessToken())
  if (response.status !== 401) return response
  const renewed = await tokens.renew(input.headers.get('authorization')?.slice('Bearer '.length))
  return renewed ? send(again, renewed) : response
}

/** fetch() that carries this access token and no other: it is not renewed, and a 401 is the answer. */
export function fetchWith(accessToken: string): (input: Request) => Promise<Response> {
  return (input) => send(input, accessToken)
}

const AGAIN_AFTER_MS = 700

async function send(request: Request, accessToken: string | null): Promise<Response> {
  if (accessToken) request.headers.set('Authorization', `Bearer ${accessToken}`)
  const again = request.method === 'GET' ? request.clone() : null
  try {
    return await fetch(request)
  } catch (error) {
    if (request.signal.aborted) throw error
    if (!again) throw unreachable()
  }
  // A network that has just changed fails whatever was under way; what only reads is asked once more.
  await new Promise((resolve) => window.setTimeout(resolve, AGAIN_AFTER_MS))
  try {
    return await fetch(again)
  } catch (error) {
    throw again.signal.aborted ? error : unreachable()
  }
}

export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: authorizedFetch })

/** Unwrap what an `api.…()` call gives: its body, or an ApiError. */
export async function answer<Body>(
  call: Promise<{ data?: Body; error?: unknown; response: Response }>,
): Promise<NonNullable<Body>> {
  const { data, error, response } = await call
  if (!response.ok) throw errorOf(response, error)
  return (data ?? {}) as NonNullable<Body>
}

/** A POST that needs no session: registering, signing in. */
export async function postAnonymously(
  path: string,
  body: object | URLSearchParams,
  headers: Record<string, string> = {},
): Promise<unknown> {
  const form = body instanceof URLSearchParams
  let response: Response
  try {
    response = await fetch(path, {
      method: 'POST',
      body: form ? body : JSON.stringify(body),
      headers: {
        ...headers,
        'Content-Type': form ? 'application/x-www-form-urlencoded' : 'application/json',
      },
    })
  } catch {
    throw unreachable()
  }
  const answered: unknown = await response.json().catch(() => null)
  if (!response.ok) throw errorOf(response, answered)
  return answered
}

export { ApiError }
