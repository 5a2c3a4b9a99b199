"""Folders of albums: made, named, moved, and taken apart; what lies in them are albums, never photos."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from heliograph.photos import OwnerId
from heliograph_metadata.domain.albums import (
    MOST_SHELVED,
    Album,
    AlbumFolder,
    FolderNotFoundError,
    TooManyShelvedError,
    check_place,
    within,
)
from heliograph_metadata.domain.errors import AlbumNotFoundError, EditConflictError
from heliograph_metadata.service.album_store import MOST_FOLDERS_AT_ONCE, AlbumStore, Shelf, change_album
from heliograph_metadata.service.albums import new_id
from heliograph_metadata.service.in_turns import in_turns

_AT_ONCE: Final = 16
_ATTEMPTS: Final = 10


@dataclass(frozen=True, slots=True)
class ListedFolder:
    """A folder, and how many albums and folders lie directly in it."""

    folder: AlbumFolder
    albums: int
    folders: int


class AlbumFolderService:
    """The use cases of folders; of two who change the same one, the last is right."""

    def __init__(self, albums: AlbumStore, *, now: Callable[[], datetime]) -> None:
        self._albums = albums
        self._now = now

    async def all(self, owner_id: OwnerId) -> list[ListedFolder]:
        """Return the owner's folders, by name."""
        shelf = await self._albums.shelf(owner_id)
        by_name = sorted(shelf.folders, key=lambda folder: folder.name.casefold())
        return [_listed(folder, shelf) for folder in by_name]

    async def get(self, owner_id: OwnerId, folder_id: str) -> ListedFolder:
        """Return a folder.

        Raises:
            FolderNotFoundError: The caller has no such folder.
        """
        shelf = await self._albums.shelf(owner_id)
        return _listed(_found(shelf, folder_id), shelf)

    async def create(
        self, owner_id: OwnerId, name: str, parent_id: str | None, *, key: str | None = None
    ) -> ListedFolder:
        """Make a folder; of two calls with the same key the second returns the folder of the first.

        Raises:
            FolderNotFoundError: There is no folder for it to lie in.
            FolderTooDeepError: It would lie too deep.
            TooManyShelvedError: The account has as many albums and folders as it can have.
        """
        at = self._now()
        folder = AlbumFolder(
            owner_id=owner_id,
            folder_id=new_id(owner_id, "folder", key),
            name=name,
            created_at=at,
            updated_at=at,
            parent_id=parent_id,
        )
        for _ in range(_ATTEMPTS):
            shelf = await self._albums.shelf(owner_id)
            if known := [one for one in shelf.folders if one.folder_id == folder.folder_id]:
                return _listed(known[0], shelf)
            check_place(shelf.folders, parent_id, new=True)
            if len(shelf.albums) + len(shelf.folders) >= MOST_SHELVED:
                raise TooManyShelvedError(f"There are {MOST_SHELVED} albums and folders already, which is the most.")
            if await self._albums.change_folders(owner_id, put=[folder], revision=shelf.revision):
                return ListedFolder(folder, 0, 0)
        raise _busy()

    async def change(self, owner_id: OwnerId, folder_id: str, said: Mapping[str, Any]) -> ListedFolder:
        """Give a folder another `name` or another `parent_id`.

        Raises:
            FolderNotFoundError: The caller has no such folder, or there is none for it to lie in.
            FolderLoopError: It would lie in itself.
            FolderTooDeepError: Folders would lie too deep in one another.
        """
        for _ in range(_ATTEMPTS):
            shelf = await self._albums.shelf(owner_id)
            stored = _found(shelf, folder_id)
            check_place(shelf.folders, said.get("parent_id"), moved=stored)
            folder = replace(stored, **said)
            if folder == stored:
                return _listed(stored, shelf)
            folder = replace(folder, updated_at=max(self._now(), stored.updated_at))
            if await self._albums.change_folders(owner_id, put=[folder], revision=shelf.revision):
                return _listed(folder, shelf)
        raise _busy()

    async def delete(self, owner_id: OwnerId, folder_id: str, *, with_albums: bool) -> None:
        """Delete a folder; photos stay whatever happens to albums.

        What was begun and broken off is gone on with by deleting it again: the folder goes last.

        Args:
            owner_id: The caller.
            folder_id: The folder.
            with_albums: Whether the folders and albums in it are deleted too, however deep; else those directly
                in it move to where it lies.

        Raises:
            FolderNotFoundError: The caller has no such folder.
        """
        for _ in range(_ATTEMPTS):
            shelf = await self._albums.shelf(owner_id)
            folder = _found(shelf, folder_id)
            inner = within(shelf.folders, folder_id)
            if with_albums:
                gone = {folder_id, *(one.folder_id for one in inner)}
                await self._each(shelf, gone, is_deleted=True)
                doomed = [one.folder_id for one in reversed(inner)] + [folder_id]  # the innermost first
                if await self._changed(owner_id, [], doomed, shelf.revision):
                    return
            else:
                await self._each(shelf, {folder_id}, parent_id=folder.parent_id)
                moved = [replace(one, parent_id=folder.parent_id) for one in inner if one.parent_id == folder_id]
                if await self._changed(owner_id, moved, [folder_id], shelf.revision):
                    return
        raise _busy()

    async def _each(self, shelf: Shelf, folder_ids: set[str], **changes: Any) -> None:
        """Change all albums that lie directly in some folders."""

        async def changed(album: Album) -> None:
            with suppress(AlbumNotFoundError):  # somebody else has just deleted it
                await change_album(self._albums, album.owner_id, album.album_id, at=self._now(), **changes)

        albums = [album for album in shelf.albums if album.parent_id in folder_ids and not album.is_deleted]
        await in_turns([partial(changed, album) for album in albums], at_once=_AT_ONCE)

    async def _changed(
        self, owner_id: OwnerId, put: Sequence[AlbumFolder], remove: Sequence[str], revision: int
    ) -> bool:
        """Change folders, in several transactions where there are many; the last of `remove` goes last."""
        steps: list[AlbumFolder | str] = [*put, *remove]
        for start in range(0, len(steps), MOST_FOLDERS_AT_ONCE):
            run = steps[start : start + MOST_FOLDERS_AT_ONCE]
            if not await self._albums.change_folders(
                owner_id,
                put=[step for step in run if isinstance(step, AlbumFolder)],
                remove=[step for step in run if isinstance(step, str)],
                revision=revision,
            ):
                return False
            revision += 1
        return True


def _found(shelf: Shelf, folder_id: str) -> AlbumFolder:
    for folder in shelf.folders:
        if folder.folder_id == folder_id:
            return folder
    raise FolderNotFoundError("There is no such folder.")


def _listed(folder: AlbumFolder, shelf: Shelf) -> ListedFolder:
    return ListedFolder(
        folder,
        albums=sum(album.parent_id == folder.folder_id and not album.is_deleted for album in shelf.albums),
        folders=sum(other.parent_id == folder.folder_id for other in shelf.folders),
    )


def _busy() -> EditConflictError:
    return EditConflictError("These folders are being changed by others at the same time; try again.")
