// SHA-256 of files, off the main thread and in pieces: a file is never in memory as a whole.
import { createSHA256, type IHasher } from 'hash-wasm'

export type HashQuestion = { id: number; file: File }
export type HashAnswer =
  { id: number; done: number } | { id: number; sha256: string } | { id: number; error: string }

const PIECE_BYTES = 4 * 1024 * 1024
let hasher: Promise<IHasher> | undefined

async function hash(id: number, file: File): Promise<void> {
  hasher ??= createSHA256()
  const sha256 = await hasher
  sha256.init()
  for (let from = 0; from < file.size; from += PIECE_BYTES) {
    const piece = await file.slice(from, from + PIECE_BYTES).arrayBuffer()
    sha256.update(new Uint8Array(piece))
    if (file.size > PIECE_BYTES) post({ id, done: Math.min(1, (from + piece.byteLength) / file.size) })
  }
  post({ id, sha256: sha256.digest('hex') })
}

function post(answer: HashAnswer): void {
  self.postMessage(answer)
}

self.addEventListener('message', ({ data }: MessageEvent<HashQuestion>) => {
  hash(data.id, data.file).catch((error: unknown) => {
    post({ id: data.id, error: error instanceof Error ? error.message : 'The file could not be read.' })
  })
})
