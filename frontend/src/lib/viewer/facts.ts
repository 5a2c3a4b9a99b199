// A photo's facts as people read them.
import type { Photo } from '../api/types'
import { formatNumber, locale } from '../ui/locale'

export function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  const digits = value >= 100 || unit === 0 ? 0 : 1
  return `${value.toLocaleString(locale, { maximumFractionDigits: digits })} ${units[unit] ?? ''}`
}

/** 0.004 → "1/250 s", 2.5 → "2.5 s". */
export function shutterText(seconds: number): string {
  if (seconds <= 0) return ''
  if (seconds >= 0.4) return `${formatNumber(Number(seconds.toFixed(1)))} s`
  return `1/${formatNumber(Math.round(1 / seconds))} s`
}

export function exposureText(exposure: Photo['exposure']): string {
  if (!exposure) return ''
  const { aperture, shutter_seconds, iso, focal_length_mm } = exposure
  return [
    aperture ? `ƒ/${formatNumber(Number(aperture.toFixed(1)))}` : '',
    shutter_seconds ? shutterText(shutter_seconds) : '',
    focal_length_mm ? `${formatNumber(Number(focal_length_mm.toFixed(1)))} mm` : '',
    iso ? `ISO ${iso}` : '',
  ]
    .filter(Boolean)
    .join(' · ')
}

/** Make and model without saying the make twice ("NIKON CORPORATION", "NIKON D750"). */
export function cameraText(camera: Photo['camera']): string {
  const make = camera?.make?.trim() ?? ''
  const model = camera?.model?.trim() ?? ''
  const firstWord = make.split(' ')[0]?.toLowerCase() ?? ''
  return firstWord && model.toLowerCase().startsWith(firstWord)
    ? model
    : [make, model].filter(Boolean).join(' ')
}

export function placeText(location: Photo['location']): string {
  const place = location?.place
  if (!place) return ''
  const parts = [place.city, place.region, place.country].filter((part): part is string => Boolean(part))
  return [...new Set(parts)].join(', ')
}

export function coordinatesText({ latitude, longitude }: { latitude: number; longitude: number }): string {
  const part = (value: number, positive: string, negative: string) =>
    `${Math.abs(value).toFixed(4)}° ${value < 0 ? negative : positive}`
  return `${part(latitude, 'N', 'S')}, ${part(longitude, 'E', 'W')}`
}

/**
 * The day and time on the camera's clock: the wall time written in the value, whatever its offset and wherever
 * the reader sits.
 */
export function takenText(value: string): { day: string; time: string } {
  const wall = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})/.exec(value)
  if (!wall) return { day: value, time: '' }
  const date = new Date(`${wall[1]}T${wall[2]}:00Z`)
  return {
    day: date.toLocaleDateString(locale, { dateStyle: 'full', timeZone: 'UTC' }),
    time: date.toLocaleTimeString(locale, { timeStyle: 'short', timeZone: 'UTC' }),
  }
}

const SOURCES: Record<string, string> = {
  default: 'the upload',
  file_time: 'the file’s date',
  file_name: 'the file’s name',
  estimate: 'an estimate',
  model: 'recognition',
  exif: 'the camera',
  xmp: 'the file’s XMP',
  person: 'you',
}

/** Where a value comes from, to be read after "from". */
export function sourceText(source: string): string {
  return SOURCES[source.toLowerCase().replaceAll(/[ -]/g, '_')] ?? source
}

export function megapixelsText(photo: Pick<Photo, 'width_px' | 'height_px'>): string {
  const { width_px: width, height_px: height } = photo
  if (!width || !height) return ''
  const megapixels = (width * height) / 1e6
  const rounded = megapixels >= 10 ? Math.round(megapixels) : Number(megapixels.toFixed(1))
  return `${width} × ${height} · ${formatNumber(rounded)} MP`
}
