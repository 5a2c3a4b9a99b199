// Months and days in the reader's language.
import { locale } from '../ui/locale'
const monthName = new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric', timeZone: 'UTC' })
const shortMonthName = new Intl.DateTimeFormat(locale, {
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
})

/** "2024-06" → "June 2024". */
export function nameOfMonth(month: string, short = false): string {
  const date = new Date(`${month}-01T00:00:00Z`)
  if (Number.isNaN(date.getTime())) return month
  return (short ? shortMonthName : monthName).format(date)
}

export function yearOf(month: string): string {
  return month.slice(0, 4)
}
