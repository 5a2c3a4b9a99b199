"""Finds the photos that one photo looks like, when it has come to the end of the pipeline, and stacks them.

taken within seconds    a range of the month's list
at any other time       some ranges of the list that is sorted by fingerprint

Both are bounded, whatever the library holds. A photo that looks like no other costs these reads and no write. What a
person has decided is never asked again: not after a redelivery, nor after the trash, nor when the file comes again.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import chain
from typing import Final
from uuid import uuid4

from heliograph.errors import UnavailableError
from heliograph.photos import PhotoId, PhotoStatus
from heliograph_metadata.domain.index import Posting, month_in
from heliograph_metadata.domain.looks import MOST_PREFIX_BITS, Look, distance, ranges_around
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.stacks import (
    BURST_GAP,
    DUPLICATE_DISTANCE,
    MOST_MEMBERS,
    Likeness,
    Stack,
    StackStatus,
    Standing,
    Standings,
    joined,
    likeness,
    may_be_stacked,
    new_stack,
    standings_after,
)
from heliograph_metadata.domain.terms import LOOKS, PRESENT, Term
from heliograph_metadata.service.library_index import LibraryIndex
from heliograph_metadata.service.photo_store import PhotoStore
from heliograph_metadata.service.stack_store import StackStore

PER_RANGE: Final = 32
"""About so many fingerprints lie in a range: of a library of 100,000 photos 12 bits choose it."""

_MOST_PER_RANGE: Final = 200
DOUBTFUL_BITS: Final = 2
_MOST_NEIGHBOURS: Final = 4
"""In time, on each side: their documents are read."""

_MOST_ALIKE: Final = 12
_ATTEMPTS: Final = 10

Alike = dict[PhotoId, Likeness]


class LookalikeService:
    """Puts a photo into a stack with those that it looks like. To be called any number of times."""

    def __init__(
        self, photos: PhotoStore, index: LibraryIndex, stacks: StackStore, *, now: Callable[[], datetime]
    ) -> None:
        self._photos = photos
        self._index = index
        self._stacks = stacks
        self._now = now

    async def look_for(self, photo: Photo) -> Stack | None:
        """Stack a photo that is ready with those that it looks like, and return the stack; None without one.

        Raises:
            UnavailableError: Something does not answer; nothing has changed.
        """
        if photo.status is not PhotoStatus.READY or not may_be_stacked(photo) or photo.look is None:
            return None
        found = await self._alike(photo, photo.look)
        if not found:
            return None
        for _ in range(_ATTEMPTS):
            standings = await self._stacks.standings(photo.owner_id, [photo.photo_id, *found])
            if standings[photo.photo_id].open:
                return None
            stored, stack = await self._stack_with(photo, found, standings)
            if stack is None or await self._stacks.save(
                stack, stored=stored, standings=standings_after(stack, standings)
            ):
                return stack
        raise UnavailableError("A stack was not saved: too many others change it.")

    async def _alike(self, photo: Photo, look: Look) -> Alike:
        near, similar = await asyncio.gather(self._taken_within_seconds(photo), self._of_like_fingerprint(photo, look))
        others = await self._photos.get_many(list(dict.fromkeys(chain(similar, near))))
        found: Alike = {}
        for other in others.values():
            is_ours = other.owner_id == photo.owner_id and other.photo_id != photo.photo_id
            if is_ours and may_be_stacked(other) and (alike := likeness(photo, other)):
                found[other.photo_id] = alike
        return dict(sorted(found.items(), key=lambda one: (one[1].distance, one[0])))

    async def _taken_within_seconds(self, photo: Photo) -> list[PhotoId]:
        """Return the photos taken shortly before and after, the nearest of each."""
        if photo.camera is None:
            return []
        wall = photo.taken.replace(tzinfo=None)
        try:
            first, here, last = map(_sortable, (wall - BURST_GAP, wall, wall + BURST_GAP))
        except OverflowError:  # at the end of time
            return []
        months = dict.fromkeys(map(month_in, (first, last)))
        runs = await asyncio.gather(
            *(
                self._index.postings(
                    photo.owner_id, Term("time", month), before=f"{last}~", since=first, limit=_MOST_PER_RANGE
                )
                for month in months
            )
        )
        around = sorted(
            (posting for run in runs for posting in run if posting.photo_id != photo.photo_id),
            key=lambda posting: posting.sort_key,
        )
        earlier = [posting.photo_id for posting in around if posting.sort_key < here]
        later = [posting.photo_id for posting in around if posting.sort_key >= here]
        return earlier[-_MOST_NEIGHBOURS:] + later[:_MOST_NEIGHBOURS]

    async def _of_like_fingerprint(self, photo: Photo, look: Look) -> list[PhotoId]:
        """Return the photos whose fingerprints are those of copies, the most alike first."""
        photos = (await self._index.counts_of(photo.owner_id, [PRESENT]))[PRESENT]
        ranges = ranges_around(look, prefix_bits=prefix_bits(photos), doubtful_bits=DOUBTFUL_BITS)
        runs: Sequence[Sequence[Posting]] = await asyncio.gather(
            *(
                self._index.postings(photo.owner_id, LOOKS, before=one.end, since=one.first, limit=_MOST_PER_RANGE)
                for one in ranges
            )
        )
        apart = {
            posting.photo_id: distance(look.fingerprint, posting.sort_key.partition("#")[0])
            for run in runs
            for posting in run
            if posting.photo_id != photo.photo_id
        }
        alike = [photo_id for photo_id, bits in apart.items() if bits <= DUPLICATE_DISTANCE]
        return sorted(alike, key=lambda photo_id: (apart[photo_id], photo_id))[:_MOST_ALIKE]

    async def _stack_with(self, photo: Photo, found: Alike, standings: Standings) -> tuple[Stack | None, Stack | None]:
        """Return an open stack that the photo belongs to, as it is and with the photo; else None and a new one."""
        own = standings[photo.photo_id]
        open_ids = dict.fromkeys(stack_id for other in found for stack_id in sorted(standings[other].open))
        for stack_id in open_ids:
            stack = await self._stacks.get(photo.owner_id, stack_id)
            if stack is None or stack.status is not StackStatus.OPEN or len(stack.members) >= MOST_MEMBERS:
                continue
            first = await self._photos.get(stack.photo_ids[0])
            alike = likeness(photo, first) if first else None
            if alike and not await self._is_settled_with_one(own, stack):
                return stack, joined(stack, photo.photo_id, alike, at=self._now())
        others = self._not_settled(own, found, standings)
        return None, new_stack(uuid4().hex, photo, others, at=self._now()) if others else None

    async def _is_settled_with_one(self, own: Standing, stack: Stack) -> bool:
        if not own.settled:
            return False
        standings = await self._stacks.standings(stack.owner_id, stack.photo_ids)
        return any(own.is_settled_with(other) for other in standings.values())

    @staticmethod
    def _not_settled(own: Standing, found: Alike, standings: Standings) -> list[tuple[PhotoId, Likeness]]:
        """Return those in no open stack about whom nothing is decided, neither with the photo nor among them."""
        chosen: list[tuple[PhotoId, Likeness]] = []
        for photo_id, alike in found.items():
            other = standings[photo_id]
            members = (own, *(standings[one] for one, _ in chosen))
            if not other.open and not any(other.is_settled_with(member) for member in members):
                chosen.append((photo_id, alike))
        return chosen


def _sortable(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def prefix_bits(photos: int) -> int:
    """Return by how many bits of a fingerprint to look, so that about `PER_RANGE` of so many photos lie in a range."""
    return min(max(0, (photos // PER_RANGE).bit_length()), MOST_PREFIX_BITS)
