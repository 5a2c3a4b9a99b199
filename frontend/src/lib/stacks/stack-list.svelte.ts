// Stacks of one status, page by page, and what is decided about them: each decision can be taken back.
import { answer, api } from '../api/client'
import { messageOf } from '../api/problem'
import type { Stack, StackStatus } from '../api/types'
import { announce } from '../photos/changes'
import { formatNumber } from '../ui/locale'
import { toasts } from '../ui/toasts.svelte'

export type Decision = { kind: 'keep'; photoIds: string[] } | { kind: 'stack' } | { kind: 'dismiss' }

const PAGE = 12

export class StackList {
  items = $state.raw<Stack[]>([])
  loading = $state(false)
  complete = $state(false)
  error = $state<unknown>(null)
  /** The stack that a decision is being sent for. */
  deciding = $state<string | null>(null)
  readonly isEmpty = $derived(this.complete && this.items.length === 0)
  readonly status: StackStatus
  #cursor: string | undefined
  #inFlight: Promise<void> | null = null
  #decided: { stack: Stack; at: number }[] = []

  constructor(status: StackStatus) {
    this.status = status
  }

  /** Load the next stacks; calls that overlap share one request. */
  more(): Promise<void> {
    if (this.complete) return Promise.resolve()
    this.#inFlight ??= this.#load()
    return this.#inFlight
  }

  async decide(stack: Stack, decision: Decision): Promise<void> {
    if (this.deciding) return
    this.deciding = stack.stack_id
    const at = this.items.indexOf(stack)
    try {
      const decided = await send(stack, decision)
      this.items = this.items.filter((one) => one.stack_id !== stack.stack_id)
      this.#decided.push({ stack: decided, at })
      tell(decided)
      toasts.note(doneText(decided), { label: 'Undo', run: () => void this.undo(decided.stack_id) })
    } catch (error) {
      toasts.error(error)
      await this.#refresh(stack.stack_id)
    } finally {
      this.deciding = null
    }
    if (this.items.length === 0) await this.more()
  }

  /** Take back a decision, the last one made here where none is named. */
  async undo(stackId?: string): Promise<void> {
    const last = this.#decided.findLastIndex((one) => !stackId || one.stack.stack_id === stackId)
    const taken = this.#decided[last]
    if (!taken || this.deciding) return
    this.#decided.splice(last, 1)
    const reopened = await this.#sendUndo(taken.stack)
    if (!reopened) return
    const items = this.items.filter((one) => one.stack_id !== reopened.stack_id)
    items.splice(Math.min(taken.at, items.length), 0, reopened)
    this.items = items
  }

  /** Open a stack again that was decided at any time. */
  async reopen(stack: Stack): Promise<void> {
    if (this.deciding) return
    if (await this.#sendUndo(stack)) {
      this.items = this.items.filter((one) => one.stack_id !== stack.stack_id)
      toasts.note('Waits for a decision again')
    }
    if (this.items.length === 0) await this.more()
  }

  async #sendUndo(stack: Stack): Promise<Stack | null> {
    this.deciding = stack.stack_id
    try {
      const reopened = await answer(api.POST('/api/v1/stacks/{stack_id}/undo', at(stack)))
      const back = stack.photos.filter((photo) => photo.is_trashed).map((photo) => photo.photo_id)
      if (back.length > 0) announce({ kind: 'restored', photoIds: back })
      return reopened
    } catch (error) {
      toasts.error(error)
      return null
    } finally {
      this.deciding = null
    }
  }

  /** Show a stack as it is now, or no longer: somebody else has changed it. */
  async #refresh(stackId: string): Promise<void> {
    try {
      const path = { params: { path: { stack_id: stackId } } }
      const now = await answer(api.GET('/api/v1/stacks/{stack_id}', path))
      const stays = now.status === this.status && now.photos.length > 1
      this.items = this.items.flatMap((one) => (one.stack_id !== stackId ? [one] : stays ? [now] : []))
    } catch (error) {
      console.info(messageOf(error)) // what went wrong first has been said
    }
  }

  async #load(): Promise<void> {
    this.loading = true
    this.error = null
    try {
      const query = { status: this.status, limit: PAGE, ...(this.#cursor ? { cursor: this.#cursor } : {}) }
      const page = await answer(api.GET('/api/v1/stacks', { params: { query } }))
      const known = new Set(
        [...this.items, ...this.#decided.map((one) => one.stack)].map((one) => one.stack_id),
      )
      this.items = [...this.items, ...page.items.filter((one) => !known.has(one.stack_id))]
      this.#cursor = page.next_cursor ?? undefined
      this.complete = page.next_cursor === null
    } catch (error) {
      this.error = error
    } finally {
      this.#inFlight = null // before `loading` changes: whoever waits for that may ask for more at once
      this.loading = false
    }
  }
}

const at = ({ stack_id }: Stack) => ({ params: { path: { stack_id } } })

function send(stack: Stack, decision: Decision): Promise<Stack> {
  const { version } = stack
  if (decision.kind === 'keep') {
    const body = { version, photo_ids: decision.photoIds }
    return answer(api.POST('/api/v1/stacks/{stack_id}/keep', { ...at(stack), body }))
  }
  if (decision.kind === 'stack')
    return answer(api.POST('/api/v1/stacks/{stack_id}/stack', { ...at(stack), body: { version } }))
  return answer(api.POST('/api/v1/stacks/{stack_id}/dismiss', { ...at(stack), body: { version } }))
}

function tell(decided: Stack): void {
  const gone = decided.photos.filter((photo) => photo.is_trashed).map((photo) => photo.photo_id)
  if (decided.status === 'kept' && gone.length > 0) announce({ kind: 'trashed', photoIds: gone })
}

function doneText(decided: Stack): string {
  if (decided.status === 'stacked') return 'Kept together'
  if (decided.status === 'dismissed') return 'Not the same; you won’t be asked again'
  const gone = decided.photos.filter((photo) => photo.is_trashed).length
  if (gone === 0) return 'All kept'
  return gone === 1 ? '1 photo moved to trash' : `${formatNumber(gone)} photos moved to trash`
}
