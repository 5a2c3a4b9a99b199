// The shapes of the API's bodies, by the names the app uses.
export type PhotoStatus = 'awaiting_upload' | 'prepared' | 'ready' | 'failed' | 'trashed'

export interface Account {
  account_id: string
  email: string
  name: string
  created_at: string
}

export interface TokenPair {
  access_token: string
  refresh_token: string
  token_type: string
  expires_in: number
}

export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  code: string
  correlation_id?: string
  errors?: { location: string; detail: string }[] | null
}

export interface Page<Item> {
  items: Item[]
  next_cursor: string | null
}

export interface GridPhoto {
  photo_id: string
  status: PhotoStatus
  taken_at: string
  ratio: number
  thumbhash: string | null
  thumbnail_url: string | null
  favourite: boolean
  filename: string
  latitude: number | null
  longitude: number | null
}

export interface Box {
  x1: number
  y1: number
  x2: number
  y2: number
  confidence: number
}

export interface Label {
  name: string
  confidence: number
  source: string
  boxes: Box[]
}

export interface Place {
  country_code: string
  country: string
  region: string | null
  city: string | null
}

export interface Photo {
  photo_id: string
  status: PhotoStatus
  failure: { code: string; detail: string } | null
  filename: string
  content_type: string
  size_bytes: number
  sha256: string
  width_px: number | null
  height_px: number | null
  taken_at: { value: string; source: string; confidence: number } | null
  location: {
    latitude: number
    longitude: number
    place: Place | null
    source: string
    confidence: number
  } | null
  camera: { make: string | null; model: string | null; lens: string | null } | null
  exposure: {
    aperture: number | null
    shutter_seconds: number | null
    iso: number | null
    focal_length_mm: number | null
  } | null
  labels: Label[]
  caption: string | null
  keywords: string[]
  favourite: boolean
  albums: { album_id: string; name: string }[]
  thumbhash: string | null
  thumbnail_url: string | null
  preview_url: string | null
  original_url: string
  trashed_at: string | null
  created_at: string
  updated_at: string
  version: number
}

export interface PhotoChange {
  caption?: string | null
  taken_at?: string
  location?: { latitude: number; longitude: number } | null
  favourite?: boolean
  keywords?: string[]
}

export interface UploadRequestFile {
  filename: string
  content_type: string
  size_bytes: number
  sha256: string
  file_modified_at?: string
}

export interface UploadAdmission {
  filename: string
  sha256: string
  photo_id?: string | null
  status: 'accepted' | 'duplicate' | 'rejected'
  problem?: { code: string; detail: string } | null
  upload?: { method: 'PUT'; url: string; headers: Record<string, string> } | null
}

export interface Timeline {
  total: number
  months: { month: string; count: number }[]
}

export type FacetKind = 'label' | 'place' | 'camera' | 'month'

export interface Facets {
  kind: FacetKind
  items: { value: string; name: string; count: number }[]
}

export interface Suggestion {
  kind: 'label' | 'place' | 'camera' | 'album' | 'month'
  value: string
  name: string
  count: number
}

export interface MapCluster {
  latitude: number
  longitude: number
  count: number
  photo_id: string
  thumbnail_url: string | null
  bbox: [number, number, number, number]
}

export interface Album {
  album_id: string
  name: string
  count: number
  cover_thumbnail_url: string | null
  created_at: string
  updated_at: string
}

export interface Progress {
  awaiting_upload: number
  prepared: number
  ready: number
  failed: number
  total: number
}

export interface SearchQuery {
  q?: string
  label?: string[]
  min_confidence?: number
  from?: string
  to?: string
  place?: string
  camera?: string
  near?: string
  bbox?: string
  album?: string
  status?: 'ready' | 'prepared' | 'failed' | 'trashed'
  favourite?: boolean
  cursor?: string
  limit?: number
}
