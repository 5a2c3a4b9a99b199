// The language that dates and numbers are written in: the app's own, English, in the variety the reader prefers.
export const locale: string =
  typeof document === 'undefined'
    ? 'en-US'
    : (navigator.languages.find((language) => /^en(-[a-z0-9]{2,8})*$/i.test(language)) ?? 'en') // not en-US@posix

const numbers = new Intl.NumberFormat(locale)

export function formatNumber(value: number): string {
  return numbers.format(value)
}

/** `1 photo`, `1,204 photos`. */
export function photosText(count: number): string {
  return count === 1 ? '1 photo' : `${formatNumber(count)} photos`
}
