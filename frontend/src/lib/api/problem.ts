// Turns the API's problem documents (RFC 9457), and failures to reach it, into one kind of error.
import type { Problem } from './types'

export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly fields: Record<string, string>

  constructor(problem: {
    status: number
    code: string
    title: string
    detail: string
    errors?: Problem['errors']
  }) {
    super(problem.detail)
    this.name = 'ApiError'
    this.status = problem.status
    this.code = problem.code
    this.title = problem.title
    this.fields = fieldErrors(problem.errors ?? [])
  }

  /** True where the request may succeed if it is simply sent again later. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

/** `body.email` and `body.files.0.sha256` become `email` and `files.0.sha256`; the first error of a field wins. */
export function fieldErrors(errors: { location: string; detail: string }[]): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const { location, detail } of errors) {
    const name = location.replace(/^(body|query|path)\./, '')
    fields[name] ??= detail
  }
  return fields
}

export function unreachable(): ApiError {
  return new ApiError({
    status: 0,
    code: 'unreachable',
    title: 'No connection',
    detail: 'Heliograph can’t be reached. Check the connection and try again.',
  })
}

/** The error that a response stands for, also where its body is no problem document (a proxy's HTML page). */
export function errorOf(response: Response, body: unknown): ApiError {
  if (isProblem(body)) return new ApiError(body)
  const gone = response.status === 502 || response.status === 503 || response.status === 504
  return new ApiError({
    status: response.status,
    code: `http-${response.status}`,
    title: response.statusText || 'Error',
    detail: gone
      ? 'Heliograph isn’t ready yet. Try again in a moment.'
      : `The request failed with status ${response.status}.`,
  })
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body && 'status' in body
}

/** A sentence to show for anything that was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof Error && error.message) return error.message
  return 'Something went wrong.'
}
