// Tells every open list of photos what happened to some of them, here or (by the event stream) anywhere else.
import type { GridPhoto, Photo } from '../api/types'

export type PhotoChanged =
  | { kind: 'edited'; photo: Photo }
  | { kind: 'trashed'; photoIds: string[] }
  | { kind: 'restored'; photoIds: string[] }
  | { kind: 'favourite'; photoIds: string[]; favourite: boolean }
  /** A bulk edit is through: lists read anew. Of one that was about a search, the ids aren't known. */
  | { kind: 'bulk'; photoIds: string[] }
  /** The server says that these moved on; what they look like now has to be asked for. */
  | { kind: 'processed'; photoIds: string[] }

type Listener = (change: PhotoChanged) => void

const listeners = new Set<Listener>()

/** Hear of changes until the returned function is called. */
export function onPhotoChange(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function announce(change: PhotoChanged): void {
  for (const listener of listeners) listener(change)
}

/** What a grid needs of a whole photo. */
export function asGridPhoto(photo: Photo): GridPhoto {
  return {
    photo_id: photo.photo_id,
    status: gridStatus(photo),
    taken_at: photo.taken_at?.value ?? photo.created_at,
    ratio: photo.width_px && photo.height_px ? photo.width_px / photo.height_px : 1,
    thumbhash: photo.thumbhash,
    thumbnail_url: photo.thumbnail_url,
    favourite: photo.favourite,
    filename: photo.filename,
    latitude: photo.location?.latitude ?? null,
    longitude: photo.location?.longitude ?? null,
  }
}

function gridStatus({ status, trashed_at }: Photo): GridPhoto['status'] {
  if (trashed_at !== null) return 'trashed'
  return status === 'awaiting_upload' ? 'prepared' : status
}
