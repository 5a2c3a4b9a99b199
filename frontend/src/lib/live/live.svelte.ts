// Keeps the app up to date without a reload: photo events as they come, progress figures, polling as a fallback.
import { answer, api, authorizedFetch } from '../api/client'
import type { PhotoStatus, Progress } from '../api/types'
import { announce } from '../photos/changes'
import { questions } from '../questions/questions.svelte'
import { askAfterProcessing, hearOfPhoto, uploads } from '../upload/uploads.svelte'
import { followEvents, type StreamEvent } from './event-stream'

const GATHERED_MS = 900
const POLLED_MS = 4_000
const CHECKED_MS = 20_000

interface PhotoEvent {
  photo_id: string
  status: PhotoStatus
}

class Live {
  progress = $state<Progress | null>(null)
  connected = $state(false)
  #changed = new Set<string>()
  #gathering: number | undefined
  #following: AbortController | null = null

  /** Photos that are on their way through the pipeline. */
  readonly working = $derived((this.progress?.awaiting_upload ?? 0) + (this.progress?.prepared ?? 0))

  /** Start following; the returned function stops it. */
  start(): () => void {
    const stop = new AbortController()
    // A browser has few connections to a host, shared by all its tabs: hidden tabs with nothing to do let go.
    const follow = () => {
      const wanted = document.visibilityState === 'visible' || uploads.settled < uploads.entries.length
      if (wanted && !this.#following) this.#follow()
      else if (!wanted) this.#letGo()
    }
    document.addEventListener('visibilitychange', follow, { signal: stop.signal })
    stop.signal.addEventListener('abort', () => this.#letGo())
    follow()
    void this.refreshProgress()
    this.#poll(stop.signal)
    return () => stop.abort()
  }

  async refreshProgress(): Promise<void> {
    try {
      this.progress = await answer(api.GET('/api/v1/progress'))
    } catch {
      // The figures stay as they are; the next change asks again.
    }
  }

  #follow(): void {
    const following = new AbortController()
    this.#following = following
    void followEvents(
      {
        open: (lastEventId, signal) => {
          const headers: Record<string, string> = { Accept: 'text/event-stream' }
          if (lastEventId) headers['Last-Event-ID'] = lastEventId
          return authorizedFetch(
            new Request(new URL('/api/v1/events', window.location.origin), { headers, signal }),
          )
        },
        heard: (event) => this.#heard(event),
        connected: (isConnected) => (this.connected = isConnected),
        pause,
      },
      following.signal,
    )
  }

  #letGo(): void {
    this.#following?.abort()
    this.#following = null
    this.connected = false
  }

  #heard({ event, data }: StreamEvent): void {
    if (event === 'questions') questions.hear()
    if (event !== 'photo') return
    const { photo_id, status } = JSON.parse(data) as PhotoEvent
    void hearOfPhoto(photo_id, status)
    this.#changed.add(photo_id)
    if (this.#gathering === undefined) {
      this.#gathering = window.setTimeout(() => this.#passOn(), GATHERED_MS)
    }
  }

  #passOn(): void {
    this.#gathering = undefined
    const photoIds = [...this.#changed]
    this.#changed.clear()
    announce({ kind: 'processed', photoIds })
    void this.refreshProgress()
  }

  /** Ask now and then: often while events fail to come, seldom otherwise, in case one was lost. */
  #poll(signal: AbortSignal): void {
    let lastAsked = Date.now()
    const timer = window.setInterval(() => {
      const isWaiting = this.working > 0 || uploads.count('processing') > 0
      const every = this.connected ? CHECKED_MS : POLLED_MS
      if (!isWaiting || Date.now() - lastAsked < every) return
      lastAsked = Date.now()
      void this.#askAgain()
    }, POLLED_MS)
    signal.addEventListener('abort', () => window.clearInterval(timer))
  }

  async #askAgain(): Promise<void> {
    const before = this.progress
    await Promise.all([askAfterProcessing(), this.refreshProgress()])
    const moved = JSON.stringify(before) !== JSON.stringify(this.progress)
    if (moved && !this.connected) announce({ kind: 'processed', photoIds: [] })
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = window.setTimeout(resolve, milliseconds)
    const now = () => {
      window.clearTimeout(timer)
      resolve()
    }
    signal.addEventListener('abort', now, { once: true })
    window.addEventListener('online', now, { once: true })
  })
}

export const live = new Live()
