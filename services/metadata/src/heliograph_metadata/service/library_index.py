"""The library's index as the use cases read it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from heliograph.photos import OwnerId, PhotoId, PhotoStatus
from heliograph_metadata.domain.index import Posting
from heliograph_metadata.domain.terms import Term

MOST_KEYS: Final = 100
"""The most postings that `LibraryIndex.bearing` looks up at a time."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many photos bear a term; for a tile also where they are and one of them."""

    value: str
    photos: int
    name: str = ""
    latitude: float = 0.0
    longitude: float = 0.0
    """The mean of the photos' positions."""
    photo_id: PhotoId | None = None
    """One of the photos; only of a tile."""
    years: Mapping[str, int] = field(default_factory=dict)
    """How many of the photos are of each year; only of a tile."""
    revision: int = 0
    """Of a month: another one after each change of what its list shows; 0 where that is not known."""


@dataclass(frozen=True, slots=True)
class Change:
    """A photo as it was last changed."""

    photo_id: PhotoId
    status: PhotoStatus
    version: int
    updated_at: datetime


class LibraryIndex(Protocol):
    """Lists and counts of one owner's photos; nothing here reaches another's.

    Kept by `PhotoStore.replace`; tests/contract/test_photo_store.py is the specification of both.
    """

    async def postings(
        self,
        owner_id: OwnerId,
        term: Term,
        *,
        before: str | None,
        since: str | None,
        limit: int,
        consistent: bool = False,
    ) -> Sequence[Posting]:
        """Return up to `limit` postings of a term (`is_listed`), newest first, with since <= sort key < before.

        A consistent answer has all that was saved before, at twice the price.
        """

    async def bearing(self, owner_id: OwnerId, term: Term, sort_keys: Sequence[str]) -> dict[str, Posting]:
        """Return, of up to `MOST_KEYS` photos by sort key, the postings of those that bear the term (`is_posted`)."""

    async def still_prepared(self, owner_id: OwnerId, photo_ids: Collection[PhotoId]) -> frozenset[PhotoId]:
        """Return those of an owner's photos that are to be seen and still wait for their labels; of any number."""

    async def postings_from(self, owner_id: OwnerId, term: Term, *, after: str | None, limit: int) -> Sequence[Posting]:
        """Return up to `limit` postings of a term (`is_posted`) whose sort key > after, oldest first."""

    async def counts(
        self, owner_id: OwnerId, kind: str, *, first: str = "", last: str | None = None, limit: int | None = None
    ) -> Sequence[Count]:
        """Return the counts of a kind with first <= value <= last, by value; none that is 0; `limit` at most."""

    async def counts_of(self, owner_id: OwnerId, terms: Collection[Term]) -> dict[Term, int]:
        """Return how many photos bear each of these counted terms, 0 included."""

    async def unfinished(self, owner_id: OwnerId, status: PhotoStatus) -> int:
        """Return how many photos still wait in a state; eventually right."""

    async def changes(self, owner_id: OwnerId, *, since: datetime, limit: int) -> Sequence[Change]:
        """Return photos changed at or after a time, oldest change first; eventually complete."""
