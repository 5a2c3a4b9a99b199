// Bulk edits that were begun here or in another window: followed until they are through, with their undo.
import { answer, api } from '../api/client'
import type { BulkEdit, Job, JobSearch } from '../api/types'
import { announce } from '../photos/changes'
import { timeline } from '../timeline/timeline.svelte'
import { toasts } from '../ui/toasts.svelte'
import { isAtWork } from './edits'

export type Asked = { photoIds: readonly string[] } | { search: JobSearch }

const LOOKED_MS = 700
const LOOKED_AFTER_TROUBLE_MS = 4_000
const SHOWN_MS = 30_000
const MOST_SHOWN = 3
const MOST_IDS = 10_000

class Jobs {
  /** Those with a card, the newest first. */
  shown = $state.raw<Job[]>([])
  #photoIds = new Map<string, readonly string[]>()
  #followed = new Set<string>()

  /** Take up what is still at work, for example after a reload. */
  async resume(): Promise<void> {
    try {
      const { items } = await answer(api.GET('/api/v1/jobs', { params: { query: { limit: 5 } } }))
      for (const job of items.filter((job) => isAtWork(job) && !job.answer_id).reverse()) this.#take(job)
    } catch {
      // The next edit shows its own card; nothing is lost.
    }
  }

  /** Begin an edit; whether it has begun. A key makes sure that a request that is sent twice begins one job. */
  async start(edit: BulkEdit, asked: Asked): Promise<boolean> {
    const key = crypto.randomUUID()
    const what =
      'search' in asked ? { search: asked.search } : { photo_ids: asked.photoIds.slice(0, MOST_IDS) }
    try {
      const job = await answer(
        api.POST('/api/v1/jobs', {
          body: { edit, ...what },
          params: { header: { 'idempotency-key': key } },
        }),
      )
      if ('photoIds' in asked) this.#photoIds.set(job.job_id, asked.photoIds)
      this.#take(job)
      return true
    } catch (error) {
      toasts.error(error)
      return false
    }
  }

  async emptyTrash(): Promise<boolean> {
    try {
      this.#take(await answer(api.DELETE('/api/v1/trash')))
      return true
    } catch (error) {
      toasts.error(error)
      return false
    }
  }

  undo(job: Job): Promise<void> {
    return this.#ask(job, '/api/v1/jobs/{job_id}/undo')
  }

  cancel(job: Job): Promise<void> {
    return this.#ask(job, '/api/v1/jobs/{job_id}/cancel')
  }

  dismiss({ job_id }: Job): void {
    this.shown = this.shown.filter((job) => job.job_id !== job_id)
  }

  async #ask(job: Job, path: '/api/v1/jobs/{job_id}/undo' | '/api/v1/jobs/{job_id}/cancel'): Promise<void> {
    try {
      this.#take(await answer(api.POST(path, { params: { path: { job_id: job.job_id } } })))
    } catch (error) {
      toasts.error(error)
    }
  }

  /** Show a job as it is now, and follow it while something is to be done. */
  #take(job: Job): void {
    const others = this.shown.filter((other) => other.job_id !== job.job_id)
    this.shown = others.length < this.shown.length ? this.#with(job) : [job, ...others].slice(0, MOST_SHOWN)
    if (!this.#followed.has(job.job_id)) void this.#follow(job)
  }

  #with(job: Job): Job[] {
    return this.shown.map((other) => (other.job_id === job.job_id ? job : other))
  }

  async #follow(job: Job): Promise<void> {
    const { job_id } = job
    this.#followed.add(job_id)
    let current = job
    while (isAtWork(current)) {
      let pause = LOOKED_MS
      try {
        current = await answer(api.GET('/api/v1/jobs/{job_id}', { params: { path: { job_id } } }))
        this.shown = this.#with(current)
      } catch {
        pause = LOOKED_AFTER_TROUBLE_MS
      }
      if (isAtWork(current)) await new Promise((resolve) => window.setTimeout(resolve, pause))
    }
    this.#followed.delete(job_id)
    this.#through(current)
  }

  #through(job: Job): void {
    announce({ kind: 'bulk', photoIds: [...(this.#photoIds.get(job.job_id) ?? [])] })
    if (timeline.loaded) void timeline.load()
    if (job.failed > 0) return
    window.setTimeout(() => {
      const now = this.shown.find(({ job_id }) => job_id === job.job_id)
      if (now?.status === job.status) this.dismiss(job)
    }, SHOWN_MS)
  }
}

export const jobs = new Jobs()
