// One file on its way into the library.
import type { PhotoStatus } from '../api/types'

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

  constructor({ file, path, contentType, problem }: ChosenFile) {
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
