"""Where the photos of albums are that somebody has moved; all others lie where their time puts them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from heliograph.photos import OwnerId, PhotoId


class AlbumRef(NamedTuple):
    """One owner's album."""

    owner_id: OwnerId
    album_id: str


@dataclass(frozen=True, slots=True)
class Place:
    """A photo that was moved within an album."""

    photo_id: PhotoId
    position: str
    """Sorts among the sort keys of the photos that were not moved; no two are the same."""
    sort_key: str
    """The photo's own when it was moved: where its posting is found."""


class AlbumOrder(Protocol):
    """The moved photos of albums. tests/contract/test_album_order.py is its specification.

    It says nothing of who is in an album: a place may outlast its photo's membership.
    """

    async def positions(
        self, album: AlbumRef, photo_ids: Sequence[PhotoId], *, consistent: bool = False
    ) -> dict[PhotoId, str]:
        """Return the positions of those of these photos that were moved; `consistent` at twice the price."""

    async def places(
        self, album: AlbumRef, *, after: str | None, ascending: bool, limit: int, consistent: bool = False
    ) -> Sequence[Place]:
        """Return up to `limit` places that come after a position, in the order of positions or against it."""

    async def move(self, album: AlbumRef, places: Sequence[Place]) -> None:
        """Give photos these places instead of any that they have; each photo is moved wholly or not at all.

        Raises:
            EditConflictError: Others moved the same photos each time.
        """

    async def forget(self, album: AlbumRef, photo_ids: Sequence[PhotoId]) -> None:
        """Let photos lie where their time puts them; nothing happens where they do."""

    async def clear(self, album: AlbumRef, *, limit: int) -> bool:
        """Forget up to `limit` places; return whether none is left."""
