// Each label has its own colour, the same in the list and on the picture.
const HUES = [28, 200, 140, 320, 260, 60, 100, 350, 230, 170]

export function hueOf(name: string): number {
  let sum = 0
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0
  return HUES[sum % HUES.length] ?? 28
}
