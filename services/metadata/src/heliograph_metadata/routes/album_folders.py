"""Routes of the folders that albums lie in."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request

from heliograph.identity import CurrentPrincipal
from heliograph_metadata.routes.albums import IdempotencyKey
from heliograph_metadata.schemas.albums import FolderCreate, FolderResponse, FoldersResponse, FolderUpdate
from heliograph_metadata.service.album_folders import AlbumFolderService

router = APIRouter(prefix="/album-folders", tags=["albums"], generate_unique_id_function=lambda route: route.name)


def _folders(request: Request) -> AlbumFolderService:
    service: AlbumFolderService = request.app.state.album_folder_service
    return service


Folders = Annotated[AlbumFolderService, Depends(_folders)]
FolderId = Annotated[str, Path(max_length=64)]


@router.post("", status_code=201, summary="Make a folder of albums")
async def create_album_folder(
    body: FolderCreate, principal: CurrentPrincipal, folders: Folders, idempotency_key: IdempotencyKey = None
) -> FolderResponse:
    """Make an empty folder. `404 folder-not-found`, `422 folder-too-deep` (8 at most), `422 album-limit`."""
    listed = await folders.create(principal.account_id, body.name, body.parent_id, key=idempotency_key)
    return FolderResponse.of(listed)


@router.get("", summary="All folders of albums")
async def list_album_folders(principal: CurrentPrincipal, folders: Folders) -> FoldersResponse:
    """All folders by name, wherever they lie."""
    return FoldersResponse(items=[FolderResponse.of(listed) for listed in await folders.all(principal.account_id)])


@router.get("/{folder_id}", summary="One folder of albums")
async def get_album_folder(folder_id: FolderId, principal: CurrentPrincipal, folders: Folders) -> FolderResponse:
    """One folder. `404 folder-not-found`."""
    return FolderResponse.of(await folders.get(principal.account_id, folder_id))


@router.patch("/{folder_id}", summary="Rename or move a folder of albums")
async def change_album_folder(
    folder_id: FolderId, body: FolderUpdate, principal: CurrentPrincipal, folders: Folders
) -> FolderResponse:
    """Give a folder another name, or put it with all that lies in it elsewhere; the last of two changes holds.

    `404 folder-not-found`, `409 folder-loop`, `422 folder-too-deep`.
    """
    return FolderResponse.of(await folders.change(principal.account_id, folder_id, body.said()))


@router.delete("/{folder_id}", status_code=204, summary="Delete a folder of albums")
async def delete_album_folder(
    folder_id: FolderId,
    principal: CurrentPrincipal,
    folders: Folders,
    albums: Annotated[
        Literal["move", "delete"],
        Query(description="What lies in it moves to where it lies, or is deleted too. Photos stay in either case."),
    ] = "move",
) -> None:
    """Delete a folder. `404 folder-not-found`."""
    await folders.delete(principal.account_id, folder_id, with_albums=albums == "delete")
