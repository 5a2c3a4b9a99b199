// A large month is read in parts, so that any of its days can be gone to without reading all that is newer.
export interface DayCount {
  day: string
  count: number
}

export interface PartPlan {
  /** First and last day, or hour of one, both inclusive; the parts of a month cover it without a gap. */
  from: string
  to: string
  /** null where only the whole is known. */
  count: number | null
  /** Days with photos, newest first; none where they aren't known. */
  days: DayCount[]
}

/** Photos that are read at a time, and about as many as a part has. */
export const PAGE = 500
/** A day with more is read by its hours. */
const LARGE_DAY = 4 * PAGE

export function firstOf(month: string): string {
  return `${month}-01`
}

export function lastOf(month: string): string {
  const [year = 1970, number = 1] = month.split('-').map(Number)
  return `${month}-${two(new Date(Date.UTC(year, number, 0)).getUTCDate())}`
}

/** The parts of a month, newest first. `days` is null for a month that is small enough for one. */
export function planOf(month: string, count: number, days: readonly DayCount[] | null): PartPlan[] {
  if (days === null) return [{ from: firstOf(month), to: lastOf(month), count, days: [] }]
  const isKnown = days.reduce((sum, day) => sum + day.count, 0) === count
  const plans = isKnown ? gathered(days) : everyDay(month)
  return covering(month, plans).flatMap((plan) => (isLarge(plan) ? byHours(plan) : [plan]))
}

function gathered(days: readonly DayCount[]): PartPlan[] {
  const plans: PartPlan[] = []
  for (const day of days) {
    const last = plans.at(-1)
    if (last && (last.count ?? 0) + day.count <= PAGE) {
      last.from = day.day
      last.count = (last.count ?? 0) + day.count
      last.days.push(day)
    } else plans.push({ from: day.day, to: day.day, count: day.count, days: [day] })
  }
  return plans
}

function everyDay(month: string): PartPlan[] {
  const days = Number(lastOf(month).slice(8))
  return Array.from({ length: days }, (_, index) => {
    const day = `${month}-${two(days - index)}`
    return { from: day, to: day, count: null, days: [] }
  })
}

/** Widen parts over days without photos, so that a photo that is put there later has its place. */
function covering(month: string, plans: readonly PartPlan[]): PartPlan[] {
  return plans.map((plan, index) => {
    const newer = plans[index - 1]
    const isOldest = index === plans.length - 1
    return {
      ...plan,
      to: newer ? dayAfter(newer.from, -1) : lastOf(month),
      from: isOldest ? firstOf(month) : plan.from,
    }
  })
}

function isLarge(plan: PartPlan): boolean {
  return plan.days.length === 1 && (plan.count ?? 0) > LARGE_DAY
}

function byHours(plan: PartPlan): PartPlan[] {
  const day = plan.days[0]?.day ?? plan.from
  const hours = Array.from({ length: 24 }, (_, index) => {
    const hour = `${day}T${two(23 - index)}`
    return { from: hour, to: hour, count: null, days: [] }
  })
  const empty = (from: string, to: string): PartPlan[] =>
    from <= to ? [{ from, to, count: 0, days: [] }] : []
  return [...empty(dayAfter(day, 1), plan.to), ...hours, ...empty(plan.from, dayAfter(day, -1))]
}

export function isHour(time: string): boolean {
  return time.length > 10
}

/** Whether a day or time by the clock of the place lies within a part; the hour `2024-06-15T18` holds 18:30. */
export function holds({ from, to }: Pick<PartPlan, 'from' | 'to'>, wall: string): boolean {
  return wall.slice(0, from.length) >= from && wall.slice(0, to.length) <= to
}

function dayAfter(day: string, by: number): string {
  const next = new Date(`${day}T00:00:00Z`)
  next.setUTCDate(next.getUTCDate() + by)
  return next.toISOString().slice(0, 10)
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
