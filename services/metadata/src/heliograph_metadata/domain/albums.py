"""Albums and the folders they lie in: what they are, and where each of them lies."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from heliograph.errors import ConflictError, NotFoundError, UnprocessableError
from heliograph.photos import OwnerId, PhotoId

MOST_SHELVED: Final = 2_000
"""Albums and folders of one owner: all of them are read at once."""

MOST_SMART_ALBUMS: Final = 100
"""Of one owner: each is searched for its cover where albums are listed."""

MOST_DEPTH: Final = 8
"""Folders within one another."""


class AlbumSort(StrEnum):
    """In which order an album shows its photos."""

    NEWEST = "newest"
    OLDEST = "oldest"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    """A named collection of one owner's photos, picked by hand or by a search."""

    owner_id: OwnerId
    album_id: str
    name: str
    created_at: datetime
    updated_at: datetime
    is_deleted: bool = False
    """Gone for its owner, but some photos still say that they are in it."""
    description: str = ""
    sort: AlbumSort = AlbumSort.NEWEST
    base: AlbumSort = AlbumSort.NEWEST
    """In manual order: how the photos lie that nobody has moved, newest or oldest first."""
    cover_photo_id: PhotoId | None = None
    """The cover that somebody chose; None for the first photo."""
    parent_id: str | None = None
    """The folder it lies in; None, or a folder that is gone, for the top."""
    query: str | None = None
    """What a smart album searches for; None where its photos were picked."""

    @property
    def is_smart(self) -> bool:
        """Whether its photos are the hits of a search."""
        return self.query is not None

    @property
    def is_oldest_first(self) -> bool:
        """Whether its list goes up in time, where nobody has moved anything."""
        return (self.base if self.sort is AlbumSort.MANUAL else self.sort) is AlbumSort.OLDEST


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumFolder:
    """A named place for albums and other folders."""

    owner_id: OwnerId
    folder_id: str
    name: str
    created_at: datetime
    updated_at: datetime
    parent_id: str | None = None
    """The folder it lies in; None for the top."""


class FolderNotFoundError(NotFoundError):
    """No folder with this id belongs to the caller."""

    code = "folder-not-found"


class FolderLoopError(ConflictError):
    """A folder can lie neither in itself nor in what lies in it."""

    code = "folder-loop"


class FolderTooDeepError(UnprocessableError):
    """Folders can lie within one another only so deep."""

    code = "folder-too-deep"


class TooManyShelvedError(UnprocessableError):
    """The account has as many albums and folders as it can have."""

    code = "album-limit"


class SmartAlbumError(ConflictError):
    """A smart album's photos are what its search finds: none is put in, taken out or moved."""

    code = "smart-album"


class NotSmartAlbumError(ConflictError):
    """An album whose photos were picked has no search."""

    code = "not-a-smart-album"


class NotInManualOrderError(ConflictError):
    """Photos are moved only in an album that is in manual order."""

    code = "not-in-manual-order"


def path_of(folders: Mapping[str, AlbumFolder], folder_id: str | None) -> list[AlbumFolder]:
    """Return the folders down to this one, the outermost first; it ends where a folder is not there."""
    path: list[AlbumFolder] = []
    while folder_id is not None and folder_id in folders and len(path) <= MOST_DEPTH:
        path.append(folders[folder_id])
        folder_id = folders[folder_id].parent_id
    return path[::-1]


def within(folders: Iterable[AlbumFolder], folder_id: str) -> list[AlbumFolder]:
    """Return the folders that lie in a folder, however deep, the outer ones first."""
    by_parent: dict[str | None, list[AlbumFolder]] = {}
    for folder in folders:
        by_parent.setdefault(folder.parent_id, []).append(folder)
    found: list[AlbumFolder] = []
    waiting = [folder_id]
    for outer in waiting:
        found += by_parent.get(outer, ())
        waiting += [folder.folder_id for folder in by_parent.get(outer, ())]
    return found


def check_place(
    folders: Sequence[AlbumFolder], parent_id: str | None, *, moved: AlbumFolder | None = None, new: bool = False
) -> None:
    """See that something can lie in a folder, or at the top.

    Args:
        folders: All of the owner's.
        parent_id: Where it shall lie.
        moved: The folder that shall lie there, with all that lies in it; None for an album or a new folder.
        new: Whether it is a new folder.

    Raises:
        FolderNotFoundError: There is no such folder.
        FolderLoopError: It would lie in itself.
        FolderTooDeepError: Folders would lie too deep in one another.
    """
    if parent_id is None:
        return
    by_id = {folder.folder_id: folder for folder in folders}
    if parent_id not in by_id:
        raise FolderNotFoundError("There is no such folder.")
    depth = len(path_of(by_id, parent_id)) + (1 if moved or new else 0)
    if moved:
        inner = within(folders, moved.folder_id)
        if parent_id in {moved.folder_id, *(folder.folder_id for folder in inner)}:
            raise FolderLoopError("A folder can lie neither in itself nor in what lies in it.")
        own = len(path_of(by_id, moved.folder_id))
        depth += max((len(path_of(by_id, folder.folder_id)) - own for folder in inner), default=0)
    if depth > MOST_DEPTH:
        raise FolderTooDeepError(f"Folders can lie {MOST_DEPTH} deep in one another, no deeper.")
