// Photos read for the viewer, kept for a while so that going back and forth is instant.
import { answer, api, authorizedFetch } from '../api/client'
import { errorOf } from '../api/problem'
import type { Photo } from '../api/types'
import { onPhotoChange } from '../photos/changes'

const KEPT = 40
const kept = new Map<string, Promise<Photo>>()

onPhotoChange((change) => {
  if (change.kind === 'edited') kept.set(change.photo.photo_id, Promise.resolve(change.photo))
  else for (const photoId of change.photoIds) kept.delete(photoId)
})

export function photoOf(photo_id: string): Promise<Photo> {
  const known = kept.get(photo_id)
  if (known) return known
  const asked = answer(api.GET('/api/v1/photos/{photo_id}', { params: { path: { photo_id } } }))
  asked.catch(() => kept.delete(photo_id))
  kept.set(photo_id, asked)
  if (kept.size > KEPT) kept.delete(kept.keys().next().value ?? '')
  return asked
}

/** Have a neighbour's picture in the browser's cache before it is asked for. */
export async function prefetch(photo_id: string): Promise<void> {
  try {
    const { preview_url } = await photoOf(photo_id)
    if (preview_url) new Image().src = preview_url
  } catch {
    // It is asked for again, and its error shown, when it is opened.
  }
}

/**
 * The presigned address of the original. The API redirects to it and wants a token, which neither `<img>` nor a
 * download link can send: so follow the redirect here, for a single byte, and take the address it led to.
 */
export async function originalAddress(photo: Photo): Promise<string> {
  const controller = new AbortController()
  const request = new Request(new URL(photo.original_url, window.location.origin), {
    headers: { Range: 'bytes=0-0' },
    signal: controller.signal,
  })
  const response = await authorizedFetch(request)
  if (!response.ok) throw errorOf(response, await response.json().catch(() => null))
  const address = response.url
  controller.abort()
  return address
}

export async function download(photo: Photo): Promise<void> {
  const link = document.createElement('a')
  link.href = await originalAddress(photo)
  link.download = photo.filename
  link.rel = 'noopener'
  document.body.append(link)
  link.click()
  link.remove()
}
