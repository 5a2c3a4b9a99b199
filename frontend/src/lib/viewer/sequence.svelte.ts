// Which photo comes before and after the open one: the order of the list it was opened from.
import type { GridPhoto } from '../api/types'
import type { PhotoList } from '../photos/photo-list.svelte'

export interface PhotoSequence {
  find(photoId: string): GridPhoto | undefined
  /** The neighbour of a photo, loading more of the list where it has to. */
  step(photoId: string, by: 1 | -1): Promise<GridPhoto | null>
}

class CurrentSequence {
  current = $state.raw<PhotoSequence | null>(null)

  /** Offer an order for as long as a page is shown; an $effect's clean-up is what this returns. */
  offer(sequence: PhotoSequence): () => void {
    this.current = sequence
    return () => {
      if (this.current === sequence) this.current = null
    }
  }

  offerList(list: PhotoList): () => void {
    return this.offer({
      find: (photoId) => list.photos.find((photo) => photo.photo_id === photoId),
      step: async (photoId, by) => {
        const at = list.photos.findIndex((photo) => photo.photo_id === photoId)
        if (at < 0) return null
        if (at + by >= list.photos.length && !list.complete) await list.more()
        return list.photos[at + by] ?? null
      },
    })
  }
}

export const sequence = new CurrentSequence()
