// Files go through hashing, admission and upload: in batches, a few at a time, and again after failures.
import { beforeEach, describe, expect, it, vi } from 'vitest'

import type { ChosenFile } from './entry.svelte'
import { FakeUploads } from './fakes'
import { UploadQueue } from './queue.svelte'

function photo(name: string, content = name): ChosenFile {
  return { file: new File([content], name, { type: 'image/jpeg' }), path: name, contentType: 'image/jpeg' }
}

const photos = (count: number) => Array.from({ length: count }, (_, index) => photo(`${index}.jpg`))

let fake: FakeUploads
let queue: UploadQueue

beforeEach(() => {
  fake = new FakeUploads()
  queue = new UploadQueue(fake)
})

const sent = () => vi.waitFor(() => expect(queue.sending).toBe(0))
const states = () => queue.entries.map((entry) => entry.state)

describe('many files', () => {
  it('are asked about in batches of at most a hundred and all arrive', async () => {
    queue.add(photos(250))
    await sent()
    expect(queue.count('processing')).toBe(250)
    expect(fake.stored).toHaveLength(250)
    expect(Math.max(...fake.batches.map((batch) => batch.length))).toBeLessThanOrEqual(100)
    expect(fake.batches.flat()).toHaveLength(250)
  })

  it('go by the backlog where they are more than a hundred at once, and single ones overtake them', async () => {
    queue.add(photos(101))
    queue.add([photo('single.jpg')])
    await sent()
    expect([fake.lanes.get('100.jpg'), fake.lanes.get('single.jpg')]).toEqual(['backlog', 'interactive'])
    expect(fake.stored.indexOf('single.jpg')).toBeLessThan(fake.stored.indexOf('100.jpg'))
  })

  it('are awaited where they are a hundred', async () => {
    queue.add(photos(100))
    await sent()
    expect(new Set(fake.lanes.values())).toEqual(new Set(['interactive']))
  })

  it('are hashed two and uploaded four at a time', async () => {
    queue.add(photos(60))
    await sent()
    expect(fake.hashing.most).toBe(2)
    expect(fake.uploading.most).toBeLessThanOrEqual(4)
  })

  it('add up: bytes sent are bytes in all, and every state is counted', async () => {
    queue.add(photos(30))
    await sent()
    expect(queue.sentBytes).toBe(queue.totalBytes)
    for (const entry of queue.entries) queue.hear(entry.photoId ?? '', 'ready')
    expect([queue.settled, queue.count('ready'), queue.count('processing')]).toEqual([30, 30, 0])
  })
})

describe('a file', () => {
  it('that the library has is a duplicate before a byte travels', async () => {
    fake.library.add('sha-of-known')
    queue.add([photo('a.jpg', 'known'), photo('b.jpg', 'new')])
    await sent()
    expect(states()).toEqual(['duplicate', 'processing'])
    expect(fake.stored).toEqual(['b.jpg'])
  })

  it('that the browser would not open is rejected with that reason, and the rest goes on', async () => {
    queue.add([{ ...photo('locked.jpg', ''), problem: 'This file could not be read.' }, photo('b.jpg')])
    await sent()
    expect(states()).toEqual(['rejected', 'processing'])
    expect(queue.entries[0]?.reason).toBe('This file could not be read.')
  })

  it('that was dropped twice is asked about once', async () => {
    queue.add([photo('a.jpg', 'same'), photo('copy of a.jpg', 'same')])
    await sent()
    expect(states()).toEqual(['processing', 'duplicate'])
    expect(fake.batches.flat()).toEqual(['a.jpg'])
  })

  it('that is refused says why', async () => {
    fake.rejected.set('a.jpg', 'It is larger than 200 MB.')
    queue.add([photo('a.jpg')])
    await sent()
    expect(queue.entries[0]).toMatchObject({ state: 'rejected', reason: 'It is larger than 200 MB.' })
  })

  it('that is empty or no picture is refused without a question', async () => {
    const text: ChosenFile = { ...photo('notes.txt'), contentType: 'text/plain' }
    queue.add([photo('empty.jpg', ''), text])
    await sent()
    expect(queue.entries.map((entry) => entry.reason)).toEqual(['The file is empty.', 'This is not a photo.'])
    expect(fake.batches).toEqual([])
  })

  it('that is stored already counts as sent', async () => {
    fake.putResults = ['already-there']
    queue.add([photo('a.jpg')])
    await sent()
    expect(states()).toEqual(['processing'])
  })

  it('whose address has expired gets a new one', async () => {
    fake.putResults = ['expired']
    queue.add([photo('a.jpg')])
    await sent()
    expect(fake.batches).toEqual([['a.jpg'], ['a.jpg']])
    expect(fake.stored).toEqual(['a.jpg'])
  })
})

describe('a lost connection', () => {
  it('is waited for with growing pauses', async () => {
    fake.admitFailures = 2
    fake.putFailures = 3
    queue.add([photo('a.jpg')])
    await sent()
    expect(states()).toEqual(['processing'])
    expect(fake.pauses).toEqual([1000, 2000, 1000, 2000, 4000])
  })

  it('that doesn’t come back fails the file, which can be tried again', async () => {
    fake.putFailures = 7
    queue.add([photo('a.jpg')])
    await sent()
    const [entry] = queue.entries
    expect(entry).toMatchObject({ state: 'failed', reason: 'The connection was lost.', canRetry: true })
    expect(queue.sentBytes).toBe(0)
    if (entry) await queue.retry(entry)
    await sent()
    expect(states()).toEqual(['processing'])
  })
})

describe('cancelling', () => {
  it('stops what hasn’t been sent and leaves the rest', async () => {
    queue.add(photos(20))
    queue.cancelAll()
    await sent()
    expect(queue.count('cancelled')).toBe(20)
    expect(fake.stored).toEqual([])
    const [entry] = queue.entries
    if (entry) await queue.retry(entry)
    await sent()
    expect(fake.stored).toEqual(['0.jpg'])
  })
})

describe('processing', () => {
  it('ends when the photo is ready', async () => {
    queue.add([photo('a.jpg')])
    await sent()
    queue.hear('photo-sha-of-a.jpg', 'prepared')
    expect(states()).toEqual(['processing'])
    queue.hear('photo-sha-of-a.jpg', 'ready')
    expect(states()).toEqual(['ready'])
  })

  it('that failed says why and is tried again on the server, without a new upload', async () => {
    queue.add([photo('a.jpg')])
    await sent()
    queue.hear('photo-sha-of-a.jpg', 'failed', 'The file is cut off.')
    const [entry] = queue.entries
    expect(entry).toMatchObject({ state: 'failed', reason: 'The file is cut off.' })
    if (entry) await queue.retry(entry)
    expect(states()).toEqual(['processing'])
    expect(fake.retried).toEqual(['photo-sha-of-a.jpg'])
    expect(fake.stored).toEqual(['a.jpg'])
  })

  it('is none of a failed upload’s business', async () => {
    fake.putFailures = 7
    queue.add([photo('a.jpg')])
    await sent()
    queue.hear('photo-sha-of-a.jpg', 'awaiting_upload')
    expect(states()).toEqual(['failed'])
  })
})

it('clearing forgets what is settled and keeps what is under way', async () => {
  queue.add(photos(3))
  await sent()
  queue.hear('photo-sha-of-0.jpg', 'ready')
  queue.clearSettled()
  expect(states()).toEqual(['processing', 'processing'])
  expect(queue.count('processing')).toBe(2)
})
