"""Pages of photos: any intersection of unions of posting lists, newest first, at a bounded cost per page.

The group that fewest photos bear leads: its lists are merged, and the other groups are looked up for what it
yields. Where the bound stops a page early its cursor goes on from there, so a page may be short, even empty.
"""

import asyncio
import heapq
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from heliograph.photos import OwnerId, PhotoStatus
from heliograph_metadata.domain.cursor import cursor, fingerprint, position
from heliograph_metadata.domain.index import Posting
from heliograph_metadata.domain.search import Group
from heliograph_metadata.domain.terms import TRASHED, Term, status_term, tile_kind
from heliograph_metadata.service.library_index import MOST_KEYS, LibraryIndex

MOST_EXAMINED: Final = 2_000
"""Postings read for one page, at most (and one read more)."""

_MOST_LOOKED_UP: Final = 8_000
_RUN: Final = 200
"""Postings read at a time where not all of them will be shown."""

_PREPARED: Final = status_term(PhotoStatus.PREPARED)
_FAILED: Final = status_term(PhotoStatus.FAILED)
TRASHED_STATUS: Final = "trashed"


@dataclass(frozen=True, slots=True)
class Listed:
    """A photo on a page: its posting and its state."""

    posting: Posting
    status: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some photos of a list, and where it goes on; None at its end."""

    items: Sequence[Listed]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One list of one owner's photos."""

    owner_id: OwnerId
    groups: Sequence[Group]
    since: str | None = None
    before: str | None = None
    """Bounds of the sort key."""
    fingerprint: str


def counted_as(term: Term) -> Term:
    """Return the term under which the bearers of `term` are counted."""
    return Term(tile_kind(len(term.value)), term.value) if term.kind == "area" else term


async def page_of(index: LibraryIndex, listing: Listing, *, after: str | None, limit: int) -> Page:
    """Return the photos of a list that come after a cursor.

    Raises:
        InvalidCursorError: The cursor is not one of this list's.
    """
    before = position(listing.fingerprint, after) if after else listing.before
    terms = {term for group in listing.groups for term in group.terms}
    if len(terms) > 1 and not terms.isdisjoint({TRASHED, _FAILED}):
        return Page([], None)  # such a photo bears no other term
    if len(listing.groups) == 1 and len(listing.groups[0].terms) == 1:
        lead, others, counts = listing.groups[0], [], None
    else:
        counts = await index.counts_of(
            listing.owner_id, {_PREPARED, *(counted_as(term) for group in listing.groups for term in group.terms)}
        )
        by_size = sorted(
            (sum(counts[counted_as(term)] for term in group.terms), number)
            for number, group in enumerate(listing.groups)
        )
        if by_size[0][0] == 0:
            return Page([], None)
        lead = listing.groups[by_size[0][1]]
        others = [listing.groups[number] for _, number in by_size[1:]]
    walk = _Walk(index, listing.owner_id, lead, since=listing.since, before=before)
    found, more = await walk.take(limit + 1, others)
    shown = found[:limit]
    if len(found) > limit:
        next_cursor: str | None = cursor(listing.fingerprint, shown[-1].sort_key)
    else:
        next_cursor = cursor(listing.fingerprint, walk.examined_to) if more and walk.examined_to else None
    return Page(await _listed(index, listing, shown, counts), next_cursor)


async def page_of_term(index: LibraryIndex, owner_id: OwnerId, term: Term, *, after: str | None, limit: int) -> Page:
    """Return the photos that bear one term, newest first, after a cursor.

    Raises:
        InvalidCursorError: The cursor is not one of this list's.
    """
    listing = Listing(owner_id=owner_id, groups=[Group((term,))], fingerprint=fingerprint(owner_id, term))
    return await page_of(index, listing, after=after, limit=limit)


async def _listed(
    index: LibraryIndex, listing: Listing, shown: Sequence[Posting], counts: dict[Term, int] | None
) -> list[Listed]:
    """Add the states; whatever is to be seen is ready but for the few photos still in the pipeline."""
    terms = {term for group in listing.groups for term in group.terms}
    for term, status in ((TRASHED, TRASHED_STATUS), (_FAILED, PhotoStatus.FAILED.value)):
        if term in terms:
            return [Listed(posting, status) for posting in shown]
    if counts is None:
        counts = await index.counts_of(listing.owner_id, [_PREPARED])
    waiting: set[str] = set()
    if counts[_PREPARED]:
        waiting = await _bearers(index, listing.owner_id, Group((_PREPARED,)), shown)
    return [
        Listed(posting, (PhotoStatus.PREPARED if posting.sort_key in waiting else PhotoStatus.READY).value)
        for posting in shown
    ]


