// Months in a row, as the map's time filter goes through them.

/** From one month to another, both inclusive, as the API takes it. */
export interface MonthSpan {
  from: string
  to: string
}

/** Return all months from one to another: "2023-11" to "2024-02" are four. */
export function monthsBetween(first: string, last: string): string[] {
  const months: string[] = []
  let [year = 0, month = 0] = first.split('-').map(Number)
  for (;;) {
    const name = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}`
    if (name > last) return months
    months.push(name)
    month += 1
    if (month > 12) {
      month = 1
      year += 1
    }
  }
}

/**
 * Return heights (0-1) of a row of bars, one for a month or for several where months are many.
 *
 * A month with few photos stays to be seen beside one with many.
 */
export function barsOf(
  months: readonly string[],
  counts: ReadonlyMap<string, number>,
  most: number,
): number[] {
  const together = Math.max(1, Math.ceil(months.length / most))
  const sums: number[] = []
  for (let start = 0; start < months.length; start += together) {
    sums.push(months.slice(start, start + together).reduce((sum, month) => sum + (counts.get(month) ?? 0), 0))
  }
  const highest = Math.max(...sums, 1)
  return sums.map((sum) => Math.sqrt(sum / highest))
}
