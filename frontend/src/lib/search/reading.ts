// What the API reads in a search's text.
import { answer, api } from '../api/client'
import type { SearchReading } from '../api/types'

export function readingOf(q: string): Promise<SearchReading> {
  if (!q.trim()) return Promise.resolve({ parts: [], error: null })
  return answer(api.GET('/api/v1/search/parse', { params: { query: { q } } }))
}
