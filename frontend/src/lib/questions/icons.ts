// A picture for each kind of question.
import CalendarClock from '@lucide/svelte/icons/calendar-clock'
import Clock from '@lucide/svelte/icons/clock'
import House from '@lucide/svelte/icons/house'
import Layers from '@lucide/svelte/icons/layers'
import ListChecks from '@lucide/svelte/icons/list-checks'
import Luggage from '@lucide/svelte/icons/luggage'
import MapPin from '@lucide/svelte/icons/map-pin'
import MapPinned from '@lucide/svelte/icons/map-pinned'
import MessageCircleQuestion from '@lucide/svelte/icons/message-circle-question-mark'
import PartyPopper from '@lucide/svelte/icons/party-popper'
import PawPrint from '@lucide/svelte/icons/paw-print'
import Split from '@lucide/svelte/icons/split'
import Tag from '@lucide/svelte/icons/tag'
import Tags from '@lucide/svelte/icons/tags'

const ICONS: Record<string, { icon: typeof Tag; name: string }> = {
  label: { icon: Tag, name: 'What is on them' },
  'two-labels': { icon: Split, name: 'What is on them' },
  missing: { icon: Tags, name: 'What is on them' },
  thing: { icon: PawPrint, name: 'Who or what is it' },
  place: { icon: MapPin, name: 'Place' },
  places: { icon: MapPinned, name: 'Places' },
  beside: { icon: MapPinned, name: 'Places' },
  'same-place': { icon: House, name: 'Place' },
  date: { icon: CalendarClock, name: 'Date' },
  clock: { icon: Clock, name: 'Clock' },
  event: { icon: PartyPopper, name: 'Event' },
  events: { icon: Luggage, name: 'Trips' },
  burst: { icon: Layers, name: 'Best of many' },
  check: { icon: ListChecks, name: 'Check' },
}

export function iconOf(kind: string): { icon: typeof Tag; name: string } {
  return ICONS[kind] ?? { icon: MessageCircleQuestion, name: 'Question' }
}
