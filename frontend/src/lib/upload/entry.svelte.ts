// One file on its way into the library.
import type { Lane, PhotoStatus } from '../api/types'

/**
 *     queued ─► hashing ─► checking ─► uploading ─► processing ─► ready
 *                             ├─► duplicate             └─► failed
 *                             └─► rejected
 * Any state before `processing` can also end in `failed` or `cancelled`; both can be tried again.
 */
export type UploadState =
  | 'queued'
  | 'hashing'
  | 'checking'
  | 'uploading'
  | 'processing'
  | 'ready'
  | 'duplicate'
  | 'rejected'
  | 'failed'
  | 'cancelled'

export const SETTLED: ReadonlySet<UploadState> = new Set([
  'ready',
  'duplicate',
  'rejected',
  'failed',
  'cancelled',
])

export interface ChosenFile {
  file: File
  /** Folder and name as dropped, for people to recognise. */
  path: string
  contentType: string
  /** Why it can't even be read; it is shown as rejected then. */
  problem?: string
}

/** Of how many files at once nobody waits for each: they leave the way free for others. */
const MOST_AWAITED = 100

/** By which lane files go that were chosen together. */
export function laneOf(files: number): Lane {
  return files > MOST_AWAITED ? 'backlog' : 'interactive'
}

export interface UploadTicket {
  url: string
  headers: Record<string, string>
}

let nextId = 1

export class UploadEntry {
  readonly id = nextId++
  readonly file: File
  readonly path: string
  readonly contentType: string
  readonly problem: string | undefined
  readonly lane: Lane
  state = $state<UploadState>('queued')
  /** Part of the current step that is done, 0 to 1. */
  fraction = $state(0)
  reason = $state('')
  photoId = $state<string | null>(null)
  sha256: string | null = null
  ticket: UploadTicket | null = null
  /** What was said of the photo before the storage's own answer had arrived. */
  heard: PhotoStatus | null = null
  abort = new AbortController()

  constructor({ file, path, contentType, problem }: ChosenFile, lane: Lane = 'interactive') {
    this.lane = lane
    this.problem = problem
    this.file = file
    this.path = path
    this.contentType = contentType
  }

  get isSettled(): boolean {
    return SETTLED.has(this.state)
  }

  get canRetry(): boolean {
    return this.state === 'failed' || this.state === 'cancelled'
  }

  get canCancel(): boolean {
    return ['queued', 'hashing', 'checking', 'uploading'].includes(this.state)
  }
}

/** Where an upload stands once its photo is known to be in `status`. */
export function stateOfPhoto(status: PhotoStatus): UploadState {
  if (status === 'ready') return 'ready'
  return status === 'failed' ? 'failed' : 'processing'
}
