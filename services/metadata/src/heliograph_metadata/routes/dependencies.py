"""What the routes are handed: the use cases of the started app."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Final

from fastapi import Depends, Path, Query, Request

from heliograph.identity import CurrentPrincipal, InsufficientScopeError, Principal, Scope
from heliograph.photos import PhotoId
from heliograph.presign import S3BaseUrl
from heliograph_metadata.domain.errors import InvalidQueryError
from heliograph_metadata.media_urls import MediaUrls, presigner
from heliograph_metadata.service.album_members import AlbumMembers
from heliograph_metadata.service.albums import AlbumService
from heliograph_metadata.service.answers import AnswerService
from heliograph_metadata.service.jobs import JobService
from heliograph_metadata.service.library_index import LibraryIndex
from heliograph_metadata.service.map import PhotoMap
from heliograph_metadata.service.map_photos import MapPhotos
from heliograph_metadata.service.memories import Memories
from heliograph_metadata.service.photos import PhotoService
from heliograph_metadata.service.places import Places
from heliograph_metadata.service.progress import PipelineProgress
from heliograph_metadata.service.questions import QuestionService
from heliograph_metadata.service.search import Search
from heliograph_metadata.service.search_questions import SearchQuestions
from heliograph_metadata.service.share_links import ShareLinks
from heliograph_metadata.service.stacks import StackService
from heliograph_metadata.service.timeline import Timeline
from heliograph_metadata.service.towns import Towns

_MOST_HOST_CHARACTERS: Final = 260
"""A name and a port; addresses are remembered by it. Source: RFC 1035, 2.3.4."""


def _photos(request: Request) -> PhotoService:
    service: PhotoService = request.app.state.photo_service
    return service


def _albums(request: Request) -> AlbumService:
    service: AlbumService = request.app.state.album_service
    return service


def _links(request: Request) -> ShareLinks:
    links: ShareLinks = request.app.state.share_links
    return links


def _members(request: Request) -> AlbumMembers:
    members: AlbumMembers = request.app.state.album_members
    return members


def _timeline(request: Request) -> Timeline:
    timeline: Timeline = request.app.state.timeline
    return timeline


def _jobs(request: Request) -> JobService:
    service: JobService = request.app.state.job_service
    return service


def _questions(request: Request) -> QuestionService:
    service: QuestionService = request.app.state.question_service
    return service


def _answers(request: Request) -> AnswerService:
    service: AnswerService = request.app.state.answer_service
    return service


def _memories(request: Request) -> Memories:
    memories: Memories = request.app.state.memories
    return memories


def _stacks(request: Request) -> StackService:
    service: StackService = request.app.state.stack_service
    return service


def _search(request: Request) -> Search:
    search: Search = request.app.state.search
    return search


def _search_questions(request: Request) -> SearchQuestions:
    questions: SearchQuestions = request.app.state.search_questions
    return questions


def _map(request: Request) -> PhotoMap:
    photo_map: PhotoMap = request.app.state.map
    return photo_map


def _progress(request: Request) -> PipelineProgress:
    progress: PipelineProgress = request.app.state.progress
    return progress


def _map_photos(request: Request) -> MapPhotos:
    photos: MapPhotos = request.app.state.map_photos
    return photos


def _places(request: Request) -> Places:
    places: Places = request.app.state.places
    return places


def _towns(request: Request) -> Towns:
    towns: Towns = request.app.state.towns
    return towns


def _index(request: Request) -> LibraryIndex:
    index: LibraryIndex = request.app.state.index
    return index


async def _urls(request: Request, base_url: S3BaseUrl) -> MediaUrls:
    state = request.app.state
    signer = presigner(await state.aws.credentials.get_frozen_credentials(), state.aws.region, state.bucket)
    if len(request.url.netloc) > _MOST_HOST_CHARACTERS:
        raise InvalidQueryError("The Host header is longer than any host's name.")
    thumbnails = None
    if state.thumbnail_signer:
        own_url = state.api_base_url or f"{request.url.scheme}://{request.url.netloc}"
        thumbnails = partial(state.thumbnail_signer.family, own_url)
    return MediaUrls(signer, base_url, now=datetime.now(UTC), cdn=state.cdn, thumbnails=thumbnails)


def _sharer(principal: CurrentPrincipal) -> Principal:
    if Scope.SHARES_WRITE not in principal.scopes:
        raise InsufficientScopeError(f"This needs the scope {Scope.SHARES_WRITE} too.")
    return principal


Sharer = Annotated[Principal, Depends(_sharer)]
"""Who may let others see what is theirs: with an API key only where it says so, since a share outlives the key."""
Photos = Annotated[PhotoService, Depends(_photos)]
Albums = Annotated[AlbumService, Depends(_albums)]
Links = Annotated[ShareLinks, Depends(_links)]
Members = Annotated[AlbumMembers, Depends(_members)]
Timelines = Annotated[Timeline, Depends(_timeline)]
Jobs = Annotated[JobService, Depends(_jobs)]
Questions = Annotated[QuestionService, Depends(_questions)]
Answers = Annotated[AnswerService, Depends(_answers)]
PeoplesMemories = Annotated[Memories, Depends(_memories)]
Stacks = Annotated[StackService, Depends(_stacks)]
Searches = Annotated[Search, Depends(_search)]
QuestionsOfSearches = Annotated[SearchQuestions, Depends(_search_questions)]
Maps = Annotated[PhotoMap, Depends(_map)]
Progresses = Annotated[PipelineProgress, Depends(_progress)]
MapsPhotos = Annotated[MapPhotos, Depends(_map_photos)]
PlaceTree = Annotated[Places, Depends(_places)]
TownSearch = Annotated[Towns, Depends(_towns)]
Index = Annotated[LibraryIndex, Depends(_index)]
Urls = Annotated[MediaUrls, Depends(_urls)]

PhotoIdInPath = Annotated[PhotoId, Path(description="26 characters of base32.", examples=["a" * 26])]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before; good for this query alone.")]
Limit = Annotated[int, Query(ge=1, le=200, description="The most photos of a page.")]
