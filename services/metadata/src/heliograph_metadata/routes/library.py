"""Routes of the map."""

from typing import Annotated

from fastapi import APIRouter, Query

from heliograph.identity import CurrentPrincipal
from heliograph_metadata.domain.search.values import bounds_of
from heliograph_metadata.routes.dependencies import Libraries, Urls
from heliograph_metadata.schemas.library import ClusterResponse, MapResponse

router = APIRouter(generate_unique_id_function=lambda route: route.name)


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
