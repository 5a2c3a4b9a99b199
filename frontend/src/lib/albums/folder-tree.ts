// The tree of folders as breadcrumbs and lists show it.
import type { AlbumFolder } from '../api/types'

/** One line of the tree, as a list shows it. */
export interface Branch {
  folder: AlbumFolder
  depth: number
}

/** The folders that lie directly in one, or at the top. */
export function foldersIn(folders: readonly AlbumFolder[], parentId: string | null): AlbumFolder[] {
  return folders.filter((folder) => folder.parent_id === parentId)
}

/** The folders down to one, the outermost first. */
export function pathTo(folders: readonly AlbumFolder[], folderId: string | null): AlbumFolder[] {
  const path: AlbumFolder[] = []
  let next = folders.find((folder) => folder.folder_id === folderId)
  while (next && !path.includes(next)) {
    path.unshift(next)
    const parentId = next.parent_id
    next = folders.find((folder) => folder.folder_id === parentId)
  }
  return path
}

/** All folders as an indented list, each below the one it lies in; without one and all that lies in it. */
export function branches(folders: readonly AlbumFolder[], without: string | null = null): Branch[] {
  const below = (parentId: string | null, depth: number): Branch[] =>
    foldersIn(folders, parentId)
      .filter((folder) => folder.folder_id !== without)
      .flatMap((folder) => [{ folder, depth }, ...below(folder.folder_id, depth + 1)])
  return below(null, 0)
}
