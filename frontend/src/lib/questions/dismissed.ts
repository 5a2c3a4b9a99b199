// Who wants no question beside their photos today; kept in this browser.
const KEY = 'heliograph.no-questions'

function mark(person: string): string {
  const now = new Date()
  return `${person} ${now.getFullYear()}-${now.getMonth() + 1}-${now.getDate()}`
}

export function isDismissedToday(person: string): boolean {
  return localStorage.getItem(KEY) === mark(person)
}

export function dismissToday(person: string): void {
  localStorage.setItem(KEY, mark(person))
}
