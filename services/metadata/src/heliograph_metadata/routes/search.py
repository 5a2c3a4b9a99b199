"""Routes of search: hits, what a text says, suggestions and facets."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from heliograph.identity import CurrentPrincipal
from heliograph_metadata.domain.search.needs import Filters
from heliograph_metadata.domain.search.parsing import parse
from heliograph_metadata.domain.search.values import between, bounds_of, circle_of
from heliograph_metadata.routes.dependencies import Cursor, Limit, QuestionsOfSearches, Searches, Urls
from heliograph_metadata.schemas.search import (
    FacetKind,
    FacetsResponse,
    FacetsWithinResponse,
    ParseResponse,
    SearchPage,
    SuggestionsResponse,
)
from heliograph_metadata.schemas.search_question import SearchQuestionResponse
from heliograph_metadata.service.search import sort_of

router = APIRouter(generate_unique_id_function=lambda route: route.name, tags=["search"])

Filter = Annotated[str, Query(max_length=200)]
Text = Annotated[
    str,
    Query(
        description="What is written into the search box, 2,000 characters at most: words and filters that must all "
        'hold, `dog beach 2023`, `label:dog>0.8 -cat place:lisboa from:2024-06 album:"Summer" is:favourite '
        "near:38.7,-9.1,5km has:location type:heic`, with OR, NOT, parentheses and quotes.",
        examples=["dog beach 2023"],
    ),
]


def _filters(
    label: Annotated[list[str], Query(max_length=20, description="May repeat: all must be on the photo.")] = [],  # noqa: B006 - FastAPI copies it
    min_confidence: Annotated[float, Query(ge=0, le=1, description="Of each label.")] = 0.0,
    since: Annotated[str, Query(alias="from", max_length=30, examples=["2024-06"])] = "",
    until: Annotated[str, Query(alias="to", max_length=30, examples=["2024-08-15"], description="Inclusive.")] = "",
    place: Filter = "",
    camera: Filter = "",
    near: Annotated[str, Query(max_length=100, examples=["38.7,-9.1,5"], description="latitude,longitude,km")] = "",
    bbox: Annotated[str, Query(max_length=100, description="west,south,east,north")] = "",
    album: Annotated[str, Query(max_length=64, description="An album's id.")] = "",
    status: Literal["ready", "prepared", "failed", "trashed"] | None = None,
    favourite: Annotated[bool | None, Query(description="Only favourites, or only others.")] = None,
) -> Filters:
    return Filters(
        labels=tuple(dict.fromkeys(filter(str.strip, label))),
        min_confidence=min_confidence,
        time=between(since, until),
        place=place.strip(),
        camera=camera.strip(),
        near=circle_of(near) if near else None,
        bbox=bounds_of(bbox) if bbox else None,
        album_id=album,
        status=status or "",
        favourite=favourite,
    )


FiltersInQuery = Annotated[Filters, Depends(_filters)]


@router.get("/search", summary="Find photos")
async def search_photos(
    principal: CurrentPrincipal,
    search: Searches,
    urls: Urls,
    filters: FiltersInQuery,
    q: Text = "",
    sort: Annotated[
        Literal["relevance", "date"] | None,
        Query(description="Relevance where the search asks for something by name, else the date, if nothing is said."),
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 60,
) -> SearchPage:
    """Photos for which the text and all filters hold; all photos without any.

    The most relevant first: what a person has confirmed, the very name, names with the word, synonyms, each by bands of
    confidence, and within them the newest first. A page costs a bounded amount of work; where that was not enough to
    fill it, it is short and has a cursor. `400 invalid-query` with the `position` in the text, `400 invalid-cursor`.
    """
    page = await search.find(principal.account_id, q, filters=filters, sort=sort, cursor=cursor, limit=limit)
    return SearchPage.of(page, sort=sort or sort_of(parse(q), filters), owner_id=principal.account_id, urls=urls)


@router.get("/search/parse", summary="Read a search without making it")
async def parse_search(principal: CurrentPrincipal, search: Searches, q: Text = "") -> ParseResponse:
    """The parts of a text, where each stands and what it means in the library, and the error where there is one."""
    return ParseResponse.of(await search.read(principal.account_id, q))


@router.get("/search/facets", summary="What the photos of a search have in common")
async def get_search_facets(
    principal: CurrentPrincipal, search: Searches, filters: FiltersInQuery, q: Text = ""
) -> FacetsWithinResponse:
    """Labels, places, cameras, lenses, types, years and months of the newest 500 photos of a search.

    `400 invalid-query`.
    """
    return FacetsWithinResponse.of(await search.facets_within(principal.account_id, q, filters=filters))


@router.get("/search/question", summary="The one question that helps a search on")
async def get_search_question(
    principal: CurrentPrincipal, questions: QuestionsOfSearches, urls: Urls, filters: FiltersInQuery, q: Text = ""
) -> SearchQuestionResponse | None:
    """What to leave out, what halves it, or on which photos a label is right; null where the search is good as it is.

    A search that finds nothing comes with parts to loosen or leave out; one that finds much with the yes or no that
    halves it best; one of which many photos are doubtful with a grid to untick, which is answered as any question is,
    by `POST /questions/{question_id}/answer`, and kept. It is made from what the search finds, of a long one from a
    sample, and costs at most as much as two of its pages and 200 photos. Each choice is a search of its own.

    `400 invalid-query`.
    """
    found = await questions.question(principal.account_id, q, filters)
    return SearchQuestionResponse.of(found, owner_id=principal.account_id, urls=urls) if found else None


@router.get("/facets", summary="What a library can be filtered by")
async def get_facets(
    kind: FacetKind,
    principal: CurrentPrincipal,
    search: Searches,
    prefix: Annotated[str, Query(max_length=100, description="Only names that begin so.")] = "",
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
) -> FacetsResponse:
    """The values of a kind with their numbers of photos in the whole library. `400 invalid-cursor`."""
    page = await search.facets(principal.account_id, kind, prefix=prefix, cursor=cursor, limit=limit)
    return FacetsResponse.of(kind, page)


@router.get("/suggest", summary="Complete what is being typed")
async def get_suggestions(
    principal: CurrentPrincipal,
    search: Searches,
    q: Annotated[str, Query(max_length=2000)],
    position: Annotated[int | None, Query(ge=0, le=2000, description="Of the caret; at the end if not given.")] = None,
) -> SuggestionsResponse:
    """Names of the library's own, and filters, that the part of the text before the caret can go on with."""
    at = len(q) if position is None else min(position, len(q))
    typed, found = await search.suggest(principal.account_id, q, at)
    return SuggestionsResponse.of(typed, found, at=at)
