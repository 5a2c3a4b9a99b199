// Short notes at the foot of the window: errors, and deeds that can be undone.
import { messageOf } from '../api/problem'

export interface Toast {
  id: number
  kind: 'note' | 'error'
  text: string
  action?: { label: string; run: () => void }
}

const SHOWN_MS = { note: 6_000, error: 10_000 }
const AT_MOST = 3

class Toasts {
  items = $state<Toast[]>([])
  #nextId = 1

  note(text: string, action?: Toast['action']): void {
    this.#add('note', text, action)
  }

  error(error: unknown, action?: Toast['action']): void {
    this.#add('error', typeof error === 'string' ? error : messageOf(error), action)
  }

  dismiss(id: number): void {
    this.items = this.items.filter((toast) => toast.id !== id)
  }

  #add(kind: Toast['kind'], text: string, action: Toast['action']): void {
    if (this.items.some((toast) => toast.text === text && !toast.action)) return
    const toast: Toast = { id: this.#nextId++, kind, text, ...(action ? { action } : {}) }
    this.items = [...this.items, toast].slice(-AT_MOST)
    window.setTimeout(() => this.dismiss(toast.id), SHOWN_MS[kind])
  }
}

export const toasts = new Toasts()
