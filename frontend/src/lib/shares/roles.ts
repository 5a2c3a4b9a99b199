// What people may do with a shared album, in words.
import type { AlbumRole } from '../api/types'

export type GrantedRole = Exclude<AlbumRole, 'owner' | 'link'>

export const ROLES: { role: GrantedRole; name: string; means: string }[] = [
  { role: 'viewer', name: 'Viewer', means: 'looks at the photos and downloads them' },
  { role: 'contributor', name: 'Contributor', means: 'also puts in photos of their own' },
  { role: 'editor', name: 'Editor', means: 'also names, orders and takes out anyone’s photos' },
]

export function roleName(role: AlbumRole): string {
  return ROLES.find((one) => one.role === role)?.name ?? 'Owner'
}

export function mayContribute(role: AlbumRole): boolean {
  return role === 'contributor' || role === 'editor' || role === 'owner'
}

export function mayArrange(role: AlbumRole): boolean {
  return role === 'editor' || role === 'owner'
}
