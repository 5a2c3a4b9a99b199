"""Where photos were taken, as a tree: countries, their regions, the regions' cities."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.cursor import cursor as cursor_of
from heliograph_metadata.domain.cursor import fingerprint, position
from heliograph_metadata.domain.terms import Term
from heliograph_metadata.service.library_index import Count, LibraryIndex

_LAST: Final = "\U0010ffff"
_AFTER_ITSELF: Final = " "
"""Comes before all that names go on with."""
_READ_AT_A_TIME: Final = 100


@dataclass(frozen=True, slots=True)
class ListedPlace:
    """A place with photos."""

    value: str
    """`PT`, `PT/Lisboa` or `PT/Lisboa/Sintra`: what a search takes."""
    name: str
    photos: int
    photo_id: PhotoId | None
    """The newest of them."""


@dataclass(frozen=True, slots=True)
class PlacePage:
    """Some of the places right below one, by their values, and where they go on; None at their end."""

    parents: Sequence[ListedPlace]
    """The country, and the region, that they lie in; empty at the top."""
    places: Sequence[ListedPlace]
    next_cursor: str | None


class Places:
    """The use case of the tree of places."""

    def __init__(self, index: LibraryIndex) -> None:
        self._index = index

    async def below(self, owner_id: OwnerId, parent: str, *, after: str | None, limit: int) -> PlacePage:
        """Return the countries, the regions of a country or the cities of a region.

        What lies below a place is passed over, not read: a page costs at most a read for each of its places.

        Raises:
            InvalidCursorError: The cursor is not one of this list's.
        """
        own = fingerprint(owner_id, "places", parent)
        parts = parent.split("/") if parent else []
        start = position(own, after) if after else ""
        above, found = await asyncio.gather(
            self._counts_of(owner_id, ["/".join(parts[: end + 1]) for end in range(len(parts))]),
            self._children(owner_id, parent, start, limit + 1),
        )
        shown = found[:limit]
        newest = await asyncio.gather(*(self._newest(owner_id, count.value) for count in shown))
        places = [_listed(count, photo_id) for count, photo_id in zip(shown, newest, strict=True)]
        goes_on = cursor_of(own, _encoded(shown[-1].value)) if len(found) > limit else None
        return PlacePage([_listed(count, None) for count in above], places, goes_on)

    async def _counts_of(self, owner_id: OwnerId, values: Sequence[str]) -> list[Count]:
        runs = await asyncio.gather(
            *(self._index.counts(owner_id, "place", first=value, last=value) for value in values)
        )
        return [count for run in runs for count in run]

    async def _children(self, owner_id: OwnerId, parent: str, after: str, most: int) -> list[Count]:
        inside = f"{parent}/" if parent else ""
        found: list[Count] = []
        first = _passing(_decoded(after), inside) if after else inside
        while len(found) < most:
            run = await self._index.counts(
                owner_id, "place", first=first, last=f"{inside}{_LAST}", limit=_READ_AT_A_TIME
            )
            found += [count for count in run if _is_child(count.value, inside)]
            if len(run) < _READ_AT_A_TIME:
                break
            first = _passing(run[-1].value, inside)
        return found[:most]

    async def _newest(self, owner_id: OwnerId, value: str) -> PhotoId | None:
        found = await self._index.postings(owner_id, Term("place", value), before=None, since=None, limit=1)
        return found[0].photo_id if found else None


def _is_child(value: str, inside: str) -> bool:
    """Whether a place lies right below another; a city whose region is not known lies right below its country."""
    own = value.removeprefix(inside)
    return "/" not in own or own.startswith("/")


def _passing(value: str, inside: str) -> str:
    """Return the first value after one that was read; after all else in the same place, if it lies in one."""
    if _is_child(value, inside):
        return f"{value}{_AFTER_ITSELF}"
    return f"{inside}{value.removeprefix(inside).partition('/')[0]}/{_LAST}"


def _listed(count: Count, photo_id: PhotoId | None) -> ListedPlace:
    own = count.value.rpartition("/")[2] if "/" in count.value else count.name
    return ListedPlace(count.value, own, count.photos, photo_id)


def _encoded(value: str) -> str:
    return value.encode().hex()


def _decoded(text: str) -> str:
    return bytes.fromhex(text).decode()
