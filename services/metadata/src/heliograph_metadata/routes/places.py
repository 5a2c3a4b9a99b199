"""Routes of the tree of places."""

from typing import Annotated

from fastapi import APIRouter, Query

from heliograph.identity import CurrentPrincipal
from heliograph_metadata.routes.dependencies import Cursor, Limit, PlaceTree, Urls
from heliograph_metadata.schemas.places import PlacesResponse

router = APIRouter(prefix="/places", tags=["places"], generate_unique_id_function=lambda route: route.name)


@router.get("", summary="Places with photos")
async def get_places(
    principal: CurrentPrincipal,
    places: PlaceTree,
    urls: Urls,
    parent: Annotated[
        str, Query(max_length=300, description="Empty for the countries; a country; a region.", examples=["PT"])
    ] = "",
    cursor: Cursor = None,
    limit: Limit = 60,
) -> PlacesResponse:
    """The countries in which photos were taken, the regions of a country or the cities of a region.

    Each with its number of photos and one of them. `400 invalid-cursor`.
    """
    page = await places.below(principal.account_id, parent.strip("/"), after=cursor, limit=limit)
    return PlacesResponse.of(page, owner_id=principal.account_id, urls=urls)
