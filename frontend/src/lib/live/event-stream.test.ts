// The event stream: read in pieces, taken up again where it broke off, ended when asked.
import { expect, it } from 'vitest'

import { followEvents, type EventStreamPorts, type StreamEvent } from './event-stream'

/** Streams that are served one after the other; after the last one the follower is stopped. */
function follower(streams: (string[] | number)[]) {
  const stop = new AbortController()
  const seen = {
    events: [] as StreamEvent[],
    asked: [] as (string | null)[],
    pauses: [] as number[],
    connected: [] as boolean[],
  }
  const ports: EventStreamPorts = {
    open: async (lastEventId) => {
      seen.asked.push(lastEventId)
      const next = streams.shift()
      if (next === undefined) {
        stop.abort()
        throw new Error('stopped')
      }
      await Promise.resolve()
      return typeof next === 'number' ? new Response(null, { status: next }) : new Response(streamOf(next))
    },
    heard: (event) => seen.events.push(event),
    connected: (isConnected) => seen.connected.push(isConnected),
    pause: async (milliseconds) => {
      await Promise.resolve()
      seen.pauses.push(milliseconds)
    },
  }
  return { seen, done: followEvents(ports, stop.signal) }
}

function streamOf(pieces: string[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(encoder.encode(piece))
      controller.close()
    },
  })
}

it('hears events whose lines arrive in pieces, and no comments', async () => {
  const { seen, done } = follower([[': hello\n\nid: 1\nevent: ph', 'oto\ndata: {"a"', ':1}\n\n']])
  await done
  expect(seen.events).toEqual([{ event: 'photo', data: '{"a":1}' }])
})

it('goes on after the last event it has heard', async () => {
  const { seen, done } = follower([['id: 7\ndata: x\n\n'], ['id: 8\ndata: y\n\n']])
  await done
  expect(seen.asked).toEqual([null, '7', '8'])
  expect(seen.events.map(({ data }) => data)).toEqual(['x', 'y'])
})

it('waits longer after each failure, and starts anew once connected', async () => {
  const { seen, done } = follower([503, 503, 503, ['data: x\n\n'], 503])
  await done
  expect(seen.pauses).toEqual([1000, 2000, 4000, 1000, 2000])
  expect(seen.connected.filter(Boolean)).toHaveLength(1)
})
