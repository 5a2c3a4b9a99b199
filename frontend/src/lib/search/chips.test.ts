// Editing a search's chips: what is in the box is always one text, and nothing of it is lost.
import { expect, it } from 'vitest'

import type { SearchPart } from '../api/types'
import { boxOf, chipOf, edited, EMPTY, removed, textOfBox, written } from './chips'

function part(text: string, changes: Partial<SearchPart> = {}): SearchPart {
  return {
    kind: 'text',
    text,
    start: 0,
    end: text.length,
    negated: false,
    value: text,
    quoted: false,
    operator: ':',
    min_confidence: null,
    max_confidence: null,
    name: text,
    meanings: [{ kind: 'label', name: text, count: 1 }],
    parts: [],
    ...changes,
  }
}

const box = boxOf(['dog', 'label:cat', '-place:lisboa'].map((text) => part(text)))

it('the box says what its chips and its text say, in their order', () => {
  expect(textOfBox(box)).toBe('dog label:cat -place:lisboa')
  expect(textOfBox({ ...box, draft: ' 2023 ', at: 1 })).toBe('dog 2023 label:cat -place:lisboa')
  expect(textOfBox(EMPTY)).toBe('')
  expect(textOfBox(written('dog label:'))).toBe('dog label:')
})

it('a chip that is edited becomes text in its own place', () => {
  const editing = edited(box, 1)
  expect(editing).toMatchObject({ draft: 'label:cat', at: 1 })
  expect(editing.chips.map((chip) => chip.text)).toEqual(['dog', '-place:lisboa'])
  expect(textOfBox(editing)).toBe(textOfBox(box))
})

it.each([0, 1, 2])('what was being written is kept when chip %i is taken up', (index) => {
  for (const at of [0, 1, 2, 3]) {
    const before = { ...box, draft: 'beach', at }
    const after = edited(before, index)
    expect(after.draft).toBe(box.chips[index]?.text)
    expect(textOfBox(after)).toBe(textOfBox(before))
  }
})

it('a chip that is taken away leaves the others and the text where they are', () => {
  const before = { ...box, draft: 'beach', at: 2 }
  expect(textOfBox(removed(before, 0))).toBe('label:cat beach -place:lisboa')
  expect(textOfBox(removed(before, 2))).toBe('dog label:cat beach')
  expect(removed(before, 9)).toBe(before)
  expect(edited(before, -1)).toBe(before)
})

it('a chip with an exact value says its name, and one that finds nothing is marked', () => {
  const lisbon = {
    kind: 'place',
    quoted: true,
    meanings: [{ kind: 'place', name: 'Lisboa, Portugal', count: 3 }],
  }
  expect(chipOf(part('place:"PT/Lisboa"', lisbon)).name).toBe('Lisboa, Portugal')
  expect(chipOf(part('-place:"PT/Lisboa"', { ...lisbon, negated: true })).name).toBe('not Lisboa, Portugal')
  expect(chipOf(part('unicorn', { meanings: [] })).isUnknown).toBe(true)
  expect(chipOf(part('2024-06', { meanings: [] })).isUnknown).toBe(false)
  expect(chipOf(part('-unicorn', { meanings: [], negated: true })).isUnknown).toBe(false)
  expect(chipOf(part('from:2024', { kind: 'from', meanings: [] })).isUnknown).toBe(false)
})
