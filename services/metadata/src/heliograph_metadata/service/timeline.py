"""The timeline: the months of a library, the days of each, and pages of the photos of a month or a part of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.cursor import cursor as cursor_of
from heliograph_metadata.domain.cursor import fingerprint, position
from heliograph_metadata.domain.index import Posting
from heliograph_metadata.domain.terms import PREPARED, Term
from heliograph_metadata.domain.timeline import Span
from heliograph_metadata.service.library_index import Count, LibraryIndex


@dataclass(frozen=True, slots=True)
class MonthState:
    """What two small reads tell of a month."""

    revision: int
    """Another number whenever a page of the month may be another; 0 where that cannot be said."""
    has_prepared: bool
    """Whether photos of the library, of whatever month, still wait for their labels."""


@dataclass(frozen=True, slots=True)
class MonthPage:
    """Some photos of a month, newest first, and where it goes on; None at its end."""

    postings: Sequence[Posting]
    prepared: frozenset[PhotoId]
    """Those that still wait for their labels; all others are ready."""
    next_cursor: str | None


class Timeline:
    """The use cases of the timeline."""

    def __init__(self, index: LibraryIndex) -> None:
        self._index = index

    async def months(self, owner_id: OwnerId) -> list[Count]:
        """Return the months in which photos were taken, newest first."""
        return list(reversed(await self._index.counts(owner_id, "time")))

    async def days(self, owner_id: OwnerId, month: str) -> list[Count]:
        """Return the days of a month on which photos were taken, newest first."""
        return list(reversed(await self._index.counts(owner_id, "day", first=f"{month}-01", last=f"{month}-31")))

    async def state(self, owner_id: OwnerId, month: str) -> MonthState:
        """Return a month's revision.

        Becoming ready changes a photo but not its month's list: so while any are prepared there is no revision.
        """
        months, counts = await asyncio.gather(
            self._index.counts(owner_id, "time", first=month, last=month),
            self._index.counts_of(owner_id, [PREPARED]),
        )
        has_prepared = counts[PREPARED] > 0
        revision = months[0].revision if months and not has_prepared else 0
        return MonthState(revision, has_prepared)

    async def page(
        self, owner_id: OwnerId, month: str, *, state: MonthState, span: Span, cursor: str | None, limit: int
    ) -> MonthPage:
        """Return photos of a part of a month, newest first; `state` was read before.

        Where it has a revision, the list is read consistently: it must hold all that the revision counts, or an
        older list would be taken for the newer one until the month changes again.

        Raises:
            InvalidCursorError: The cursor is not one of this list's.
        """
        term = Term("time", month)
        own = fingerprint(owner_id, term, span)
        found = await self._index.postings(
            owner_id,
            term,
            before=position(own, cursor) if cursor else span.before,
            since=span.since,
            limit=limit + 1,
            consistent=state.revision > 0,
        )
        shown = found[:limit]
        prepared: frozenset[PhotoId] = frozenset()
        if state.has_prepared:
            prepared = await self._index.still_prepared(owner_id, [posting.photo_id for posting in shown])
        return MonthPage(
            postings=shown,
            prepared=prepared,
            next_cursor=cursor_of(own, shown[-1].sort_key) if len(found) > limit else None,
        )
