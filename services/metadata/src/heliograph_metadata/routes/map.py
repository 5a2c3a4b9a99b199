"""Routes of the map."""

import re
from typing import Annotated, Final

from fastapi import APIRouter, Query

from heliograph.identity import CurrentPrincipal
from heliograph_metadata.domain.errors import InvalidQueryError
from heliograph_metadata.domain.parts import Box, Part, Tile
from heliograph_metadata.domain.search.values import bounds_of
from heliograph_metadata.domain.span import Months, months
from heliograph_metadata.routes.dependencies import Cursor, Limit, Maps, MapsPhotos, Urls
from heliograph_metadata.schemas.grid import GridPage
from heliograph_metadata.schemas.map import MapResponse

router = APIRouter(prefix="/map", tags=["map"], generate_unique_id_function=lambda route: route.name)

_YEAR_OR_MONTH: Final = re.compile(r"\d{4}(-(0[1-9]|1[0-2]))?", re.ASCII)
_TILE: Final = re.compile(r"[0-3]{1,20}", re.ASCII)

Since = Annotated[str, Query(alias="from", max_length=30, examples=["2024-06"], description="A year or a month.")]
Until = Annotated[str, Query(alias="to", max_length=30, examples=["2024"], description="The same, inclusive.")]


@router.get("", summary="Clusters of photos on the map")
async def get_map(
    principal: CurrentPrincipal,
    photo_map: Maps,
    urls: Urls,
    bbox: Annotated[str, Query(max_length=100, description="west,south,east,north", examples=["-10,36,-6,42"])],
    zoom: Annotated[int, Query(ge=0, le=22)],
    since: Since = "",
    until: Until = "",
) -> MapResponse:
    """At most 500 clusters of the photos in a part of the map, whatever the library holds.

    Of all photos, or of those taken from one month to another. `400 invalid-query`.
    """
    found = await photo_map.clusters(principal.account_id, bounds_of(bbox), zoom, _span(since, until))
    return MapResponse.of(found, thumbnails=urls.thumbnails(principal.account_id))


@router.get("/photos", summary="Photos of a part of the map")
async def get_map_photos(
    principal: CurrentPrincipal,
    photos: MapsPhotos,
    urls: Urls,
    tile: Annotated[str, Query(max_length=100, description="A cluster's tile.", examples=["033110"])] = "",
    bbox: Annotated[str, Query(max_length=100, description="Or west,south,east,north.")] = "",
    since: Since = "",
    until: Until = "",
    cursor: Cursor = None,
    limit: Limit = 60,
) -> GridPage:
    """The photos of a tile or a box, newest first; of all times or taken from one month to another.

    A page costs a bounded amount of work; where that was not enough to fill it, it is short and has a cursor.
    `400 invalid-query`, `400 invalid-cursor`.
    """
    part, span = _part(tile, bbox), _span(since, until)
    page = await photos.page(principal.account_id, part, span, after=cursor, limit=limit)
    return GridPage.of(page, owner_id=principal.account_id, urls=urls)


def _part(tile: str, bbox: str) -> Part:
    if bool(tile) == bool(bbox):
        raise InvalidQueryError("Write either tile or bbox.")
    if bbox:
        return Box(bounds_of(bbox))
    if not _TILE.fullmatch(tile):
        raise InvalidQueryError("A tile is written as 1 to 20 digits from 0 to 3.")
    return Tile(tile)


def _span(since: str, until: str) -> Months | None:
    for name, text in (("from", since), ("to", until)):
        if text and not _YEAR_OR_MONTH.fullmatch(text):
            raise InvalidQueryError(f"Write {name} as 2024 or 2024-06.")
    span = months(since, until)
    if span and span.first > span.last:
        raise InvalidQueryError("The end of the time looked for lies before its beginning.")
    return span
