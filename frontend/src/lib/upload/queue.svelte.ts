// Moves files through hashing, admission and upload, a few at a time each; knows nothing of HTTP or workers.
import type { PhotoStatus } from '../api/types'
import {
  laneOf,
  stateOfPhoto,
  UploadEntry,
  type ChosenFile,
  type UploadState,
  type UploadTicket,
} from './entry.svelte'

export type Admission =
  | { status: 'accepted'; photoId: string; ticket: UploadTicket }
  | { status: 'duplicate'; photoId: string }
  | { status: 'rejected'; reason: string }

export type PutResult = 'stored' | 'already-there' | 'expired'

/** A failure that passes by itself: the step is tried again after a pause. */
export class TransientError extends Error {}

export interface UploadPorts {
  hash(file: File, signal: AbortSignal, progress: (fraction: number) => void): Promise<string>
  admit(entries: readonly UploadEntry[]): Promise<Admission[]>
  put(entry: UploadEntry, ticket: UploadTicket, progress: (fraction: number) => void): Promise<PutResult>
  retryPhoto(photoId: string): Promise<void>
  pause(milliseconds: number): Promise<void>
}

export interface UploadLimits {
  hashing: number
  uploading: number
  batch: number
  attempts: number
}

const LIMITS: UploadLimits = { hashing: 2, uploading: 4, batch: 100, attempts: 7 }
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000

/** Put an entry at the end of a line; one that somebody waits for overtakes those of a bulk import. */
function lineUp(line: UploadEntry[], entry: UploadEntry): void {
  const at = entry.lane === 'interactive' ? line.findIndex((other) => other.lane === 'backlog') : -1
  if (at < 0) line.push(entry)
  else line.splice(at, 0, entry)
}

export class UploadQueue {
  entries = $state.raw<UploadEntry[]>([])
  counts = $state<Partial<Record<UploadState, number>>>({})
  totalBytes = $state(0)
  sentBytes = $state(0)
  readonly #ports: UploadPorts
  readonly #limits: UploadLimits
  readonly #byPhoto = new Map<string, UploadEntry>()
  readonly #bySha256 = new Map<string, UploadEntry>()
  readonly #toHash: UploadEntry[] = []
  readonly #toAdmit: UploadEntry[] = []
  readonly #toUpload: UploadEntry[] = []
  #hashing = 0
  #uploading = 0
  #admitting = false

  constructor(ports: UploadPorts, limits: Partial<UploadLimits> = {}) {
    this.#ports = ports
    this.#limits = { ...LIMITS, ...limits }
  }

  /** Entries that haven't been handed over to the server yet. */
  get sending(): number {
    return this.count('queued', 'hashing', 'checking', 'uploading')
  }

  get settled(): number {
    return this.count('ready', 'duplicate', 'rejected', 'failed', 'cancelled')
  }

  count(...states: UploadState[]): number {
    return states.reduce((sum, state) => sum + (this.counts[state] ?? 0), 0)
  }

