"""Routes of albums."""

from typing import Annotated

from fastapi import APIRouter, Path

from heliograph.identity import CurrentPrincipal
from heliograph_metadata.routes.dependencies import Albums, Cursor, Libraries, Limit, Urls
from heliograph_metadata.schemas.albums import (
    AlbumCreate,
    AlbumPhotosUpdate,
    AlbumResponse,
    AlbumsResponse,
    AlbumUpdate,
)
from heliograph_metadata.schemas.grid import GridPage

router = APIRouter(prefix="/albums", tags=["albums"], generate_unique_id_function=lambda route: route.name)

AlbumId = Annotated[str, Path(max_length=64)]


@router.post("", status_code=201, summary="Make an album")
async def create_album(body: AlbumCreate, principal: CurrentPrincipal, albums: Albums, urls: Urls) -> AlbumResponse:
    """Make an empty album."""
    return AlbumResponse.of(await albums.create(principal.account_id, body.name), urls=urls)


@router.get("", summary="All albums")
async def list_albums(principal: CurrentPrincipal, albums: Albums, urls: Urls) -> AlbumsResponse:
    """All albums by name, each with its number of photos and its newest photo as the cover."""
    listed = await albums.all(principal.account_id)
    return AlbumsResponse(items=[AlbumResponse.of(album, urls=urls) for album in listed])


@router.get("/{album_id}", summary="One album")
async def get_album(album_id: AlbumId, principal: CurrentPrincipal, albums: Albums, urls: Urls) -> AlbumResponse:
    """One album. `404 album-not-found`."""
    return AlbumResponse.of(await albums.get(principal.account_id, album_id), urls=urls)


@router.patch("/{album_id}", summary="Rename an album")
async def rename_album(
    album_id: AlbumId, body: AlbumUpdate, principal: CurrentPrincipal, albums: Albums, urls: Urls
) -> AlbumResponse:
    """Give an album another name. `404 album-not-found`."""
    return AlbumResponse.of(await albums.rename(principal.account_id, album_id, body.name), urls=urls)


@router.delete("/{album_id}", status_code=204, summary="Delete an album")
async def delete_album(album_id: AlbumId, principal: CurrentPrincipal, albums: Albums) -> None:
    """Delete an album. Its photos stay in the library. `404 album-not-found`."""
    await albums.delete(principal.account_id, album_id)


@router.get("/{album_id}/photos", summary="Photos of an album")
async def list_album_photos(
    album_id: AlbumId,
    principal: CurrentPrincipal,
    albums: Albums,
    library: Libraries,
    urls: Urls,
    cursor: Cursor = None,
    limit: Limit = 60,
) -> GridPage:
    """The photos of an album, newest first. `404 album-not-found`, `400 invalid-cursor`."""
    await albums.get(principal.account_id, album_id)
    page = await library.album(principal.account_id, album_id, cursor=cursor, limit=limit)
    return GridPage.of(page, owner_id=principal.account_id, urls=urls)


@router.patch("/{album_id}/photos", summary="Put photos into an album, take others out")
async def change_album_photos(
    album_id: AlbumId, body: AlbumPhotosUpdate, principal: CurrentPrincipal, albums: Albums, urls: Urls
) -> AlbumResponse:
    """Change up to 500 photos at once; doing it again changes nothing. A photo can be in 12 albums.

    Where one of the photos is not there, nothing changes: `404 photo-not-found`. `422 too-many-albums`.
    """
    listed = await albums.change_photos(principal.account_id, album_id, add=body.add, remove=body.remove)
    return AlbumResponse.of(listed, urls=urls)
