"""Routes of albums."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query

from heliograph.identity import CurrentPrincipal
from heliograph_metadata.domain.access import Right
from heliograph_metadata.routes.dependencies import Albums, Cursor, Limit, PhotoIdInPath, Urls
from heliograph_metadata.schemas.album_photos import AlbumPhotoResponse, AlbumPhotosPage
from heliograph_metadata.schemas.albums import (
    AlbumCreate,
    AlbumPhotosMove,
    AlbumPhotosUpdate,
    AlbumResponse,
    AlbumsResponse,
    AlbumUpdate,
)

router = APIRouter(prefix="/albums", tags=["albums"], generate_unique_id_function=lambda route: route.name)

AlbumId = Annotated[str, Path(max_length=64)]
IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=200, description="Sent again, nothing more is made: what is there is returned."),
]


@router.post("", status_code=201, summary="Make an album")
async def create_album(
    body: AlbumCreate,
    principal: CurrentPrincipal,
    albums: Albums,
    urls: Urls,
    idempotency_key: IdempotencyKey = None,
) -> AlbumResponse:
    """Make an empty album, or with a `query` a smart one, whose photos are always what the query finds.

    `404 folder-not-found`, `400 invalid-query`, `409 smart-album` (such an album shows the newest first),
    `422 album-limit`.
    """
    return AlbumResponse.of(await albums.create(principal.account_id, body.said(), key=idempotency_key), urls=urls)


@router.get("", summary="All albums")
async def list_albums(
    principal: CurrentPrincipal,
    albums: Albums,
    urls: Urls,
    parent_id: Annotated[
        str | None, Query(max_length=64, description="Only those directly in this folder; `top`: in none.")
    ] = None,
) -> AlbumsResponse:
    """All albums by name, each with its number of photos and its cover."""
    listed = await albums.all(principal.account_id, parent_id=parent_id)
    return AlbumsResponse(items=[AlbumResponse.of(album, urls=urls) for album in listed])


@router.get("/{album_id}", summary="One album")
async def get_album(album_id: AlbumId, principal: CurrentPrincipal, albums: Albums, urls: Urls) -> AlbumResponse:
    """One album. `404 album-not-found`."""
    return AlbumResponse.of(await albums.get(principal.account_id, album_id), urls=urls)


@router.patch("/{album_id}", summary="Change an album")
async def change_album(
    album_id: AlbumId, body: AlbumUpdate, principal: CurrentPrincipal, albums: Albums, urls: Urls
) -> AlbumResponse:
    """Rename an album, describe it, sort it, choose its cover or its folder; the last of two changes holds.

    Editors of a shared album may do all of it but choose its folder; `403 not-allowed`.

    Put into manual order for the first time, an album keeps the order that it is in; later it gets back the order
    that was made of it. A smart album's `query` can be another, but no album can become smart.

    `404 album-not-found`, `404 folder-not-found`, `404 photo-not-found` (the cover is none of the album's),
    `409 smart-album`, `409 not-a-smart-album`, `400 invalid-query`.
    """
    return AlbumResponse.of(await albums.change(principal.account_id, album_id, body.said()), urls=urls)


@router.delete("/{album_id}", status_code=204, summary="Delete an album")
async def delete_album(album_id: AlbumId, principal: CurrentPrincipal, albums: Albums) -> None:
    """Delete an album. Its photos stay in the library. `404 album-not-found`."""
    await albums.delete(principal.account_id, album_id)


@router.get("/{album_id}/photos", summary="Photos of an album")
async def list_album_photos(
    album_id: AlbumId,
    principal: CurrentPrincipal,
    albums: Albums,
    urls: Urls,
    cursor: Cursor = None,
    limit: Limit = 60,
) -> AlbumPhotosPage:
    """The photos of an album, one's own or a shared one, in its order, or what a smart one finds, newest first.

    Where many photos were moved away from where the page is, it may be short and has a cursor.
    `404 album-not-found`, `400 invalid-cursor`.
    """
    page = await albums.photos(principal.account_id, album_id, cursor=cursor, limit=limit)
    return AlbumPhotosPage.of(page, urls=urls)


@router.get("/{album_id}/photos/{photo_id}", summary="One photo of an album")
async def get_album_photo(
    album_id: AlbumId, photo_id: PhotoIdInPath, principal: CurrentPrincipal, albums: Albums, urls: Urls
) -> AlbumPhotoResponse:
    """What an album shows of one of its photos, anyone's. `404 album-not-found`, `404 photo-not-found`."""
    access = await albums.access.of(principal.account_id, album_id, Right.SEE)
    return AlbumPhotoResponse.of(await albums.photo(access, photo_id), access, urls=urls)


@router.patch("/{album_id}/photos", summary="Put photos into an album, take others out")
async def change_album_photos(
    album_id: AlbumId, body: AlbumPhotosUpdate, principal: CurrentPrincipal, albums: Albums, urls: Urls
) -> AlbumResponse:
    """Change up to 500 photos at once; doing it again changes nothing. A photo can be in 12 albums.

    Of an album that is shared with the caller: contributors put photos of their own in and take those out, editors
    take out anyone's; `403 not-allowed`.

    Where one of the photos is not there, nothing changes: `404 photo-not-found`. `422 too-many-albums`,
    `409 smart-album`.
    """
    listed = await albums.change_photos(principal.account_id, album_id, add=body.add, remove=body.remove)
    return AlbumResponse.of(listed, urls=urls)


@router.post("/{album_id}/photos/move", status_code=204, summary="Move photos within an album")
async def move_album_photos(
    album_id: AlbumId, body: AlbumPhotosMove, principal: CurrentPrincipal, albums: Albums
) -> None:
    """Put up to 500 photos right before or after another photo of an album that is in manual order.

    Doing it again changes nothing. `404 album-not-found`, `404 photo-not-found` (one is not in the album, nothing
    has changed), `409 not-in-manual-order`, `409 smart-album`, `409 no-position-left`, `422 senseless-move`.
    """
    await albums.move_photos(
        principal.account_id, album_id, body.photo_ids, anchor=body.anchor, before=body.before is not None
    )
