// Months and days in the reader's language.
import { locale } from '../ui/locale'

const utc = { timeZone: 'UTC' } as const
const monthName = new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric', ...utc })
const shortMonthName = new Intl.DateTimeFormat(locale, { month: 'short', year: 'numeric', ...utc })
const dayName = new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short', ...utc })
const wholeDayName = new Intl.DateTimeFormat(locale, { dateStyle: 'long', ...utc })

function named(format: Intl.DateTimeFormat, text: string, time: string): string {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? text : format.format(date)
}

/** "2024-06" → "June 2024". */
export function nameOfMonth(month: string, short = false): string {
  return named(short ? shortMonthName : monthName, month, `${month}-01T00:00:00Z`)
}

/** "2024-06-15" → "Sat 15 Jun"; "2024-06-15T18" → "Sat 15 Jun, 18:00". */
export function nameOfDay(key: string): string {
  const day = named(dayName, key, `${key.slice(0, 10)}T00:00:00Z`)
  return key.length > 10 ? `${day}, ${key.slice(11, 13)}:00` : day
}

/** "2024-06-15" → "15 June 2024". */
export function wholeNameOfDay(day: string): string {
  return named(wholeDayName, day, `${day}T00:00:00Z`)
}

export function yearOf(month: string): string {
  return month.slice(0, 4)
}
