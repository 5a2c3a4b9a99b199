// Folders within folders: where each lies, and how they are listed.
import { describe, expect, it } from 'vitest'

import type { AlbumFolder } from '../api/types'
import { branches, foldersIn, pathTo } from './folder-tree'

const folder = (folder_id: string, parent_id: string | null = null) =>
  ({ folder_id, parent_id }) as AlbumFolder
const tree = [folder('trips'), folder('lisbon', 'trips'), folder('sintra', 'lisbon'), folder('work')]

describe('folders', () => {
  it('lie in one another', () => {
    expect(foldersIn(tree, null).map((one) => one.folder_id)).toEqual(['trips', 'work'])
    expect(pathTo(tree, 'sintra').map((one) => one.folder_id)).toEqual(['trips', 'lisbon', 'sintra'])
    expect(pathTo(tree, null)).toEqual([])
  })

  it('are listed below the one they lie in', () => {
    expect(branches(tree).map(({ folder, depth }) => `${depth} ${folder.folder_id}`)).toEqual([
      '0 trips',
      '1 lisbon',
      '2 sintra',
      '0 work',
    ])
  })

  it('do not offer a folder itself as its place', () => {
    expect(branches(tree, 'lisbon').map(({ folder }) => folder.folder_id)).toEqual(['trips', 'work'])
  })
})
