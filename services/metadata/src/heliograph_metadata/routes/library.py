"""Routes of search, facets, suggestions and the map."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from heliograph.identity import CurrentPrincipal
from heliograph_metadata.domain.search import SearchQuery
from heliograph_metadata.routes.dependencies import Cursor, Libraries, Limit, Urls, bounds_of, circle_of, span_of
from heliograph_metadata.schemas.grid import GridPage
from heliograph_metadata.schemas.library import (
    ClusterResponse,
    Facet,
    FacetKind,
    FacetsResponse,
    MapResponse,
    Suggestion,
    SuggestionsResponse,
)

router = APIRouter(generate_unique_id_function=lambda route: route.name)

Filter = Annotated[str, Query(max_length=200)]


@router.get("/search", tags=["search"], summary="Find photos")
async def search_photos(
    principal: CurrentPrincipal,
    library: Libraries,
    urls: Urls,
    q: Annotated[
        str,
        Query(
            max_length=500,
            description="Words that must all be met: each begins a label, place, camera, album, month, keyword, "
            "word of the caption or of the file's name; or is a year, or a month as 2024-06.",
        ),
    ] = "",
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
    cursor: Cursor = None,
    limit: Limit = 60,
) -> GridPage:
    """Photos for which all filters hold, newest first; all photos without a filter.

    A page costs a bounded amount of work; where that was not enough to fill it, it is short and has a cursor.
    `400 invalid-query`, `400 invalid-cursor`.
    """
    since, until = span_of(since, until)
    query = SearchQuery(
        text=q,
        labels=tuple(dict.fromkeys(filter(str.strip, label))),
        min_confidence=min_confidence,
        since=since,
        until=until,
        place=place.strip(),
        camera=camera.strip(),
        near=circle_of(near) if near else None,
        bbox=bounds_of(bbox) if bbox else None,
        album_id=album,
        status=status or "",
        favourite=favourite,
    )
    page = await library.search(principal.account_id, query, cursor=cursor, limit=limit)
    return GridPage.of(page, owner_id=principal.account_id, urls=urls)


@router.get("/facets", tags=["search"], summary="What a library can be filtered by")
async def get_facets(kind: FacetKind, principal: CurrentPrincipal, library: Libraries) -> FacetsResponse:
    """Every label, place, camera or month of the library with its number of photos, the most borne first."""
    counts = await library.facets(principal.account_id, "time" if kind == "month" else kind)
    items = [Facet(value=count.value, name=count.name, count=count.photos) for count in counts]
    return FacetsResponse(kind=kind, items=items)


@router.get("/suggest", tags=["search"], summary="Complete what is being typed")
async def get_suggestions(
    principal: CurrentPrincipal, library: Libraries, q: Annotated[str, Query(max_length=100)]
) -> SuggestionsResponse:
    """Labels, places, cameras, albums and months of the library's own that begin so, the most borne first."""
    names = await library.suggestions(principal.account_id, q)
    return SuggestionsResponse(items=[Suggestion.of(name) for name in names])


@router.get("/map", tags=["map"], summary="Clusters of photos on the map")
async def get_map(
    principal: CurrentPrincipal,
    library: Libraries,
    urls: Urls,
    bbox: Annotated[str, Query(max_length=100, description="west,south,east,north", examples=["-10,36,-6,42"])],
    zoom: Annotated[int, Query(ge=0, le=22)],
) -> MapResponse:
    """At most 500 clusters of the photos in a part of the map, whatever the library holds. `400 invalid-query`."""
    clusters = await library.clusters(principal.account_id, bounds_of(bbox), zoom)
    return MapResponse(
        clusters=[ClusterResponse.of(cluster, owner_id=principal.account_id, urls=urls) for cluster in clusters]
    )
