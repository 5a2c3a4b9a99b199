// The app's upload queue, joined to the API, the storage and the hashing workers.
import { answer, api } from '../api/client'
import { ApiError } from '../api/problem'
import type { PhotoStatus, UploadAdmission } from '../api/types'
import { retryPhoto } from '../photos/actions'
import type { ChosenFile, UploadEntry } from './entry.svelte'
import { sha256Of } from './hasher'
import { putFile } from './put'
import { TransientError, UploadQueue, type Admission, type UploadPorts } from './queue.svelte'

// Over HTTP/1.1 a browser opens six connections to a host: leave two for thumbnails and one for events.
const protocol = performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined
const uploading = protocol?.nextHopProtocol === 'http/1.1' ? 3 : 4

async function admit(entries: readonly UploadEntry[]): Promise<Admission[]> {
  const files = entries.map((entry) => ({
    filename: entry.file.name.slice(-255),
    content_type: entry.contentType,
    size_bytes: entry.file.size,
    sha256: entry.sha256 ?? '',
    file_modified_at: new Date(entry.file.lastModified).toISOString(),
    lane: entry.lane,
  }))
  try {
    const admitted = await answer(api.POST('/api/v1/uploads', { body: { files } }))
    return admitted.files.map(admissionOf)
  } catch (error) {
    if (error instanceof ApiError && error.isTransient) throw new TransientError(error.message)
    throw error
  }
}

function admissionOf({ status, photo_id, upload, problem }: UploadAdmission): Admission {
  if (status === 'accepted' && photo_id && upload) {
    return { status, photoId: photo_id, ticket: { url: upload.url, headers: upload.headers } }
  }
  if (status === 'duplicate' && photo_id) return { status, photoId: photo_id }
  return { status: 'rejected', reason: problem?.detail ?? 'It was not accepted.' }
}

/** Wait, but no longer than until the network is back. */
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      window.clearTimeout(timer)
      window.removeEventListener('online', go)
      resolve()
    }
    const timer = window.setTimeout(go, milliseconds)
    window.addEventListener('online', go)
  })
}

const ports: UploadPorts = {
  hash: sha256Of,
  admit,
  put: (entry, ticket, progress) =>
    putFile(entry.file, ticket.url, ticket.headers, entry.abort.signal, progress),
  retryPhoto: async (photoId) => {
    await retryPhoto(photoId)
  },
  pause,
}

export const uploads = new UploadQueue(ports, { uploading })

export function upload(files: readonly ChosenFile[]): void {
  if (files.length > 0) uploads.add(files)
}

/** Pass on what is known of a photo's state; a failure's reason has to be asked for. */
export async function hearOfPhoto(photoId: string, status: PhotoStatus): Promise<void> {
  const entry = uploads.hear(photoId, status)
  if (entry?.state === 'failed') await askAfter(photoId)
}

/** Ask how the oldest few are doing, for when the event stream is silent. */
export async function askAfterProcessing(): Promise<void> {
  const AT_ONCE = 8
  const oldest = uploads.processing().slice(0, AT_ONCE)
  await Promise.all(oldest.map((entry) => (entry.photoId ? askAfter(entry.photoId) : undefined)))
}

async function askAfter(photo_id: string): Promise<void> {
  try {
    const photo = await answer(api.GET('/api/v1/photos/{photo_id}', { params: { path: { photo_id } } }))
    uploads.hear(photo_id, photo.status, photo.failure?.detail)
  } catch {
    // It stays as it is; the next event or question tells more.
  }
}
