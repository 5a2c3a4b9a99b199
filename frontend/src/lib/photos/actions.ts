// What can be done with photos, one or many: each deed tells every open list, and trash can be undone.
import { answer, api } from '../api/client'
import type { Photo, PhotoChange } from '../api/types'
import { toasts } from '../ui/toasts.svelte'
import { announce } from './changes'
import { eachOf } from './concurrency'
import { formatNumber } from '../ui/locale'

const AT_ONCE = 6

const at = (photo_id: string) => ({ params: { path: { photo_id } } })

function counted(count: number): string {
  return count === 1 ? 'Photo' : `${formatNumber(count)} photos`
}

/** Run `work` for each photo; return those it succeeded for, and show the first error. */
async function forEachPhoto(
  photoIds: readonly string[],
  work: (photoId: string) => Promise<unknown>,
): Promise<string[]> {
  const done: string[] = []
  try {
    await eachOf(photoIds, AT_ONCE, async (photoId) => {
      await work(photoId)
      done.push(photoId)
    })
  } catch (error) {
    toasts.error(error)
  }
  return done
}

export async function editPhoto(photoId: string, change: PhotoChange): Promise<Photo> {
  const photo = await answer(api.PATCH('/api/v1/photos/{photo_id}', { ...at(photoId), body: change }))
  announce({ kind: 'edited', photo })
  return photo
}

export async function setFavourite(photoIds: readonly string[], favourite: boolean): Promise<void> {
  const done = await forEachPhoto(photoIds, (photoId) =>
    answer(api.PATCH('/api/v1/photos/{photo_id}', { ...at(photoId), body: { favourite } })),
  )
  if (done.length > 0) announce({ kind: 'favourite', photoIds: done, favourite })
}

export async function trashPhotos(photoIds: readonly string[]): Promise<void> {
  const done = await forEachPhoto(photoIds, (photoId) =>
    answer(api.DELETE('/api/v1/photos/{photo_id}', at(photoId))),
  )
  if (done.length === 0) return
  announce({ kind: 'trashed', photoIds: done })
  toasts.note(`${counted(done.length)} moved to trash`, {
    label: 'Undo',
    run: () => void restorePhotos(done),
  })
}

export async function restorePhotos(photoIds: readonly string[]): Promise<void> {
  const done = await forEachPhoto(photoIds, (photoId) =>
    answer(api.POST('/api/v1/photos/{photo_id}/restore', at(photoId))),
  )
  if (done.length === 0) return
  announce({ kind: 'restored', photoIds: done })
  toasts.note(`${counted(done.length)} restored`)
}

/** Send a failed photo through the pipeline again. */
export async function retryPhoto(photoId: string): Promise<Photo> {
  const photo = await answer(api.POST('/api/v1/photos/{photo_id}/retry', at(photoId)))
  announce({ kind: 'edited', photo })
  return photo
}
