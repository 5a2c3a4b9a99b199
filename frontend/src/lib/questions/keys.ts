// One key for each answer: what a key press means while a question is shown.
export type Deed =
  | { kind: 'main' | 'no' | 'not-sure' | 'skip' | 'never' | 'undo' | 'part' }
  /** The tick or the choice with that number, from 0. */
  | { kind: 'number'; index: number }
  | { kind: 'move'; x: -1 | 0 | 1; y: -1 | 0 | 1 }

const DEEDS: Record<string, Deed> = {
  enter: { kind: 'main' },
  y: { kind: 'main' },
  n: { kind: 'no' },
  u: { kind: 'not-sure' },
  s: { kind: 'skip' },
  x: { kind: 'never' },
  z: { kind: 'undo' },
  p: { kind: 'part' },
  arrowleft: { kind: 'move', x: -1, y: 0 },
  arrowright: { kind: 'move', x: 1, y: 0 },
  arrowup: { kind: 'move', x: 0, y: -1 },
  arrowdown: { kind: 'move', x: 0, y: 1 },
}

export interface Key {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  repeat: boolean
}

/** What a key says, if anything; held down it says nothing but to move on, lest one press answers two questions. */
export function deedOf({ key, ctrlKey, metaKey, altKey, repeat }: Key): Deed | null {
  if (ctrlKey || metaKey || altKey) return null
  if (/^\d$/.test(key)) return repeat ? null : { kind: 'number', index: (Number(key) + 9) % 10 }
  const deed = DEEDS[key.toLowerCase()] ?? null
  return repeat && deed?.kind !== 'move' ? null : deed
}

/** The key of a tick with that index; nothing beyond the tenth. */
export function keyOfTick(index: number): string {
  return index < 10 ? String((index + 1) % 10) : ''
}