  add(files: readonly ChosenFile[]): void {
    const lane = laneOf(files.length)
    const added = files.map((file) => new UploadEntry(file, lane))
    this.entries = [...this.entries, ...added]
    this.counts['queued'] = (this.counts['queued'] ?? 0) + added.length
    for (const entry of added) {
      this.totalBytes += entry.file.size
      const reason = reasonAgainst(entry)
      if (reason) this.#settle(entry, 'rejected', reason)
      else lineUp(this.#toHash, entry)
    }
    this.#advance()
  }

  cancel(entry: UploadEntry): void {
    if (!entry.canCancel) return
    for (const line of [this.#toHash, this.#toAdmit, this.#toUpload]) {
      const at = line.indexOf(entry)
      if (at >= 0) line.splice(at, 1)
    }
    entry.abort.abort()
    this.#settle(entry, 'cancelled', '')
    this.#advance()
  }

  cancelAll(): void {
    for (const entry of this.entries) this.cancel(entry)
  }

  async retry(entry: UploadEntry): Promise<void> {
    if (!entry.canRetry) return
    const wasProcessed = entry.state === 'failed' && entry.photoId !== null && entry.ticket === null
    entry.abort = new AbortController()
    entry.reason = ''
    if (wasProcessed && entry.photoId) {
      this.#move(entry, 'processing')
      try {
        await this.#ports.retryPhoto(entry.photoId)
      } catch (error) {
        this.#settle(entry, 'failed', reasonOf(error))
      }
      return
    }
    this.#move(entry, 'queued')
    if (entry.sha256) lineUp(this.#toAdmit, entry)
    else lineUp(this.#toHash, entry)
    this.#advance()
  }

  /** Take what the event stream (or a question) says of a photo. */
  hear(photoId: string, status: PhotoStatus, reason = ''): UploadEntry | undefined {
    const entry = this.#byPhoto.get(photoId)
    if (entry?.state === 'uploading') entry.heard = status // the pipeline was faster than the PUT's answer
    const failedThere = entry?.state === 'failed' && entry.ticket === null
    if (!entry || !(entry.state === 'processing' || failedThere)) return undefined
    const state = stateOfPhoto(status)
    if (state === 'failed') this.#settle(entry, 'failed', reason || 'It could not be processed.')
    else if (state !== entry.state) this.#settle(entry, state, '')
    return entry
  }

  /** Forget what is done; what is still on its way stays. */
  clearSettled(): void {
    this.entries = this.entries.filter((entry) => !entry.isSettled)
    this.counts = {}
    for (const entry of this.entries) this.counts[entry.state] = (this.counts[entry.state] ?? 0) + 1
    const left = this.entries.filter((entry) => entry.state !== 'processing')
    this.totalBytes = left.reduce((sum, entry) => sum + entry.file.size, 0)
    this.sentBytes = 0
  }

  processing(): UploadEntry[] {
    return this.entries.filter((entry) => entry.state === 'processing')
  }

  #advance(): void {
    while (this.#hashing < this.#limits.hashing) {
      const entry = this.#toHash.shift()
      if (!entry) break
      this.#hashing += 1
      void this.#hash(entry).finally(() => {
        this.#hashing -= 1
        this.#advance()
      })
    }
    this.#admitNext()
    while (this.#uploading < this.#limits.uploading) {
      const entry = this.#toUpload.shift()
      if (!entry) break
      this.#uploading += 1
      void this.#upload(entry).finally(() => {
        this.#uploading -= 1
        this.#advance()
      })
    }
  }

  async #hash(entry: UploadEntry): Promise<void> {
    this.#move(entry, 'hashing')
    try {
      entry.sha256 = await this.#ports.hash(entry.file, entry.abort.signal, (done) => (entry.fraction = done))
    } catch (error) {
      if (entry.state === 'hashing') this.#settle(entry, 'failed', reasonOf(error))
      return
    }
    if (entry.state !== 'hashing') return
    const twin = this.#bySha256.get(entry.sha256)
    if (twin && twin !== entry && !twin.canRetry && twin.state !== 'rejected') {
      entry.photoId = twin.photoId
      return this.#settle(entry, 'duplicate', '')
    }
    this.#bySha256.set(entry.sha256, entry)
    this.#move(entry, 'checking')
    lineUp(this.#toAdmit, entry)
  }

  /** One question at a time, and none while a whole batch still waits to be sent: its addresses would expire. */
  #admitNext(): void {
    const { batch } = this.#limits
    if (this.#admitting || this.#toAdmit.length === 0 || this.#toUpload.length >= batch) return
    const entries = this.#toAdmit.splice(0, batch)
    this.#admitting = true
    void this.#admit(entries).finally(() => {
      this.#admitting = false
      this.#advance()
    })
  }

  async #admit(entries: UploadEntry[]): Promise<void> {
    for (const entry of entries) this.#move(entry, 'checking')
    let admissions: Admission[]
    try {
      admissions = await this.#persistently(() => this.#ports.admit(entries))
    } catch (error) {
      for (const entry of entries)
        if (entry.state === 'checking') this.#settle(entry, 'failed', reasonOf(error))
      return
    }
    for (const [index, entry] of entries.entries()) {
      const admission = admissions[index]
      if (entry.state !== 'checking' || !admission) continue
      if (admission.status === 'rejected') {
        this.#settle(entry, 'rejected', admission.reason)
        continue
      }
      entry.photoId = admission.photoId
      if (admission.status === 'duplicate') this.#settle(entry, 'duplicate', '')
      else {
        entry.ticket = admission.ticket
        this.#byPhoto.set(admission.photoId, entry)
        lineUp(this.#toUpload, entry)
      }
    }
  }

  async #upload(entry: UploadEntry): Promise<void> {
    const { ticket } = entry
    if (!ticket) return
    this.#move(entry, 'uploading')
    let sent = 0
    const progress = (done: number) => {
      const now = Math.round(done * entry.file.size)
      this.sentBytes += now - sent
      sent = now
      entry.fraction = done
    }
    try {
      const result = await this.#persistently(() => this.#ports.put(entry, ticket, progress), entry)
      progress(result === 'expired' ? 0 : 1)
      entry.ticket = null
      if (entry.state !== 'uploading') return
      if (result === 'expired') {
        this.#move(entry, 'checking')
        lineUp(this.#toAdmit, entry)
        return
      }
      this.#move(entry, 'processing')
      if (entry.heard && entry.photoId) this.hear(entry.photoId, entry.heard)
    } catch (error) {
      progress(0)
      if (entry.state === 'uploading') this.#settle(entry, 'failed', reasonOf(error))
    }
  }

  /** Try again after transient failures, with growing pauses. */
  async #persistently<Result>(work: () => Promise<Result>, entry?: UploadEntry): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        const over = !(error instanceof TransientError) || attempt >= this.#limits.attempts
        if (over || entry?.abort.signal.aborted) throw error
        if (entry) entry.reason = 'Waiting for the connection…'
        await this.#ports.pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1)))
        if (entry) entry.reason = ''
        if (entry?.abort.signal.aborted) throw error
      }
    }
  }

  #settle(entry: UploadEntry, state: UploadState, reason: string): void {
    entry.reason = reason
    this.#move(entry, state)
  }

  #move(entry: UploadEntry, state: UploadState): void {
    if (entry.state === state) return
    this.counts[entry.state] = (this.counts[entry.state] ?? 1) - 1
    this.counts[state] = (this.counts[state] ?? 0) + 1
    entry.state = state
    entry.fraction = 0
  }
}

function reasonAgainst(entry: UploadEntry): string | null {
  if (entry.problem) return entry.problem
  if (!entry.contentType.startsWith('image/')) return 'This is not a photo.'
  return entry.file.size === 0 ? 'The file is empty.' : null
}

function reasonOf(error: unknown): string {
  return error instanceof Error && error.message ? error.message : 'Something went wrong.'
}
