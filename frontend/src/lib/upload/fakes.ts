// Ports of the upload queue that live in memory, for tests: a storage and a library one can look into.
import type { UploadEntry } from './entry.svelte'
import { TransientError, type Admission, type PutResult, type UploadPorts } from './queue.svelte'

export class FakeUploads implements UploadPorts {
  /** Content of the library by hash; what is in it is a duplicate. */
  library = new Set<string>()
  rejected = new Map<string, string>()
  batches: string[][] = []
  /** By which lane each file was announced. */
  lanes = new Map<string, string>()
  stored: string[] = []
  retried: string[] = []
  pauses: number[] = []
  /** How often the next calls fail as if the network were gone. */
  putFailures = 0
  admitFailures = 0
  /** What PUT answers next; then always `stored`. */
  putResults: PutResult[] = []
  hashing = { now: 0, most: 0 }
  uploading = { now: 0, most: 0 }

  async hash(file: File, signal: AbortSignal): Promise<string> {
    this.hashing.most = Math.max(this.hashing.most, ++this.hashing.now)
    const text = await file.text()
    this.hashing.now -= 1
    if (signal.aborted) throw new Error('Cancelled')
    return `sha-of-${text}`
  }

  async admit(entries: readonly UploadEntry[]): Promise<Admission[]> {
    await Promise.resolve()
    if (this.admitFailures > 0) {
      this.admitFailures -= 1
      throw new TransientError('The connection was lost.')
    }
    this.batches.push(entries.map((entry) => entry.file.name))
    for (const { file, lane } of entries) this.lanes.set(file.name, lane)
    return entries.map(({ sha256, file }): Admission => {
      const reason = this.rejected.get(file.name)
      if (reason) return { status: 'rejected', reason }
      const photoId = `photo-${sha256}`
      if (this.library.has(sha256 ?? '')) return { status: 'duplicate', photoId }
      return { status: 'accepted', photoId, ticket: { url: `/bucket/${photoId}`, headers: {} } }
    })
  }

  async put(entry: UploadEntry, _ticket: unknown, progress: (fraction: number) => void): Promise<PutResult> {
    this.uploading.most = Math.max(this.uploading.most, ++this.uploading.now)
    progress(0.5)
    await Promise.resolve()
    this.uploading.now -= 1
    if (this.putFailures > 0) {
      this.putFailures -= 1
      throw new TransientError('The connection was lost.')
    }
    if (entry.abort.signal.aborted) throw new Error('Cancelled')
    const result = this.putResults.shift() ?? 'stored'
    if (result !== 'expired') this.stored.push(entry.file.name)
    return result
  }

  async retryPhoto(photoId: string): Promise<void> {
    await Promise.resolve()
    this.retried.push(photoId)
  }

  async pause(milliseconds: number): Promise<void> {
    await Promise.resolve()
    this.pauses.push(milliseconds)
  }
}
