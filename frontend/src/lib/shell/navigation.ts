// The places that the top bar and the phone's tab bar lead to.
import Images from '@lucide/svelte/icons/images'
import Library from '@lucide/svelte/icons/library'
import MapIcon from '@lucide/svelte/icons/map'
import MapPinned from '@lucide/svelte/icons/map-pinned'
import MessageCircleQuestion from '@lucide/svelte/icons/message-circle-question-mark'

export const places = [
  { href: '/', name: 'Photos', routes: ['photos'], icon: Images },
  { href: '/map', name: 'Map', routes: ['map'], icon: MapIcon },
  { href: '/places', name: 'Places', routes: ['places'], icon: MapPinned },
  { href: '/albums', name: 'Albums', routes: ['albums', 'album', 'album-folder'], icon: Library },
  { href: '/questions', name: 'Questions', routes: ['questions'], icon: MessageCircleQuestion },
]