async def _bearers(index: LibraryIndex, owner_id: OwnerId, group: Group, candidates: Sequence[Posting]) -> set[str]:
    """Return the sort keys of the candidates that belong to a group; what their postings show is not read."""
    found = {posting.sort_key for posting in candidates if group.borne(posting)}
    open_keys = [posting.sort_key for posting in candidates if posting.sort_key not in found]
    answers = await asyncio.gather(
        *(
            index.bearing(owner_id, term, open_keys[start : start + MOST_KEYS])
            for term in group.unsettled
            for start in range(0, len(open_keys), MOST_KEYS)
        )
    )
    return found | {key for answer in answers for key, posting in answer.items() if group.admits(posting)}


class _Walk:
    """A walk down the merged lists of the leading group."""

    def __init__(
        self, index: LibraryIndex, owner_id: OwnerId, lead: Group, *, since: str | None, before: str | None
    ) -> None:
        self._index = index
        self._owner_id = owner_id
        self._lead = lead
        self._since = since
        self._before = before
        self.examined_to: str | None = None
        """The sort key that was examined last."""
        self._read = 0

    async def take(self, most: int, others: Sequence[Group]) -> tuple[list[Posting], bool]:
        """Return up to `most` photos that belong to all groups, and whether there may be more."""
        found: list[Posting] = []
        looked_up = 0
        async for batch in self._batches(most):
            survivors = batch
            for group in others:
                looked_up += len(survivors) * len(group.unsettled)
                bearers = await _bearers(self._index, self._owner_id, group, survivors)
                survivors = [posting for posting in survivors if posting.sort_key in bearers]
            found += survivors
            if len(found) >= most:
                return found[:most], True
            if self._read >= MOST_EXAMINED or looked_up >= _MOST_LOOKED_UP:
                return found, True
        return found, False

    async def _batches(self, size: int) -> AsyncIterator[list[Posting]]:
        """Yield runs of postings that the leading group admits, newest first, each photo once."""
        batch: list[Posting] = []
        examined = 0
        last_key = ""
        async for posting in self._merged(size):
            examined += 1
            if self._lead.admits(posting) and posting.sort_key != last_key:
                batch.append(posting)
                last_key = posting.sort_key
            self.examined_to = posting.sort_key
            if len(batch) >= size or examined >= MOST_EXAMINED:
                yield batch
                batch, examined, size = [], 0, max(size, _RUN)  # the first run may be enough
        if batch:
            yield batch

    async def _merged(self, size: int) -> AsyncIterator[Posting]:
        """Yield the postings of all the group's terms, newest first."""
        run = max(size // len(self._lead.terms) + 1, 8) if len(self._lead.terms) > 1 else size
        run = max(run, _RUN) if self._lead.is_picky else run
        sources = [self._source(term, run) for term in self._lead.terms]
        heads = await asyncio.gather(*(anext(source, None) for source in sources))
        # Python's heap yields the smallest first, so the keys are compared backwards.
        heap = [(_Newest(head.sort_key), number, head) for number, head in enumerate(heads) if head]
        heapq.heapify(heap)
        while heap:
            _, number, posting = heap[0]
            yield posting
            following = await anext(sources[number], None)
            if following:
                heapq.heapreplace(heap, (_Newest(following.sort_key), number, following))
            else:
                heapq.heappop(heap)

    async def _source(self, term: Term, run: int) -> AsyncIterator[Posting]:
        before = self._before
        while True:
            postings = await self._index.postings(self._owner_id, term, before=before, since=self._since, limit=run)
            self._read += len(postings)
            for posting in postings:
                yield posting
            if len(postings) < run:
                return
            before, run = postings[-1].sort_key, max(run, _RUN)


class _Newest(str):
    """A sort key that comes before older ones."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return str.__gt__(self, other)
