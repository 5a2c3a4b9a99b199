// The folders that albums lie in: all of them, as they are few, and what can be done with one.
import { answer, api } from '../api/client'
import type { AlbumFolder } from '../api/types'

export class Folders {
  items = $state.raw<AlbumFolder[]>([])

  async load(): Promise<void> {
    this.items = (await answer(api.GET('/api/v1/album-folders'))).items
  }

  async create(name: string, parentId: string | null): Promise<AlbumFolder> {
    return answer(api.POST('/api/v1/album-folders', { body: { name, parent_id: parentId } }))
  }

  async change(folderId: string, change: { name?: string; parent_id?: string | null }): Promise<void> {
    await answer(
      api.PATCH('/api/v1/album-folders/{folder_id}', {
        params: { path: { folder_id: folderId } },
        body: change,
      }),
    )
  }

  async delete(folderId: string, albums: 'move' | 'delete'): Promise<void> {
    await answer(
      api.DELETE('/api/v1/album-folders/{folder_id}', {
        params: { path: { folder_id: folderId }, query: { albums } },
      }),
    )
  }
}
