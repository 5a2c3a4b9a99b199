"""How far the pipeline has come, and what changes while somebody watches."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from heliograph.photos import OwnerId, PhotoId, PhotoStatus
from heliograph_metadata.domain.terms import status_term
from heliograph_metadata.service.library_index import Change, LibraryIndex

_COUNTED: Final = (PhotoStatus.PREPARED, PhotoStatus.READY, PhotoStatus.FAILED)
_COUNTED_AT_ONCE: Final = 2_000
"""So many that wait are counted anew at each question."""
_COUNTED_A_SECOND: Final = 1_000
"""Of more, so many in the mean, while somebody watches: a third of a read unit for ten."""
_MOST_KNOWN: Final = 10_000


@dataclass(frozen=True, slots=True)
class Progress:
    """How many photos are in each state; those in the trash are in none."""

    awaiting_upload: int
    prepared: int
    ready: int
    failed: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.awaiting_upload + self.prepared + self.ready + self.failed


@dataclass(frozen=True, slots=True)
class _Known:
    """How many photos of an owner waited, and how many had gone on, when that was counted last."""

    awaiting: int
    gone_on: int | None
    """None where that was not counted yet."""
    until: float


class PipelineProgress:
    """The use case of everybody's progress. What waits is counted photo by photo, so a large number is remembered.

    Meanwhile the photos that go on are taken from it, and those that are announced are missing; it says that some wait
    until they are counted again.
    """

    def __init__(self, index: LibraryIndex, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._index = index
        self._clock = clock
        self._known: dict[OwnerId, _Known] = {}

    async def of(self, owner_id: OwnerId) -> Progress:
        """Return how far an owner's photos have come."""
        known = self._known.get(owner_id)
        if known is None or self._clock() >= known.until:
            # First, so that a photo that goes on meanwhile is counted twice and not left out.
            awaiting = await self._index.unfinished(owner_id, PhotoStatus.AWAITING_UPLOAD)
            known = _Known(awaiting, None, self._clock() + awaiting / _COUNTED_A_SECOND)
        counts = await self._index.counts_of(owner_id, [status_term(status) for status in _COUNTED])
        prepared, ready, failed = (counts[status_term(status)] for status in _COUNTED)
        gone_on = prepared + ready + failed
        if known.gone_on is None:
            self._remember(owner_id, replace(known, gone_on=gone_on))
            return Progress(known.awaiting, prepared, ready, failed)
        awaiting = min(max(known.awaiting - (gone_on - known.gone_on), 1), known.awaiting)
        return Progress(awaiting, prepared, ready, failed)

    def _remember(self, owner_id: OwnerId, known: _Known) -> None:
        self._known.pop(owner_id, None)
        if known.awaiting > _COUNTED_AT_ONCE:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[owner_id] = known


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often changes are looked for."""

    busy_seconds: float = 1.0
    """While photos change."""
    idle_seconds: float = 3.0
    """The longest pause while they don't."""
    overlap: timedelta = timedelta(seconds=6)
    """How far each look goes back: the index is eventually complete, and a save that clashes with others is tried
    again for up to 5 s after its time was taken."""
    most: int = 500
    """Changes taken at one look."""


async def changes_since(
    index: LibraryIndex, owner_id: OwnerId, since: datetime, *, stopping: asyncio.Event, pace: Pace
) -> AsyncIterator[list[Change]]:
    """Yield the changes of the caller's photos as they come, each once; an empty list where a look found none.

    There is always one look. The first goes a little back behind `since`, so it may tell again of what is known.

    Args:
        index: Where changes are looked up.
        owner_id: The caller.
        since: The time of the last change that the caller knows.
        stopping: Ends the iteration soon after it is set.
        pace: How often to look.
    """
    seen: dict[PhotoId, int] = {}  # versions
    start, pause = since - pace.overlap, pace.busy_seconds
    while True:
        found = await index.changes(owner_id, since=start, limit=pace.most)
        fresh = [change for change in found if change.photo_id not in seen or seen[change.photo_id] < change.version]
        yield fresh
        if stopping.is_set():
            return
        if len(found) == pace.most:  # there are more: look on from here, at once
            seen |= {change.photo_id: change.version for change in found}
            start = max(found[-1].updated_at, start + timedelta(microseconds=1))
            continue
        if found:
            start = max(start, found[-1].updated_at - pace.overlap)
        seen = {change.photo_id: change.version for change in found}
        pause = pace.busy_seconds if fresh else min(pause * 1.5, pace.idle_seconds)
        await _paused(stopping, pause)


async def _paused(stopping: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
