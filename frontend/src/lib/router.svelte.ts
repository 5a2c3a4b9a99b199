// The address bar as state: which page is shown, and which photo lies open over it.
import { match, type Match } from './routes'

interface HistoryState {
  /** The page that stays visible (and mounted) under an open photo. */
  under?: string
  /** True where going back leads to that page, so closing a photo is a step back. */
  pushed?: boolean
}

function current(): string {
  return window.location.pathname + window.location.search
}

class Router {
  /** Path and query of the page, never of the photo over it. */
  page = $state('/')
  photoId = $state<string | null>(null)
  readonly url = $derived(new URL(this.page, window.location.origin))
  readonly match = $derived<Match>(match(this.url.pathname))

  constructor() {
    this.#read()
    window.addEventListener('popstate', () => this.#read())
    document.addEventListener('click', (event) => this.#followLink(event))
  }

  get query(): URLSearchParams {
    return this.url.searchParams
  }

  go(to: string, options: { replace?: boolean } = {}): void {
    const opensPhoto = match(new URL(to, window.location.origin).pathname).name === 'photo'
    const state: HistoryState = opensPhoto
      ? {
          under: this.page,
          pushed: options.replace ? (history.state as HistoryState | null)?.pushed === true : true,
        }
      : {}
    const from = this.page
    if (options.replace) history.replaceState(state, '', to)
    else history.pushState(state, '', to)
    this.#read()
    if (!opensPhoto && !options.replace && this.page !== from) window.scrollTo(0, 0)
  }

  openPhoto(photoId: string, options: { replace?: boolean } = {}): void {
    this.go(`/photos/${photoId}`, options)
  }

  closePhoto(): void {
    if ((history.state as HistoryState | null)?.pushed) history.back()
    else this.go(this.page, { replace: true })
  }

  #read(): void {
    const found = match(window.location.pathname)
    if (found.name === 'photo') {
      this.page = (history.state as HistoryState | null)?.under ?? '/'
      this.photoId = found.params.photo_id ?? null
    } else {
      this.page = current()
      this.photoId = null
    }
  }

  #followLink(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (!link || link.target || link.hasAttribute('download') || link.origin !== window.location.origin)
      return
    if (match(link.pathname).name === 'elsewhere') return // the API, the docs: for the server
    event.preventDefault()
    const to = link.pathname + link.search
    if (to !== current()) this.go(to)
  }
}

export const router = new Router()
