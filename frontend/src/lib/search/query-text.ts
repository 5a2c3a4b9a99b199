// The text of a search as the address bar has it, and small changes of it. Offsets of the API count code points.

/** How a search is sorted; null leaves it to the search. */
export type Sort = 'relevance' | 'date' | null

/** `label:` and the like with a value that may hold anything. */
export function filter(field: string, value: string): string {
  const isPlain = /^[\p{L}\p{N}_-]+$/u.test(value)
  return `${field}:${isPlain ? value : `"${value.replace(/["\\]/g, '\\$&')}"`}`
}

const FILTERS = ['label', 'place', 'camera', 'from', 'to', 'status', 'album', 'near', 'bbox']

/** The text that an address asks for; the filters of older addresses are written out. */
export function textOf(query: URLSearchParams): string {
  const parts = [query.get('q')?.trim() ?? '']
  for (const field of FILTERS) {
    for (const value of query.getAll(field)) {
      const isPlace = field === 'near' || field === 'bbox'
      parts.push(isPlace ? `${field}:${value}` : filter(field, value))
    }
  }
  if (query.get('favourite') === 'true') parts.push('is:favourite')
  return joined(parts)
}

export function sortOf(query: URLSearchParams): Sort {
  const sort = query.get('sort')
  return sort === 'date' || sort === 'relevance' ? sort : null
}

export function addressOf(text: string, sort: Sort = null): string {
  const query = new URLSearchParams()
  if (text.trim()) query.set('q', text.trim())
  if (sort) query.set('sort', sort)
  const asked = query.toString()
  return asked ? `/search?${asked}` : '/search'
}

export function joined(parts: readonly string[]): string {
  return parts
    .map((part) => part.trim())
    .filter(Boolean)
    .join(' ')
}

/** Add a filter, unless it is there. */
export function withFilter(text: string, added: string): string {
  const wanted = added.trim()
  return ` ${text} `.includes(` ${wanted} `) ? text : joined([text, wanted])
}

/** Put other days in the place of those that a search asks for. */
export function withDates(
  parts: readonly { kind: string; text: string }[],
  from: string | null,
  until: string | null,
): string {
  const dates = new Set(['from', 'to', 'date', 'before', 'after'])
  const others = parts.filter(({ kind }) => !dates.has(kind)).map(({ text }) => text)
  return joined([...others, from ? `from:${from}` : '', until ? `to:${until}` : ''])
}

export function codePoints(text: string, offset: number): number {
  return [...text.slice(0, offset)].length
}

export function offsetOf(text: string, points: number): number {
  return [...text].slice(0, points).join('').length
}

export function replaced(text: string, start: number, end: number, by: string): string {
  const points = [...text]
  return points.slice(0, start).join('') + by + points.slice(end).join('')
}
