// The app's addresses and the page each one shows.
import type { Component } from 'svelte'

export interface Route {
  name: string
  pattern: string
  /** Loads the page; absent for addresses that are no page of their own. */
  load?: () => Promise<{ default: Component<Record<string, string>> }>
  /** Pages that are for people who aren't signed in. */
  anonymous?: boolean
  /** Pages for everybody, signed in or not, without the frame of the library. */
  open?: boolean
}

export interface Match {
  name: string
  params: Record<string, string>
  route: Route
}

const loader = (load: () => Promise<unknown>): NonNullable<Route['load']> =>
  load as NonNullable<Route['load']>

export const routes: Route[] = [
  { name: 'photos', pattern: '/', load: loader(() => import('../pages/Photos.svelte')) },
  { name: 'photo', pattern: '/photos/:photo_id' },
  { name: 'search', pattern: '/search', load: loader(() => import('../pages/Search.svelte')) },
  { name: 'map', pattern: '/map', load: loader(() => import('../pages/Map.svelte')) },
  { name: 'places', pattern: '/places', load: loader(() => import('../pages/Places.svelte')) },
  { name: 'albums', pattern: '/albums', load: loader(() => import('../pages/Albums.svelte')) },
  {
    name: 'album-folder',
    pattern: '/album-folders/:folder_id',
    load: loader(() => import('../pages/Albums.svelte')),
  },
  { name: 'album', pattern: '/albums/:album_id', load: loader(() => import('../pages/Album.svelte')) },
  {
    name: 'questions',
    pattern: '/questions',
    load: loader(() => import('../pages/Questions.svelte')),
  },
  {
    name: 'duplicates',
    pattern: '/duplicates',
    load: loader(() => import('../pages/Duplicates.svelte')),
  },
  { name: 'shared', pattern: '/s', load: loader(() => import('../pages/SharedAlbum.svelte')), open: true },
  { name: 'join', pattern: '/join', load: loader(() => import('../pages/Join.svelte')), open: true },
  { name: 'account', pattern: '/account', load: loader(() => import('../pages/Account.svelte')) },
  { name: 'admin', pattern: '/admin', load: loader(() => import('../pages/Admin.svelte')) },
  { name: 'trash', pattern: '/trash', load: loader(() => import('../pages/Trash.svelte')) },
  {
    name: 'sign-in',
    pattern: '/sign-in',
    load: loader(() => import('../pages/SignIn.svelte')),
    anonymous: true,
  },
  {
    name: 'forgot-password',
    pattern: '/forgot-password',
    load: loader(() => import('../pages/ForgotPassword.svelte')),
    open: true,
  },
  {
    name: 'reset-password',
    pattern: '/reset-password',
    load: loader(() => import('../pages/ResetPassword.svelte')),
    open: true,
  },
  {
    name: 'verify',
    pattern: '/verify',
    load: loader(() => import('../pages/Verify.svelte')),
    open: true,
  },
  {
    name: 'register',
    pattern: '/register',
    load: loader(() => import('../pages/Register.svelte')),
    anonymous: true,
  },
]

const notFound: Route = {
  name: 'not-found',
  pattern: '',
  load: loader(() => import('../pages/NotFound.svelte')),
}
const elsewhere: Route = { name: 'elsewhere', pattern: '' }
const SERVED_ELSEWHERE = /^\/(api|docs|heliograph-photos|\.well-known)(\/|$)|^\/(openapi|config)\.json$/

/** The route of a path; what the server answers itself is `elsewhere`, what nobody knows `not-found`. */
export function match(path: string): Match {
  if (SERVED_ELSEWHERE.test(path)) return { name: elsewhere.name, params: {}, route: elsewhere }
  const parts = path.split('/').filter(Boolean)
  for (const route of routes) {
    const params = paramsOf(route.pattern.split('/').filter(Boolean), parts)
    if (params) return { name: route.name, params, route }
  }
  return { name: notFound.name, params: {}, route: notFound }
}

function paramsOf(pattern: string[], parts: string[]): Record<string, string> | null {
  if (pattern.length !== parts.length) return null
  const params: Record<string, string> = {}
  for (const [index, expected] of pattern.entries()) {
    const part = parts[index] ?? ''
    if (expected.startsWith(':')) params[expected.slice(1)] = decodeURIComponent(part)
    else if (expected !== part) return null
  }
  return params
}
