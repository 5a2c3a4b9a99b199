"""The route of thumbnails that have no object of their own: an `<img>` reads it, so the address itself is the proof."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from heliograph.photos import OwnerId
from heliograph_metadata.routes.dependencies import PhotoIdInPath
from heliograph_metadata.service.thumbnails import ThumbnailService

router = APIRouter(prefix="/thumbnails", tags=["photos"], generate_unique_id_function=lambda route: route.name)

_WEBP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/webp": {"schema": {"type": "string", "format": "binary"}}}, "description": "The picture."}
}


def _thumbnails(request: Request) -> ThumbnailService:
    service: ThumbnailService = request.app.state.thumbnail_service
    return service


@router.get(
    "/{owner_id}/{photo_id}",
    summary="A thumbnail by its address",
    response_class=Response,
    responses=_WEBP,
)
async def get_thumbnail_by_address(
    owner_id: Annotated[OwnerId, Path(max_length=64)],
    photo_id: PhotoIdInPath,
    thumbnails: Annotated[ThumbnailService, Depends(_thumbnails)],
    expires: Annotated[
        str, Query(pattern="^[0-9]{1,12}$", description="Until when it is good, in seconds of Unix time.")
    ],
    signature: Annotated[str, Query(max_length=100)],
) -> Response:
    """Where a deployment keeps thumbnails within previews, `thumbnail_url` is such an address; needs no token.

    `403 wrong-address`, `403 address-expired`, `404 thumbnail-not-found`.
    """
    found = await thumbnails.get(owner_id, photo_id, expires_at=int(expires), signature=signature)
    kept = f"private, max-age={found.good_for_seconds}, immutable"
    return Response(found.content, media_type="image/webp", headers={"Cache-Control": kept})
