"""Where albums are kept; which photos are in one, the photos themselves say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from heliograph.photos import OwnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    """A named collection of one owner's photos."""

    owner_id: OwnerId
    album_id: str
    name: str
    created_at: datetime
    updated_at: datetime
    is_deleted: bool = False
    """Gone for its owner, but some photos still say that they are in it."""


class AlbumStore(Protocol):
    """Albums by owner. tests/contract/test_album_store.py is its specification."""

    async def get(self, owner_id: OwnerId, album_id: str) -> Album | None:
        """Return the owner's album of that id, a deleted one too, or None."""

    async def all(self, owner_id: OwnerId) -> Sequence[Album]:
        """Return all albums of an owner, deleted ones too, in no order."""

    async def create(self, album: Album) -> None:
        """Store a new album."""

    async def replace(self, album: Album, *, stored: Album) -> bool:
        """Store `album` in place of `stored`; return False, changing nothing, where it has been changed since."""

    async def remove(self, owner_id: OwnerId, album_id: str) -> None:
        """Forget an album; nothing happens where there is none."""
