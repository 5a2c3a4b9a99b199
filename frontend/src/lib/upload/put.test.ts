// What the storage's answers mean, and which headers a browser lets us send.
import { expect, it } from 'vitest'

import { contentTypeOf, isLeftBySystem } from './chosen-files'
import { allowedHeaders, resultOf } from './put'
import { headline } from './progress-text'
import { TransientError } from './queue.svelte'

it('sends every signed header but those that the browser sets itself', () => {
  const headers = { 'Content-Type': 'image/jpeg', 'Content-Length': '5', 'If-None-Match': '*', Host: 'x' }
  expect(allowedHeaders(headers)).toEqual([
    ['Content-Type', 'image/jpeg'],
    ['If-None-Match', '*'],
  ])
})

it('takes 412 for "already there" and an expired signature for a reason to ask again', () => {
  expect(resultOf(200, '')).toBe('stored')
  expect(resultOf(412, '')).toBe('already-there')
  expect(
    resultOf(403, '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>'),
  ).toBe('expired')
})

it('tries again what may pass, and gives up on a refusal with its reason', () => {
  for (const status of [0, 408, 429, 500, 503]) expect(() => resultOf(status, '')).toThrow(TransientError)
  const body = '<Error><Code>BadDigest</Code><Message>The checksum did not match.</Message></Error>'
  expect(() => resultOf(400, body)).toThrow('The checksum did not match.')
})

it('knows photos by their extension where the browser says nothing', () => {
  expect(contentTypeOf('IMG_1.JPG', '')).toBe('image/jpeg')
  expect(contentTypeOf('a.png', 'image/png')).toBe('image/png')
  expect(contentTypeOf('film.mov', 'video/quicktime')).toBe('video/quicktime')
  expect(contentTypeOf('README', '')).toBe('application/octet-stream')
})

it('leaves out what systems put into folders', () => {
  expect(['.DS_Store', 'Thumbs.db', 'desktop.ini', 'a.jpg'].filter(isLeftBySystem)).toEqual([
    '.DS_Store',
    'Thumbs.db',
    'desktop.ini',
  ])
})

it('says in one line how far it is', () => {
  expect(headline({ total: 40, sending: 29, processing: 5, problems: 0 })).toBe('Uploading 12 of 40')
  expect(headline({ total: 40, sending: 0, processing: 1, problems: 0 })).toBe('Processing 1 photo')
  expect(headline({ total: 40, sending: 0, processing: 0, problems: 2 })).toBe('Done, 2 problems')
})
