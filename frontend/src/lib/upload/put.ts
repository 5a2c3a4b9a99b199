// PUTs a file to its presigned address; XMLHttpRequest, since fetch tells nothing of an upload's progress.
import { TransientError, type PutResult } from './queue.svelte'

/** Headers that only the browser may set; it sets them from the body. */
const FORBIDDEN = new Set(['content-length', 'host', 'connection', 'expect', 'transfer-encoding'])

export function allowedHeaders(headers: Record<string, string>): [string, string][] {
  return Object.entries(headers).filter(([name]) => !FORBIDDEN.has(name.toLowerCase()))
}

/** What S3's answer means for the upload; throws where it failed. */
export function resultOf(status: number, body: string): PutResult {
  if (status >= 200 && status < 300) return 'stored'
  if (status === 412 || status === 409) return 'already-there'
  if (status === 403 && /expired|RequestTimeTooSkewed/i.test(body)) return 'expired'
  if (status === 0 || status === 408 || status === 429 || status >= 500) {
    throw new TransientError('The connection was lost.')
  }
  const said = /<Message>([^<]+)<\/Message>/.exec(body)?.[1]
  throw new Error(said ?? `The storage refused the file (status ${status}).`)
}

export function putFile(
  file: File,
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
  progress: (fraction: number) => void,
): Promise<PutResult> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const abort = () => request.abort()
    const end = () => {
      signal.removeEventListener('abort', abort)
      try {
        resolve(resultOf(request.status, request.responseText))
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    }
    request.open('PUT', url)
    for (const [name, value] of allowedHeaders(headers)) request.setRequestHeader(name, value)
    request.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0) progress(event.loaded / event.total)
    }
    request.onload = end
    request.onerror = end
    request.ontimeout = end
    request.onabort = () => {
      signal.removeEventListener('abort', abort)
      reject(new Error('Cancelled'))
    }
    signal.addEventListener('abort', abort)
    request.send(file)
  })
}
