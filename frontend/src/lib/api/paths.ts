// The API's calls, in the form that openapi-fetch reads.
import type {
  Account,
  Album,
  FacetKind,
  Facets,
  GridPhoto,
  MapCluster,
  Page,
  Photo,
  PhotoChange,
  Progress,
  SearchQuery,
  Suggestion,
  Timeline,
  UploadAdmission,
  UploadRequestFile,
} from './types'

type Answer<Body> = { responses: { 200: { content: { 'application/json': Body } } } }
type Nothing = { responses: { 204: { content?: never } } }
type Body<Content> = { requestBody: { content: { 'application/json': Content } } }
type At<Path> = { parameters: { path: Path } }
type Asking<Query, Path = undefined> = {
  parameters: { query?: Query } & (Path extends undefined ? unknown : { path: Path })
}
type PageQuery = { cursor?: string; limit?: number }
type OfPhoto = { photo_id: string }
type OfAlbum = { album_id: string }

export interface paths {
  '/api/v1/me': { get: Answer<Account>; patch: Body<{ name: string }> & Answer<Account> }
  '/api/v1/uploads': {
    post: Body<{ files: UploadRequestFile[] }> & Answer<{ files: UploadAdmission[] }>
  }
  '/api/v1/photos/{photo_id}': {
    get: At<OfPhoto> & Answer<Photo>
    patch: At<OfPhoto> & Body<PhotoChange> & Answer<Photo>
    delete: At<OfPhoto> & Nothing
  }
  '/api/v1/photos/{photo_id}/restore': { post: At<OfPhoto> & Answer<Photo> }
  '/api/v1/photos/{photo_id}/retry': { post: At<OfPhoto> & Answer<Photo> }
  '/api/v1/timeline': { get: Answer<Timeline> }
  '/api/v1/timeline/{month}': { get: Asking<PageQuery, { month: string }> & Answer<Page<GridPhoto>> }
  '/api/v1/search': { get: Asking<SearchQuery> & Answer<Page<GridPhoto>> }
  '/api/v1/facets': { get: { parameters: { query: { kind: FacetKind } } } & Answer<Facets> }
  '/api/v1/suggest': { get: { parameters: { query: { q: string } } } & Answer<{ items: Suggestion[] }> }
  '/api/v1/map': {
    get: { parameters: { query: { bbox: string; zoom: number } } } & Answer<{ clusters: MapCluster[] }>
  }
  '/api/v1/albums': {
    get: Answer<{ items: Album[] }>
    post: Body<{ name: string }> & Answer<Album>
  }
  '/api/v1/albums/{album_id}': {
    get: At<OfAlbum> & Answer<Album>
    patch: At<OfAlbum> & Body<{ name: string }> & Answer<Album>
    delete: At<OfAlbum> & Nothing
  }
  '/api/v1/albums/{album_id}/photos': {
    get: Asking<PageQuery, OfAlbum> & Answer<Page<GridPhoto>>
    patch: At<OfAlbum> & Body<{ add?: string[]; remove?: string[] }> & Answer<Album>
  }
  '/api/v1/progress': { get: Answer<Progress> }
}
