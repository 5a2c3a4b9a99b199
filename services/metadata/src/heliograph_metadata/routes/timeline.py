"""Routes of the timeline."""

from typing import Annotated

from fastapi import APIRouter, Path

from heliograph.identity import CurrentPrincipal
from heliograph_metadata.routes.dependencies import Cursor, Limit, Timelines, Urls
from heliograph_metadata.schemas.grid import GridPage
from heliograph_metadata.schemas.timeline import TimelineResponse

router = APIRouter(prefix="/timeline", tags=["timeline"], generate_unique_id_function=lambda route: route.name)


@router.get("", summary="Months with photos")
async def get_timeline(principal: CurrentPrincipal, timeline: Timelines) -> TimelineResponse:
    """Every month in which photos were taken and how many, newest first, by the clock of the place."""
    return TimelineResponse.of(await timeline.months(principal.account_id))


@router.get("/{month}", summary="Photos of a month")
async def get_month(
    month: Annotated[str, Path(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", examples=["2024-06"])],
    principal: CurrentPrincipal,
    timeline: Timelines,
    urls: Urls,
    cursor: Cursor = None,
    limit: Limit = 60,
) -> GridPage:
    """The photos of a month, newest first. `400 invalid-cursor`."""
    page = await timeline.month(principal.account_id, month, cursor=cursor, limit=limit)
    return GridPage.of(page, owner_id=principal.account_id, urls=urls)
