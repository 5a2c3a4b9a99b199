"""Routes of what a share link shows; they need no account and know none.

A link's secret and password come in a POST's body, once, and are exchanged for a token that is good for an hour and
for these routes alone. Nothing here is to be kept by any cache.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from heliograph.visits import client_address
from heliograph_metadata.domain.access import Access
from heliograph_metadata.domain.sharing import ShareNotFoundError
from heliograph_metadata.routes.dependencies import Albums, Cursor, Limit, Links, PhotoIdInPath, Urls
from heliograph_metadata.schemas.album_photos import AlbumPhotoResponse, AlbumPhotosPage
from heliograph_metadata.schemas.shares import SharedAlbumResponse, VisitCreate, VisitResponse


def _kept_by_nobody(response: Response) -> None:
    response.headers["Cache-Control"] = "private, no-store"


router = APIRouter(
    prefix="/shared",
    tags=["shared"],
    dependencies=[Depends(_kept_by_nobody)],
    generate_unique_id_function=lambda route: route.name,
)

_visit = HTTPBearer(scheme_name="share", description="The token of `POST /api/v1/shared/visits`.", auto_error=False)


async def _visited(albums: Albums, sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_visit)]) -> Access:
    if sent is None:
        raise ShareNotFoundError("This link is wrong, or is not shared any more.")
    return (await albums.access.by_visit(sent.credentials)).access


Visited = Annotated[Access, Depends(_visited)]


@router.post("/visits", status_code=201, summary="Open a share link")
async def open_link(
    body: VisitCreate, address: Annotated[str, Depends(client_address)], links: Links, albums: Albums, urls: Urls
) -> VisitResponse:
    """Exchange a link's secret, with its password where it has one, for a token that is good for an hour.

    `404 share-not-found` (wrong, run out or taken back), `401 share-password-needed`, `401 wrong-share-password`,
    `429 too-many-tries`.
    """
    opened = await links.open(body.secret, body.password, address=address)
    listed = await albums.listed(opened.open.access)
    return VisitResponse(token=opened.token, ends_at=opened.ends_at, album=SharedAlbumResponse.of(listed, urls=urls))


@router.get("/album", summary="The album of a share link")
async def get_shared_album(access: Visited, albums: Albums, urls: Urls) -> SharedAlbumResponse:
    """What the album is called and about. `404 share-not-found`."""
    return SharedAlbumResponse.of(await albums.listed(access), urls=urls)


@router.get("/photos", summary="Photos of a share link")
async def list_shared_photos(
    access: Visited, albums: Albums, urls: Urls, cursor: Cursor = None, limit: Limit = 60
) -> AlbumPhotosPage:
    """The photos of the link's album, in its order. `404 share-not-found`, `400 invalid-cursor`."""
    return AlbumPhotosPage.of(await albums.page(access, cursor=cursor, limit=limit), urls=urls)


@router.get("/photos/{photo_id}", summary="One photo of a share link")
async def get_shared_photo(photo_id: PhotoIdInPath, access: Visited, albums: Albums, urls: Urls) -> AlbumPhotoResponse:
    """One photo of the link's album, with where to download it if that is allowed.

    `404 share-not-found`, `404 photo-not-found`.
    """
    return AlbumPhotoResponse.of(await albums.photo(access, photo_id), access, urls=urls)
