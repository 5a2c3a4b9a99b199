"""Pages of photos for which a condition holds, newest or most relevant first, at a bounded cost per page.

The condition that fewest photos fulfil leads: its lists are merged, and the others are tested for what it yields.
Where the budget stops a page early its cursor goes on from there, so a page may be short, even empty.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from heliograph.photos import OwnerId, PhotoStatus
from heliograph_metadata.domain.cursor import cursor, fingerprint, position
from heliograph_metadata.domain.errors import InvalidCursorError
from heliograph_metadata.domain.index import Posting
from heliograph_metadata.domain.search.conditions import (
    BANDS,
    FAILED,
    Candidate,
    Condition,
    Every,
    Group,
    Match,
    band,
    bands_of,
    groups_of,
    matches,
)
from heliograph_metadata.domain.search.values import TimeSpan
from heliograph_metadata.domain.terms import PREPARED, PRESENT, TRASHED, Term, is_listed, tile_kind
from heliograph_metadata.service.budget import Budget, Reader
from heliograph_metadata.service.library_index import LibraryIndex
from heliograph_metadata.service.plan import Lead, spans_of, streams_of
from heliograph_metadata.service.walk import BATCH, Test, Walk

GATHERED: Final = 500
"""A search that at most so many photos can fulfil is read whole and sorted; a longer one is walked band by band."""

_RANKED_PLACE: Final = re.compile(r"([0-7])\|(.*)", re.DOTALL)
TRASHED_STATUS: Final = "trashed"


@dataclass(frozen=True, slots=True)
class Listed:
    """A photo on a page: its posting, its state and why it is there."""

    posting: Posting
    status: str
    matches: tuple[Match, ...] = ()
    owner_id: OwnerId | None = None
    """Whose photo it is; None for whose list it is."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some photos of a list, and where it goes on; None at its end."""

    items: Sequence[Listed]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One list of one owner's photos."""

    owner_id: OwnerId
    groups: Sequence[Condition]
    """All must hold."""
    since: str | None = None
    before: str | None = None
    """Bounds of the sort key."""
    fingerprint: str
    by_relevance: bool = False
    budget: Budget = field(default_factory=Budget)

    @property
    def condition(self) -> Condition:
        """What must hold of a photo."""
        return self.groups[0] if len(self.groups) == 1 else Every(tuple(self.groups))

    @property
    def span(self) -> TimeSpan:
        """When a photo must have been taken."""
        return TimeSpan(self.since or "", self.before or "")


@dataclass(frozen=True, slots=True)
class _Hit:
    band: int
    candidate: Candidate


def counted_as(term: Term) -> Term:
    """Return the term under which the bearers of `term` are counted."""
    return Term(tile_kind(len(term.value)), term.value) if term.kind == "area" else term


async def page_of_term(index: LibraryIndex, owner_id: OwnerId, term: Term, *, after: str | None, limit: int) -> Page:
    """Return the photos that bear a term and come after a cursor, newest first.

    Raises:
        InvalidCursorError: The cursor is not one of this list's.
    """
    listing = Listing(owner_id=owner_id, groups=[Group((term,))], fingerprint=fingerprint(owner_id, term))
    return await page_of(index, listing, after=after, limit=limit)


async def page_of(index: LibraryIndex, listing: Listing, *, after: str | None, limit: int) -> Page:
    """Return the photos of a list that come after a cursor.

    Raises:
        InvalidCursorError: The cursor is not one of this list's.
    """
    return await _Paging(index, listing, limit).page(after)


