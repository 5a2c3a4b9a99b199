"""Where albums and their folders are kept, and how one is changed; who is in an album, the photos themselves say."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from heliograph.photos import OwnerId
from heliograph_metadata.domain.albums import Album, AlbumFolder
from heliograph_metadata.domain.errors import AlbumNotFoundError, EditConflictError

MOST_FOLDERS_AT_ONCE: Final = 99
"""DynamoDB's transactions take 100 actions, one of which is for the revision."""

_ATTEMPTS: Final = 10
_INSTANT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Shelf:
    """All albums and folders of an owner."""

    albums: Sequence[Album]
    """Deleted ones too."""
    folders: Sequence[AlbumFolder]
    revision: int
    """Changes whenever a folder does."""


class AlbumStore(Protocol):
    """Albums and folders by owner. tests/contract/test_album_store.py is its specification."""

    async def get(self, owner_id: OwnerId, album_id: str) -> Album | None:
        """Return the owner's album of that id, a deleted one too, or None."""

    async def all(self, owner_id: OwnerId) -> Sequence[Album]:
        """Return all albums of an owner, deleted ones too, in no order."""

    async def shelf(self, owner_id: OwnerId) -> Shelf:
        """Return all albums and folders of an owner, in no order."""

    async def create(self, album: Album) -> bool:
        """Store a new album; return False, changing nothing, where something with its id is there."""

    async def replace(self, album: Album, *, stored: Album) -> bool:
        """Store `album` in place of `stored`; return False, changing nothing, where it has been changed since."""

    async def remove(self, owner_id: OwnerId, album_id: str) -> None:
        """Forget an album; nothing happens where there is none."""

    async def change_folders(
        self, owner_id: OwnerId, *, put: Sequence[AlbumFolder] = (), remove: Sequence[str] = (), revision: int
    ) -> bool:
        """Store some folders and forget others; all of it happens or nothing does.

        Args:
            owner_id: Whose they are.
            put: Folders to store.
            remove: Ids of folders to forget; `MOST_FOLDERS_AT_ONCE` with those of `put` at most.
            revision: That of the shelf which the change was made from.

        Returns:
            False, having changed nothing, where a folder has been changed since.
        """


async def living(store: AlbumStore, owner_id: OwnerId, album_id: str) -> Album:
    """Return an album that is not deleted.

    Raises:
        AlbumNotFoundError: The caller has no such album.
    """
    album = await store.get(owner_id, album_id)
    if album is None or album.is_deleted:
        raise AlbumNotFoundError("There is no such album.")
    return album


async def change_album(store: AlbumStore, owner_id: OwnerId, album_id: str, *, at: datetime, **changes: Any) -> Album:
    """Change an album, whoever else is changing it, and return it.

    Raises:
        AlbumNotFoundError: The caller has no such album.
        EditConflictError: Others changed it each time.
    """
    for _ in range(_ATTEMPTS):
        stored = await living(store, owner_id, album_id)
        album = replace(stored, updated_at=max(at, stored.updated_at + _INSTANT), **changes)
        if await store.replace(album, stored=stored):
            return album
    raise EditConflictError("This album is being changed by others at the same time; try again.")
