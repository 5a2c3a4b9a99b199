// Hands files to hashing workers, one file per worker at a time; workers live as long as there is work.
import type { HashAnswer, HashQuestion } from './hash.worker'

const idle: Worker[] = []
let nextId = 1

export function sha256Of(
  file: File,
  signal: AbortSignal,
  progress: (fraction: number) => void,
): Promise<string> {
  const worker =
    idle.pop() ?? new Worker(new URL('./hash.worker.ts', import.meta.url), { type: 'module', name: 'hash' })
  const id = nextId++
  return new Promise<string>((resolve, reject) => {
    const end = (reusable: boolean) => {
      worker.onmessage = null
      worker.onerror = null
      signal.removeEventListener('abort', aborted)
      if (reusable) idle.push(worker)
      else worker.terminate()
    }
    const aborted = () => {
      end(false)
      reject(new Error('Cancelled'))
    }
    signal.addEventListener('abort', aborted)
    worker.onmessage = ({ data }: MessageEvent<HashAnswer>) => {
      if (data.id !== id) return
      if ('done' in data) progress(data.done)
      else if ('sha256' in data) {
        end(true)
        resolve(data.sha256)
      } else {
        end(true)
        reject(new Error(`The file could not be read: ${data.error}`))
      }
    }
    worker.onerror = () => {
      end(false)
      reject(new Error('The file could not be read.'))
    }
    worker.postMessage({ id, file } satisfies HashQuestion)
  })
}
