// Which address shows which page, and which ones are left to the server.
import { expect, it } from 'vitest'

import { fieldErrors } from './api/problem'
import { match } from './routes'

it('finds pages and what their addresses say', () => {
  expect(match('/').name).toBe('photos')
  expect(match('/photos/abc')).toMatchObject({ name: 'photo', params: { photo_id: 'abc' } })
  expect(match('/albums/a%20b')).toMatchObject({ name: 'album', params: { album_id: 'a b' } })
  expect(match('/albums/').name).toBe('albums')
  expect(match('/nothing/here').name).toBe('not-found')
})

it('leaves the API, the docs and the storage to the server', () => {
  for (const path of ['/api/v1/photos/x/original', '/docs/', '/openapi.json', '/heliograph-photos/a/b']) {
    expect(match(path).name).toBe('elsewhere')
  }
})

it('brings a problem’s field errors to the fields', () => {
  const errors = [
    { location: 'body.email', detail: 'not an address' },
    { location: 'body.email', detail: 'too long' },
    { location: 'body.files.0.sha256', detail: 'no hash' },
  ]
  expect(fieldErrors(errors)).toEqual({ email: 'not an address', 'files.0.sha256': 'no hash' })
})
