"""Routes of the tree of places."""

from typing import Annotated

from fastapi import APIRouter, Query

from heliograph.identity import CurrentPrincipal
from heliograph_metadata.routes.dependencies import Cursor, Limit, PlaceTree, TownSearch, Urls
from heliograph_metadata.schemas.places import PlacesResponse, TownResponse, TownsResponse

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


@router.get("/towns", summary="Towns by name")
async def get_towns(
    _: CurrentPrincipal,
    towns: TownSearch,
    q: Annotated[
        str,
        Query(
            min_length=1,
            max_length=100,
            description="How a word of its name begins; after a comma, how its region or country does.",
            examples=["lisb", "paris, us"],
        ),
    ],
    limit: Annotated[int, Query(ge=1, le=20)] = 8,
) -> TownsResponse:
    """Towns of the world and where they are, the largest first; whether there are photos of them does not matter."""
    found = await towns.named(q, limit=limit)
    return TownsResponse(items=[TownResponse.of(one) for one in found])
