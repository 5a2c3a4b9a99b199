// The language that dates and numbers are written in: the app's own, English, in the variety the reader prefers.
export const locale: string =
  typeof document === 'undefined'
    ? 'en-US'
    : (navigator.languages.find((language) => language === 'en' || language.startsWith('en-')) ?? 'en')

const numbers = new Intl.NumberFormat(locale)

export function formatNumber(value: number): string {
  return numbers.format(value)
}
