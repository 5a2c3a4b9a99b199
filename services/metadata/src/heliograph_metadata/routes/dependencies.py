"""What the routes are handed: the use cases of the started app, and what a query's text means."""

import math
import re
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import Depends, Path, Query, Request

from heliograph.photos import PhotoId
from heliograph.presign import S3BaseUrl
from heliograph_metadata.domain.errors import InvalidQueryError
from heliograph_metadata.domain.tiles import Bounds, Circle
from heliograph_metadata.media_urls import MediaUrls, presigner
from heliograph_metadata.service.albums import AlbumService
from heliograph_metadata.service.jobs import JobService
from heliograph_metadata.service.library import Library
from heliograph_metadata.service.library_index import LibraryIndex
from heliograph_metadata.service.photos import PhotoService
from heliograph_metadata.service.stacks import StackService
from heliograph_metadata.service.timeline import Timeline

_HALF_ROUND_THE_EARTH_KM: Final = 20_040
_MOST_HOST_CHARACTERS: Final = 260
"""A name and a port; addresses are remembered by it. Source: RFC 1035, 2.3.4."""

_TIME: Final = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2})?)?)?)?", re.ASCII)


def _photos(request: Request) -> PhotoService:
    service: PhotoService = request.app.state.photo_service
    return service


def _albums(request: Request) -> AlbumService:
    service: AlbumService = request.app.state.album_service
    return service


def _timeline(request: Request) -> Timeline:
    timeline: Timeline = request.app.state.timeline
    return timeline


def _library(request: Request) -> Library:
    library: Library = request.app.state.library
    return library


def _jobs(request: Request) -> JobService:
    service: JobService = request.app.state.job_service
    return service


def _stacks(request: Request) -> StackService:
    service: StackService = request.app.state.stack_service
    return service


def _index(request: Request) -> LibraryIndex:
    index: LibraryIndex = request.app.state.index
    return index


async def _urls(request: Request, base_url: S3BaseUrl) -> MediaUrls:
    state = request.app.state
    signer = presigner(await state.aws.credentials.get_frozen_credentials(), state.aws.region, state.bucket)
    if len(request.url.netloc) > _MOST_HOST_CHARACTERS:
        raise InvalidQueryError("The Host header is longer than any host's name.")
    return MediaUrls(signer, base_url, now=datetime.now(UTC))


Photos = Annotated[PhotoService, Depends(_photos)]
Albums = Annotated[AlbumService, Depends(_albums)]
Timelines = Annotated[Timeline, Depends(_timeline)]
Jobs = Annotated[JobService, Depends(_jobs)]
Libraries = Annotated[Library, Depends(_library)]
Stacks = Annotated[StackService, Depends(_stacks)]
Index = Annotated[LibraryIndex, Depends(_index)]
Urls = Annotated[MediaUrls, Depends(_urls)]

PhotoIdInPath = Annotated[PhotoId, Path(description="26 characters of base32.", examples=["a" * 26])]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before; good for this query alone.")]
Limit = Annotated[int, Query(ge=1, le=200, description="The most photos of a page.")]


def _numbers(text: str, count: int, form: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != count or not all(map(math.isfinite, numbers)):
        raise InvalidQueryError(f"Write {form}, numbers with commas between them.")
    return numbers


def bounds_of(text: str) -> Bounds:
    """Return the part of the map that `w,s,e,n` names; over the date line where west > east or beyond ±180.

    Raises:
        InvalidQueryError: It names none.
    """
    west, south, east, north = _numbers(text, 4, "bbox=west,south,east,north in degrees")
    if not -90 <= south <= north <= 90:  # noqa: PLR2004 - the poles
        raise InvalidQueryError("In bbox, -90 ≤ south ≤ north ≤ 90 must hold.")
    if max(abs(west), abs(east)) > 3 * 180:
        raise InvalidQueryError("In bbox, west and east must lie within -540 to 540.")
    if east - west >= 360:  # noqa: PLR2004 - a full circle
        return Bounds(-180.0, south, 180.0, north)
    return Bounds(_wrapped(west), south, _wrapped(east), north)


def _wrapped(longitude: float) -> float:
    return longitude if -180 <= longitude <= 180 else (longitude + 180.0) % 360.0 - 180.0  # noqa: PLR2004


def circle_of(text: str) -> Circle:
    """Return the circle that `lat,lng,km` names.

    Raises:
        InvalidQueryError: It names none.
    """
    latitude, longitude, radius_km = _numbers(text, 3, "near=latitude,longitude,kilometres")
    if abs(latitude) > 90 or abs(longitude) > 180 or not 0 < radius_km <= _HALF_ROUND_THE_EARTH_KM:  # noqa: PLR2004
        raise InvalidQueryError("In near, the point must lie on the earth and 0 < kilometres ≤ 20040 must hold.")
    return Circle(latitude, longitude, radius_km)


def span_of(since: str, until: str) -> tuple[str, str]:
    """Return both ends of a span of time as they came.

    Raises:
        InvalidQueryError: One is no year, month, day or minute, or the end lies before the beginning.
    """
    for name, text in (("from", since), ("to", until)):
        if text and not _TIME.fullmatch(text):
            raise InvalidQueryError(f"Write {name} as 2024, 2024-06, 2024-06-15 or 2024-06-15T18:30.")
    if since and until and since > f"{until}~":
        raise InvalidQueryError("The end of the time looked for lies before its beginning.")
    return since, until
