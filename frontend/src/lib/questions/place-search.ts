// Towns of the world by how their names begin.
import { answer, api } from '../api/client'
import type { Point } from '../api/types'

export interface Town extends Point {
  name: string
}

const MOST = 5
const LEAST_LETTERS = 2

export async function townsNamed(text: string): Promise<Town[]> {
  const q = text.trim()
  if (q.length < LEAST_LETTERS) return []
  const { items } = await answer(api.GET('/api/v1/places/towns', { params: { query: { q, limit: MOST } } }))
  return items
}
