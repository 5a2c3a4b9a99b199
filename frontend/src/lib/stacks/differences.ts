// The facts in which the photos of a stack differ, and which of them is the better one.
import type { StackPhoto } from '../api/types'
import { locale } from '../ui/locale'
import { megapixelsText, sizeText, takenText } from '../viewer/facts'

export interface Fact {
  name: string
  text: string
  /** Not all photos of the stack have the same. */
  differs: boolean
  /** The most of what one wants to keep: pixels, bytes, sharpness. */
  best: boolean
}

interface Kind {
  name: string
  text: (photo: StackPhoto) => string
  /** What is compared to find the best; absent where nothing is better than anything else. */
  worth?: (photo: StackPhoto) => number
}

const typeText = (contentType: string): string => contentType.replace('image/', '').toUpperCase()

/** Whether somebody says when it was taken: the camera, a person, or the name of the file. */
const isDated = ({ taken_source: source }: StackPhoto): boolean =>
  source !== null && source !== 'default' && source !== 'file_time'

function dateText(takenAt: string): string {
  const [day, seconds] = [takenAt.slice(0, 10), /T\d{2}:\d{2}(:\d{2})/.exec(takenAt)?.[1] ?? '']
  const wall = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(wall.getTime())) return takenAt
  const { time } = takenText(takenAt)
  const shown = wall.toLocaleDateString(locale, { dateStyle: 'medium', timeZone: 'UTC' })
  return `${shown}, ${time.replace(/^(\d+:\d{2})/, `$1${seconds}`)}`
}

const KINDS: Kind[] = [
  { name: 'Name', text: (photo) => photo.filename },
  {
    name: 'Pixels',
    text: megapixelsText,
    worth: (photo) => (photo.width_px ?? 0) * (photo.height_px ?? 0),
  },
  { name: 'Size', text: (photo) => sizeText(photo.size_bytes), worth: (photo) => photo.size_bytes },
  {
    name: 'Sharpness',
    text: (photo) => String(Math.round(photo.sharpness)),
    worth: (photo) => Math.round(photo.sharpness),
  },
  { name: 'Type', text: (photo) => typeText(photo.content_type) },
  {
    name: 'Taken',
    text: (photo) => (isDated(photo) ? dateText(photo.taken_at) : 'not said'),
    worth: (photo) => Number(isDated(photo)),
  },
  { name: 'Camera', text: (photo) => photo.camera ?? 'not said', worth: (photo) => (photo.camera ? 1 : 0) },
  {
    name: 'Place',
    text: (photo) => (photo.has_location ? 'known' : 'not known'),
    worth: (photo) => Number(photo.has_location),
  },
  {
    name: 'Albums',
    text: (photo) => (photo.albums === 0 ? 'in none' : `in ${photo.albums}`),
    worth: (photo) => photo.albums,
  },
]

/** The facts of each photo, in the order of the photos. */
export function factsOf(photos: readonly StackPhoto[]): Fact[][] {
  const kinds = KINDS.map((kind) => {
    const texts = photos.map(kind.text)
    const worths = photos.map((photo) => kind.worth?.(photo) ?? 0)
    const most = Math.max(...worths)
    const differs = new Set(texts).size > 1
    const isBetter = differs && worths.some((worth) => worth < most)
    return { name: kind.name, texts, differs, best: worths.map((worth) => isBetter && worth === most) }
  })
  return photos.map((_, index) =>
    kinds.map((kind) => ({
      name: kind.name,
      text: kind.texts[index] ?? '',
      differs: kind.differs,
      best: kind.best[index] ?? false,
    })),
  )
}
