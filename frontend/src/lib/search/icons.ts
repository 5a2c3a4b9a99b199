// A picture for each kind of thing that a search can name.
import Aperture from '@lucide/svelte/icons/aperture'
import Calendar from '@lucide/svelte/icons/calendar'
import Camera from '@lucide/svelte/icons/camera'
import CircleDot from '@lucide/svelte/icons/circle-dot'
import FileType from '@lucide/svelte/icons/file-type'
import Heart from '@lucide/svelte/icons/heart'
import Library from '@lucide/svelte/icons/library'
import MapPin from '@lucide/svelte/icons/map-pin'
import SearchIcon from '@lucide/svelte/icons/search'
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal'
import Tag from '@lucide/svelte/icons/tag'
import Type from '@lucide/svelte/icons/type'

const icons: Record<string, typeof Tag> = {
  label: Tag,
  confirmed: Tag,
  place: MapPin,
  near: MapPin,
  bbox: MapPin,
  has: MapPin,
  camera: Camera,
  lens: Aperture,
  album: Library,
  word: Type,
  caption: Type,
  keyword: Type,
  filename: FileType,
  type: FileType,
  status: CircleDot,
  is: Heart,
  operator: SlidersHorizontal,
  any: SlidersHorizontal,
  all: SlidersHorizontal,
  text: SearchIcon,
}
for (const kind of ['from', 'to', 'before', 'after', 'date', 'year', 'month', 'day']) icons[kind] = Calendar

export function iconOf(kind: string): typeof Tag {
  return icons[kind] ?? SearchIcon
}