class _Paging:
    """How one page is found."""

    def __init__(self, index: LibraryIndex, listing: Listing, limit: int) -> None:
        self._listing = listing
        self._condition = listing.condition
        self._limit = limit
        self._reader = Reader(index, listing.owner_id, listing.budget)
        self._counts: dict[Term, int] = {}

    async def page(self, after: str | None) -> Page:
        place = position(self._listing.fingerprint, after) if after else ""
        bands = sorted(bands_of(self._condition))
        is_ranked = self._listing.by_relevance
        first_band, before = _ranked_place(place) if is_ranked else (0, place)
        await self._count()
        spans = spans_of(self._condition, self._listing.span)
        lead = streams_of(self._condition, self._counts, spans)
        if not lead.streams or lead.photos == 0:
            return Page([], None)
        if not is_ranked:
            hits, rest = await self._newest(lead, before, None)
        elif lead.photos is not None and lead.photos <= GATHERED:
            hits, rest = await self._gathered(lead, first_band, before)
        else:
            hits, rest = await self._banded(spans, [one for one in bands if one >= first_band], first_band, before)
        return await self._page(hits, rest, is_ranked=is_ranked)

    @property
    def _is_listed(self) -> bool:
        """Whether all that is in the lists of the condition's terms fulfils it, and nothing else does."""
        one = self._condition
        return isinstance(one, Group) and not one.is_picky and all(map(is_listed, one.terms))

    async def _count(self) -> None:
        """Learn how many photos bear each term, as far as a choice depends on it."""
        senses = {
            term: sense.photos
            for group in groups_of(self._condition)
            for term, sense in group.senses.items()
            if sense.photos is not None
        }
        self._counts |= senses
        if isinstance(self._condition, Group):
            is_plain = len(self._condition.terms) == 1 and not self._listing.by_relevance and self._is_listed
            if is_plain or senses.keys() >= set(self._condition.terms):
                return
        asked = {term for group in groups_of(self._condition) for term in group.terms if term not in self._counts}
        found = await self._reader.counts_of({PREPARED, PRESENT, *map(counted_as, asked)})
        self._counts |= {term: found[counted_as(term)] for term in asked} | {
            PREPARED: found[PREPARED],
            PRESENT: found[PRESENT],
        }

    async def _newest(self, lead: Lead, before: str, wanted: int | None) -> tuple[list[_Hit], str]:
        """Return the newest hits before a sort key, of one band where that is given, and where the walk goes on."""
        hits: list[_Hit] = []
        walk = Walk(self._reader, lead.before(before))
        test = Test(self._reader, self._counts, met_of=lead.photos, with_all_reasons=wanted is not None)
        all_are_shown = self._is_listed and wanted is None
        async for batch in walk.batches(self._limit + 1, all_are_shown=all_are_shown):
            possible = batch if wanted is None else [one for one in batch if not lead.rules_out(one, wanted)]
            for candidate in await test.holding(self._condition, possible):
                found = band(self._condition, candidate) or 0 if wanted is not None else 0
                if wanted is None or found == wanted:
                    hits.append(_Hit(found, candidate))
            if len(hits) > self._limit:
                return hits, ""
            if self._reader.budget.is_spent:
                return hits, walk.examined_to
        return hits, ""

    async def _gathered(self, lead: Lead, first_band: int, before: str) -> tuple[list[_Hit], str]:
        """Return all hits that come after a place, the most relevant first."""
        walk = Walk(self._reader, lead.streams)
        test = Test(self._reader, self._counts, met_of=lead.photos, with_all_reasons=True)
        hits: list[_Hit] = []
        async for batch in walk.batches(BATCH, all_are_shown=False):
            hits += [
                _Hit(band(self._condition, candidate) or 0, candidate)
                for candidate in await test.holding(self._condition, batch)
            ]
        hits.sort(key=lambda hit: hit.candidate.sort_key, reverse=True)
        hits.sort(key=lambda hit: hit.band)
        after = [
            hit
            for hit in hits
            if hit.band > first_band or (hit.band == first_band and (not before or hit.candidate.sort_key < before))
        ]
        return after, ""

    async def _banded(
        self, spans: Sequence[TimeSpan], bands: Sequence[int], first_band: int, before: str
    ) -> tuple[list[_Hit], str]:
        """Return hits band by band, and where the walk goes on."""
        hits: list[_Hit] = []
        for one in bands:
            lead = streams_of(self._condition, self._counts, spans, wanted=one)
            if not lead.streams or lead.photos == 0:
                continue
            found, rest = await self._newest(lead, before if one == first_band else "", one)
            hits += found
            if len(hits) > self._limit:
                return hits, ""
            if rest:
                return hits, f"{one}|{rest}"
            if self._reader.budget.is_spent and one != bands[-1]:
                return hits, f"{one + 1}|"
        return hits, ""

    async def _page(self, hits: Sequence[_Hit], rest: str, *, is_ranked: bool) -> Page:
        shown = hits[: self._limit]
        if len(hits) > self._limit:
            last = shown[-1]
            rest = f"{last.band}|{last.candidate.sort_key}" if is_ranked else last.candidate.sort_key
        items = await self._listed([hit.candidate for hit in shown])
        return Page(items, cursor(self._listing.fingerprint, rest) if rest else None)

    async def _listed(self, shown: Sequence[Candidate]) -> list[Listed]:
        """Add the states; whatever is to be seen is ready but for the few photos still in the pipeline."""
        waiting = {one.sort_key for one in shown if one.known.get(PREPARED)}
        unsure = [one.sort_key for one in shown if PREPARED not in one.known and not _is_elsewhere(one)]
        if unsure:
            if PREPARED not in self._counts:
                self._counts |= await self._reader.counts_of([PREPARED])
            if self._counts[PREPARED]:
                waiting |= await self._reader.still_prepared(unsure)
        return [
            Listed(
                Posting(one.sort_key, one.card),
                _status_of(one, is_waiting=one.sort_key in waiting),
                tuple(matches(self._condition, one)),
            )
            for one in shown
        ]


def _is_elsewhere(candidate: Candidate) -> bool:
    """Whether it is in the trash or has failed, which says its state."""
    return bool(candidate.known.get(TRASHED) or candidate.known.get(FAILED))


def _status_of(candidate: Candidate, *, is_waiting: bool) -> str:
    if candidate.known.get(TRASHED):
        return TRASHED_STATUS
    if candidate.known.get(FAILED):
        return PhotoStatus.FAILED.value
    return (PhotoStatus.PREPARED if is_waiting else PhotoStatus.READY).value


def _ranked_place(place: str) -> tuple[int, str]:
    if not place:
        return BANDS.start, ""
    found = _RANKED_PLACE.fullmatch(place)
    if not found:
        raise InvalidCursorError("The cursor is not one of this list's; begin again without a cursor.")
    return int(found[1]), found[2]
