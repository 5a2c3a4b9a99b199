"""The photos of a part of the map, newest first: read where they lie together, or walked down the lists around them.

What few photos lie in is read whole and sorted; of what holds many, many of those around it are in it, so that a walk
through the newest of them soon fills a page. Whichever reads less is done.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from heliograph.photos import OwnerId, PhotoId, PhotoStatus
from heliograph_metadata.domain.cursor import cursor, fingerprint, position
from heliograph_metadata.domain.index import Posting, in_time
from heliograph_metadata.domain.parts import Part
from heliograph_metadata.domain.span import Months
from heliograph_metadata.domain.terms import PREPARED, SPOTS, Term, tile_kind
from heliograph_metadata.domain.tiles import DEEPEST_LEVEL
from heliograph_metadata.service.library_index import LibraryIndex
from heliograph_metadata.service.listing import Listed, Page

MOST_GATHERED: Final = 2_500
"""Photos that are read and sorted for one page, at most."""
MOST_WALKED: Final = 2_000
"""Photos that a walk meets for one page, at most (and one read more)."""

_FEW: Final = 250
"""So many are read without asking what a walk would cost: about as much as a page."""
_FEWEST_READ: Final = 8
_RUN: Final = 200


@dataclass(slots=True)
class _Stream:
    term: Term
    before: str | None
    waiting: deque[Posting] = field(default_factory=deque)
    is_read: bool = False


class MapPhotos:
    """The use case of the photos of a part of the map."""

    def __init__(self, index: LibraryIndex) -> None:
        self._index = index

    async def page(self, owner_id: OwnerId, part: Part, span: Months | None, *, after: str | None, limit: int) -> Page:
        """Return photos of a part of the map, newest first; a short page with a cursor where a bound was met.

        Raises:
            InvalidCursorError: The cursor is not one of this list's.
        """
        own = fingerprint(owner_id, "map", part, span)
        before = position(own, after) if after else (span.before if span else None)
        since = span.since if span else None
        photos = await self._estimate(owner_id, part)
        lists: Sequence[Term] = ()
        gathered: list[Posting] | None = None
        if photos > max(_FEW, limit) and part.is_counted:
            around = await self._index.counts_of(owner_id, [_counted_as(term) for term in part.lists()])
            lists = [term for term in part.lists() if around[_counted_as(term)]]
            reads_less = limit * sum(around.values()) / photos < photos
        else:
            reads_less = False
        if not part.is_counted or (photos <= MOST_GATHERED and not reads_less):
            gathered = await self._gathered(owner_id, part)
        if gathered is None:
            streams = [_Stream(term, before) for term in lists or part.lists()]
            found, goes_on_at = await self._walked(owner_id, part, streams, since=since, most=limit + 1)
        else:
            found = [one for one in gathered if (since or "") <= one.sort_key < (before or "~")]
            goes_on_at = None
        shown = found[:limit]
        if len(found) > limit:
            goes_on_at = shown[-1].sort_key
        return Page(await self._listed(owner_id, shown), cursor(own, goes_on_at) if goes_on_at else None)

    async def _gathered(self, owner_id: OwnerId, part: Part) -> list[Posting] | None:
        """Return all photos of a part, newest first; None where they are more than were counted."""
        runs = await asyncio.gather(
            *(
                self._index.postings(owner_id, SPOTS, since=first, before=f"{last}~", limit=MOST_GATHERED + 1)
                for first, last in part.key_ranges(DEEPEST_LEVEL)
            )
        )
        if sum(map(len, runs)) > MOST_GATHERED:
            return None
        inside = (in_time(spot) for run in runs for spot in run if part.holds(spot.card))
        return sorted(inside, key=lambda one: one.sort_key, reverse=True)

    async def _estimate(self, owner_id: OwnerId, part: Part) -> int:
        """Return how many photos the tiles hold that a part touches."""
        level, counted = part.counted()
        runs = await asyncio.gather(
            *(
                self._index.counts(owner_id, tile_kind(level), first=first, last=last)
                for first, last in part.key_ranges(level)
            )
        )
        return sum(count.photos for run in runs for count in run if counted is None or count.value in counted)

    async def _walked(
        self, owner_id: OwnerId, part: Part, streams: Sequence[_Stream], *, since: str | None, most: int
    ) -> tuple[list[Posting], str | None]:
        """Return up to `most` photos, and the sort key that was met last where there may be more."""
        run = max(most // len(streams) + 1, _FEWEST_READ)
        found: list[Posting] = []
        met = 0
        while True:
            dry = [stream for stream in streams if not stream.waiting and not stream.is_read]
            await asyncio.gather(*(self._read_on(owner_id, stream, since, run) for stream in dry))
            run = _RUN
            wet = [stream for stream in streams if stream.waiting]
            if not wet:
                return found, None
            posting = max(wet, key=_newest).waiting.popleft()
            met += 1
            if part.holds(posting.card):
                found.append(posting)
            if len(found) == most or met == MOST_WALKED:
                return found, posting.sort_key

    async def _read_on(self, owner_id: OwnerId, stream: _Stream, since: str | None, run: int) -> None:
        read = await self._index.postings(owner_id, stream.term, before=stream.before, since=since, limit=run)
        stream.waiting.extend(read)
        stream.is_read = len(read) < run
        stream.before = read[-1].sort_key if read else stream.before

    async def _listed(self, owner_id: OwnerId, shown: Sequence[Posting]) -> list[Listed]:
        """Add the states; whatever is on the map is ready but for the few photos still in the pipeline."""
        waiting: frozenset[PhotoId] = frozenset()
        if shown and (await self._index.counts_of(owner_id, [PREPARED]))[PREPARED]:
            waiting = await self._index.still_prepared(owner_id, [one.photo_id for one in shown])
        return [
            Listed(one, (PhotoStatus.PREPARED if one.photo_id in waiting else PhotoStatus.READY).value) for one in shown
        ]


def _newest(stream: _Stream) -> str:
    return stream.waiting[0].sort_key


def _counted_as(term: Term) -> Term:
    return Term(tile_kind(len(term.value)), term.value) if term.kind == "area" else term
