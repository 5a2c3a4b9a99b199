"""Routes of the timeline."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Path, Query, Response

from heliograph.identity import CurrentPrincipal
from heliograph_metadata.domain.cursor import fingerprint
from heliograph_metadata.domain.timeline import MONTH_PATTERN, span_within
from heliograph_metadata.routes.dependencies import Cursor, Timelines, Urls
from heliograph_metadata.schemas.timeline import DaysResponse, MonthResponse, TimelineResponse

router = APIRouter(prefix="/timeline", tags=["timeline"], generate_unique_id_function=lambda route: route.name)

Month = Annotated[str, Path(pattern=MONTH_PATTERN, examples=["2024-06"])]
_CACHED: Final = "private, no-cache"
"""Browsers keep it and ask each time whether it is still so."""

_FORMAT: Final = 1
"""Of the columns; to be raised when they change, so that no browser takes its older ones for good."""

_NOT_MODIFIED: Final[dict[int | str, dict[str, Any]]] = {304: {"description": "It is as `If-None-Match` says."}}


@router.get("", summary="Months with photos")
async def get_timeline(principal: CurrentPrincipal, timeline: Timelines) -> TimelineResponse:
    """Every month in which photos were taken and how many, newest first, by the clock of the place."""
    return TimelineResponse.of(await timeline.months(principal.account_id))


@router.get("/{month}/days", summary="Days of a month with photos")
async def get_days(month: Month, principal: CurrentPrincipal, timeline: Timelines) -> DaysResponse:
    """Every day of a month on which photos were taken and how many, newest first, by the clock of the place."""
    return DaysResponse.of(month, await timeline.days(principal.account_id, month))


@router.get("/{month}", summary="Photos of a month", response_model=MonthResponse, responses=_NOT_MODIFIED)
async def get_month(
    month: Month,
    principal: CurrentPrincipal,
    timeline: Timelines,
    urls: Urls,
    response: Response,
    day: Annotated[str, Query(max_length=30, description="That day alone.", examples=["2024-06-15"])] = "",
    since: Annotated[str, Query(alias="from", max_length=30, description="A day, hour or minute of the month.")] = "",
    until: Annotated[
        str,
        Query(
            alias="to",
            max_length=30,
            description="Inclusive: the page begins with the newest photo of that day, hour or minute, or before.",
            examples=["2024-06-15T18"],
        ),
    ] = "",
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="The most photos of a page.")] = 500,
    if_none_match: Annotated[str, Header(max_length=2000)] = "",
) -> MonthResponse | Response:
    """The photos of a month or of a part of it, newest first, in columns. `400 invalid-query`, `400 invalid-cursor`.

    With its `ETag` the answer can be asked for again at the cost of two small reads; while photos are being looked
    at there is none.
    """
    span = span_within(month, since=day or since, until=day or until)
    thumbnails = urls.thumbnails(principal.account_id)
    state = await timeline.state(principal.account_id, month)
    headers = {"Cache-Control": _CACHED}
    if state.revision:
        shown_as = fingerprint(_FORMAT, principal.account_id, month, thumbnails.before, thumbnails.after)
        headers["ETag"] = f'W/"{state.revision}-{shown_as}"'
        if headers["ETag"] in [tag.strip() for tag in if_none_match.split(",")]:
            return Response(status_code=304, headers=headers)
    page = await timeline.page(principal.account_id, month, state=state, span=span, cursor=cursor, limit=limit)
    response.headers.update(headers)
    return MonthResponse.of(month, page, thumbnails=thumbnails)
