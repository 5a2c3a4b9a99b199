"""Walks down several lists at once, newest first, and tests what it meets for the conditions of a search."""

import asyncio
import heapq
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from heliograph_metadata.domain.index import Posting
from heliograph_metadata.domain.search.conditions import (
    Candidate,
    Condition,
    Either,
    Every,
    Group,
    Not,
    groups_of,
    judge,
)
from heliograph_metadata.domain.search.values import TimeSpan
from heliograph_metadata.domain.terms import PREPARED, PRESENT, Term
from heliograph_metadata.service.budget import Reader

BATCH: Final = 200
"""Photos that are tested at a time where not all that are met will be shown."""

_FEWEST_READ: Final = 8
_READ_PER_LOOKUP: Final = 20
"""Postings that are read from a list at the price of one that is asked for by key."""
_SPARE: Final = 60


@dataclass(frozen=True, slots=True)
class Stream:
    """A term's list, within some spans of time that are apart from each other and in order."""

    term: Term
    spans: Sequence[TimeSpan]
    is_whole: bool = True
    """Whether a photo that the walk meets and that is not in this stream doesn't bear the term."""


class Walk:
    """A walk down merged lists; every photo is met once, with what its lists say of it."""

    def __init__(self, reader: Reader, streams: Sequence[Stream]) -> None:
        self._reader = reader
        self._streams = streams
        self._whole = [stream.term for stream in streams if stream.is_whole and stream.term != PRESENT]
        self.examined_to = ""
        """The sort key that was met last."""

    async def batches(self, size: int, *, all_are_shown: bool) -> AsyncIterator[list[Candidate]]:
        """Yield runs of candidates, newest first; the first of `size`, as that may be enough."""
        batch: list[Candidate] = []
        async for candidate in self._merged(size, all_are_shown=all_are_shown):
            batch.append(candidate)
            self.examined_to = candidate.sort_key
            if len(batch) >= size:
                yield batch
                batch, size = [], max(size, BATCH)
        if batch:
            yield batch

    async def _merged(self, size: int, *, all_are_shown: bool) -> AsyncIterator[Candidate]:
        run = max(size // len(self._streams) + 1, _FEWEST_READ) if len(self._streams) > 1 else size
        run = run if all_are_shown else max(run, BATCH // len(self._streams))
        sources = [self._source(stream, run) for stream in self._streams]
        if len(sources) == 1:  # nothing to wait for before a posting is known to be all of its photo
            term = self._streams[0].term
            async for posting in sources[0]:
                yield Candidate(posting.sort_key, posting.card, {term: posting})
            return
        heads = await asyncio.gather(*(anext(source, None) for source in sources))
        # Python's heap yields the smallest first, so the keys are compared backwards.
        heap = [(_Newest(head.sort_key), number, head) for number, head in enumerate(heads) if head]
        heapq.heapify(heap)
        candidate: Candidate | None = None
        while heap:
            _, number, posting = heap[0]
            if candidate is None or candidate.sort_key != posting.sort_key:
                if candidate:
                    yield candidate
                candidate = Candidate(posting.sort_key, posting.card, dict.fromkeys(self._whole))
            candidate.known[self._streams[number].term] = posting
            following = await anext(sources[number], None)
            if following:
                heapq.heapreplace(heap, (_Newest(following.sort_key), number, following))
            else:
                heapq.heappop(heap)
        if candidate:
            yield candidate

    async def _source(self, stream: Stream, run: int) -> AsyncIterator[Posting]:
        for span in reversed(stream.spans):
            before = span.before or None
            while True:
                postings = await self._reader.postings(stream.term, before=before, since=span.since or None, limit=run)
                for posting in postings:
                    yield posting
                if len(postings) < run:
                    break
                before, run = postings[-1].sort_key, max(run, min(2 * run, BATCH))


class Test:
    """Tests candidates for conditions, looking up as little as it can."""

    def __init__(
        self, reader: Reader, counts: Mapping[Term, int], *, met_of: int | None, with_all_reasons: bool
    ) -> None:
        """Take what is known of the lists.

        Args:
            reader: Reads them.
            counts: How many photos bear each term.
            met_of: How many photos the walk would meet in all; None where that is not known.
            with_all_reasons: Whether every term of a ranked group is looked up, not only until one is borne.
        """
        self._reader = reader
        self._counts = counts
        self._met_of = met_of
        self._with_all_reasons = with_all_reasons

    async def holding(self, condition: Condition, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Return the candidates for which a condition holds, in order."""
        match condition:
            case Every():
                found = list(candidates)
                for part in sorted(condition.parts, key=self._price):
                    found = await self.holding(part, found)
                return found
            case Either():
                held: set[str] = set()
                for part in sorted(condition.parts, key=self._price):
                    rest = [one for one in candidates if one.sort_key not in held]
                    held |= {one.sort_key for one in await self.holding(part, rest)}
                return [one for one in candidates if one.sort_key in held]
            case Not():
                barred = {one.sort_key for one in await self.holding(condition.part, candidates)}
                return [one for one in candidates if one.sort_key not in barred]
            case Group() if not condition.is_free:
                await self._learn(condition, candidates)
        return [one for one in candidates if judge(condition, one)]

    def _price(self, condition: Condition) -> tuple[int, int]:
        """Return an order of conditions: what is free, then what few photos fulfil, then what must not hold."""
        groups = [group for group in groups_of(condition) if not group.is_free]
        if not groups:
            return 0, 0
        photos = sum(self._counts.get(term, 0) for group in groups for term in group.terms)
        return (2 if isinstance(condition, Not) else 1), photos

    async def _learn(self, group: Group, candidates: Sequence[Candidate]) -> None:
        """Look up the terms of a group for the candidates of which it isn't known whether they belong to it."""
        all_reasons = self._with_all_reasons and group.is_ranked
        undecided = [one for one in candidates if all_reasons or judge(group, one) is None]
        if undecided:
            await asyncio.gather(*(self._learn_one(term, undecided) for term in group.terms))

    async def _learn_one(self, term: Term, candidates: Sequence[Candidate]) -> None:
        unknown = [one for one in candidates if term not in one.known]
        if not unknown:
            return
        found: Mapping[str, Posting]
        photos = self._counts.get(term)
        if photos == 0:
            found = {}
        elif term == PREPARED:
            waiting = await self._reader.still_prepared([one.sort_key for one in unknown])
            found = {one.sort_key: Posting(one.sort_key, one.card) for one in unknown if one.sort_key in waiting}
        elif photos is not None and (expected := self._expected(photos, len(candidates))) is not None:
            found = await self._by_range(term, unknown, expected)
        else:
            found = await self._reader.bearing(term, [one.sort_key for one in unknown])
        for one in unknown:
            one.known[term] = found.get(one.sort_key)

    def _expected(self, photos: int, candidates: int) -> int | None:
        """Return about how many postings lie between the candidates, where reading them is cheaper than asking."""
        in_between = photos if self._met_of is None else photos * candidates // max(self._met_of, 1) + 1
        expected = min(photos, in_between)
        return expected if expected <= candidates * _READ_PER_LOOKUP else None

    async def _by_range(self, term: Term, unknown: Sequence[Candidate], expected: int) -> dict[str, Posting]:
        """Read the part of a list that lies between the first and the last candidate."""
        limit = 2 * expected + _SPARE
        first, last = unknown[0].sort_key, unknown[-1].sort_key
        postings = await self._reader.postings(term, before=f"{first}~", since=last, limit=limit)
        found = {posting.sort_key: posting for posting in postings}
        if len(postings) == limit:  # there are more of them than expected
            rest = [one.sort_key for one in unknown if one.sort_key < postings[-1].sort_key]
            found |= await self._reader.bearing(term, rest)
        return found


class _Newest(str):
    """A sort key that comes before older ones."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return str.__gt__(self, other)
