// Server-sent events over fetch, because EventSource can't carry a bearer token; reconnects where it left off.
import { createParser } from 'eventsource-parser'

export interface StreamEvent {
  event: string
  data: string
}

export interface EventStreamPorts {
  /** Open the stream; the last event's id, where there was one, goes into Last-Event-ID. */
  open(lastEventId: string | null, signal: AbortSignal): Promise<Response>
  heard(event: StreamEvent): void
  /** True when events flow, false while they don't. */
  connected(isConnected: boolean): void
  pause(milliseconds: number, signal: AbortSignal): Promise<void>
}

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000

/** Follow the stream until the signal says stop. */
export async function followEvents(ports: EventStreamPorts, signal: AbortSignal): Promise<void> {
  let lastEventId: string | null = null
  let wait = FIRST_PAUSE_MS
  while (!signal.aborted) {
    try {
      const response = await ports.open(lastEventId, signal)
      if (!response.ok || !response.body) throw new Error(`status ${response.status}`)
      ports.connected(true)
      wait = FIRST_PAUSE_MS
      const parser = createParser({
        onEvent: ({ id, event, data }) => {
          if (id !== undefined) lastEventId = id
          ports.heard({ event: event ?? 'message', data })
        },
        onRetry: (milliseconds) => {
          wait = milliseconds
        },
      })
      await readAll(response.body, (text) => parser.feed(text))
    } catch {
      // Reported below, as not connected.
    }
    if (signal.aborted) return
    ports.connected(false)
    await ports.pause(wait, signal)
    wait = Math.min(LONGEST_PAUSE_MS, wait * 2)
  }
}

async function readAll(body: ReadableStream<Uint8Array>, feed: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder()
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    feed(decoder.decode(value, { stream: true }))
  }
}
