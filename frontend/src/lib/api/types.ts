// The API's bodies by the names the app uses; their shapes come from the API's own OpenAPI document (npm run api).
import type { components } from './schema'

type Schemas = components['schemas']

export type Account = Schemas['AccountResponse']
export type AdminAccount = Schemas['AdminAccount']
export type RegistrationInvitation = Schemas['RegistrationInvitation']
export type AccountExport = Schemas['ExportResponse']
export type AccountSession = Schemas['SessionResponse']
export type ApiKey = Schemas['ApiKeyResponse']
export type KeyScope = Schemas['ApiKeyCreate']['scopes'][number]
export type SecondStep = Schemas['SecondStepNeeded']
export type SecondFactor = Schemas['SecondFactorResponse']
export type SecondFactorBegun = Schemas['SecondFactorBegun']
export type CeremonyOptions = Schemas['CeremonyOptions']
export type ForeignIdentity = Schemas['IdentityResponse']
export type Passkey = Schemas['PasskeyResponse']
export type SignInWays = Schemas['SignInWays']
/** What is asked for once more before what a stolen session must not do. */
export type Proof = Schemas['Proof']
export type SecurityEvent = Schemas['SecurityEvent']
export type TokenPair = Schemas['TokenResponse']
export type Problem = Schemas['Problem']
export type PhotoStatus = Schemas['PhotoStatus']
export type Photo = Schemas['PhotoResponse']
export type PhotoChange = Schemas['PhotoUpdate']
export type Match = Schemas['MatchResponse']
/** A photo of a list; `matches` says why a search found it. */
export type GridPhoto = Schemas['GridPhoto'] & { matches?: Match[]; is_own?: boolean }
export type Label = Schemas['LabelResponse']
export type Box = Schemas['BoxResponse']
export type Lane = Schemas['Lane']
export type UploadAdmission = Schemas['FileResponse']
export type Timeline = Schemas['TimelineResponse']
export type MonthColumns = Schemas['MonthResponse']
export type Facets = Schemas['FacetsResponse']
export type FacetKind = Facets['kind']
export type Suggestion = Schemas['SuggestionResponse']
export type MapColumns = Schemas['MapResponse']
export type PlaceCard = Schemas['PlaceCard']
export type Places = Schemas['PlacesResponse']
export type Album = Schemas['AlbumResponse']
export type Job = Schemas['JobResponse']
export type BulkEdit = Partial<Schemas['BulkEditBody']>
export type JobSearch = Partial<Schemas['SearchBody']>
export type AlbumChange = Schemas['AlbumUpdate']
export type AlbumSort = Schemas['AlbumSort']
/** A photo as an album shows it, anyone's. */
export type AlbumPhoto = Schemas['AlbumPhotoResponse']
export type AlbumRole = Schemas['Role']
export type Shares = Schemas['SharesResponse']
export type ShareLink = Schemas['LinkResponse']
export type NewShareLink = Schemas['NewLinkResponse']
export type LinkChange = Partial<Schemas['LinkUpdate']>
export type Member = Schemas['MemberResponse']
export type SharedAlbum = Schemas['SharedAlbumResponse']
export type Visit = Schemas['VisitResponse']
export type Offer = Schemas['OfferResponse']
export type AlbumFolder = Schemas['FolderResponse']
export type Stack = Schemas['StackResponse']
export type StackPhoto = Schemas['StackPhoto']
export type StackStatus = Schemas['StackStatus']
export type Progress = Schemas['ProgressResponse']

export interface Point {
  latitude: number
  longitude: number
}
export type Question = Schemas['QuestionResponse']
/** One of several things that are asked about at once. */
export type QuestionItem = Schemas['QuestionItem']
export type QuestionPage = Schemas['QuestionsResponse']
export type Answer = Schemas['AnswerCreate']['answer']
export type Answered = Schemas['AnswerResponse']
export type AnsweredPage = Schemas['AnswersResponse']

export type SearchPart = Schemas['PartResponse']
export type SearchReading = Schemas['ParseResponse']
export type SearchQuestion = Schemas['SearchQuestionResponse']
export type FacetsWithin = Schemas['FacetsWithinResponse']

export interface Page<Item> {
  items: Item[]
  next_cursor: string | null
}
