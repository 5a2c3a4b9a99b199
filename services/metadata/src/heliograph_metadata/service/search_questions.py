"""The one question about a search: what to leave out, where it finds nothing; what halves it, where it finds much.

A search that is too long to be read is sampled: from each of some stretches of time, with about as many of the
library's photos, some hits are read, and stand for the others of their stretch.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from heliograph.photos import OwnerId
from heliograph_metadata.domain.questions.kinds.label import LEAST_SHOWN, LabelKind, most_doubted
from heliograph_metadata.domain.search.conditions import Condition, groups_of
from heliograph_metadata.domain.search.halving import BROAD, Met, Split, best_split, narrowed
from heliograph_metadata.domain.search.loosening import Way, ways
from heliograph_metadata.domain.search.needs import Filters
from heliograph_metadata.domain.search.parsing import parse
from heliograph_metadata.service.asked_questions import AskedQuestion
from heliograph_metadata.service.budget import MOST_LOOKUPS, MOST_POSTINGS, MOST_REQUESTS, Budget
from heliograph_metadata.service.library_index import Count, LibraryIndex
from heliograph_metadata.service.listing import Listed, Listing, Page, page_of
from heliograph_metadata.service.memories import Memories
from heliograph_metadata.service.photo_store import PhotoStore
from heliograph_metadata.service.question_photos import Shown
from heliograph_metadata.service.search import Search

MOST_EXAMINED: Final = 200
"""Photos of a search that are read to find the question about it."""
MOST_WAYS_SHOWN: Final = 3
_STRETCHES: Final = 8
_DOUBTFUL_SHARE: Final = 1 / 3
"""Of the photos of a search; where fewer are doubtful nobody is asked about them."""
_DAYS_OF_A_MONTH: Final = 31


@dataclass(frozen=True, slots=True)
class Choice:
    """One tap: a search that is made instead."""

    says: str
    text: str
    photos: int
    """That it finds; where it is `about` so many, or more, see the question."""
    leaves_out: tuple[str, ...] = ()
    """Parameters beside the text that are no longer asked for."""


@dataclass(frozen=True, slots=True)
class SearchQuestion:
    """What is asked about a search."""

    about: str
    """`empty`, `broad` or `uncertain`."""
    prompt: str
    why: str
    choices: Sequence[Choice]
    asks: AskedQuestion | None = None
    """Of an uncertain search: a question of its photos, the most doubtful first, that is answered as any other is."""
    is_estimate: bool = False
    """Whether the numbers are reckoned from a sample, or are the least that it can be."""
    bits: float = 0.0
    value: float = 0.0
    """Bits that an answer is expected to bring, and those a second."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    since: str
    before: str
    months: Sequence[Count]


class SearchQuestions:
    """Finds the question about a search."""

    def __init__(
        self,
        index: LibraryIndex,
        photos: PhotoStore,
        search: Search,
        memories: Memories,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._index = index
        self._photos = photos
        self._search = search
        self._memories = memories
        self._now = now

    async def question(self, owner_id: OwnerId, text: str, filters: Filters) -> SearchQuestion | None:
        """Return the question about a search that is worth most; None where it is good as it is.

        Raises:
            InvalidQueryError: The text can't be understood.
        """
        condition = await self._search.meaning(owner_id, parse(text), filters)
        met, is_complete = await self._met(owner_id, condition)
        if not met:
            return await self._less(owner_id, text, filters) if is_complete else None
        if sum(one.stands_for for one in met) > BROAD and (
            split := best_split(met, min_confidence=filters.min_confidence)
        ):
            return _halving(text, split, is_estimate=not is_complete)
        return await self._doubted(owner_id, condition, met)

    async def _doubted(self, owner_id: OwnerId, condition: Condition, met: Sequence[Met]) -> SearchQuestion | None:
        """Return whether what a search asks for is on the photos on which that is doubtful, if that is many of them."""
        asked = {
            sense.term.value
            for group in groups_of(condition, also_negated=False)
            for sense in group.senses.values()
            if sense.term.kind == "label"
        }
        label, doubtful = most_doubted([one.photo for one in met], asked)
        if len(doubtful) < max(LEAST_SHOWN, _DOUBTFUL_SHARE * len(met)):
            return None
        memory = await self._memories.memory(owner_id)
        question = LabelKind().found(label, memory)
        if memory.is_silent(question, self._now()):
            return None
        return SearchQuestion(
            about="uncertain",
            prompt=question.prompt,
            why=f"Of {len(doubtful)} of these the network is not sure.",
            choices=(),
            asks=AskedQuestion(question, Shown(grid=tuple(doubtful[: question.most]))),
        )

    async def _met(self, owner_id: OwnerId, condition: Condition) -> tuple[list[Met], bool]:
        """Return what a search finds, or a sample of it, and whether that is all."""
        first = await self._page(owner_id, condition, limit=MOST_EXAMINED)
        listed = [(one, 1.0) for one in first.items]
        if first.next_cursor:
            stretches = _stretches(await self._search.months(owner_id))
            of_each = await asyncio.gather(
                *(self._sampled(owner_id, condition, one, of=len(stretches)) for one in stretches)
            )
            listed = [one for some in of_each for one in some]
        photos = await self._photos.get_many([one.posting.photo_id for one, _ in listed])
        met = [
            Met(photos[one.posting.photo_id], stands_for)
            for one, stands_for in listed
            if one.posting.photo_id in photos
        ]
        return met, first.next_cursor is None

    async def _sampled(
        self, owner_id: OwnerId, condition: Condition, stretch: _Stretch, *, of: int
    ) -> list[tuple[Listed, float]]:
        """Return the newest hits of a stretch of time, and for how many hits of it each stands."""
        page = await self._page(owner_id, condition, stretch, limit=MOST_EXAMINED // of, of=of)
        if not page.items:
            return []
        stands_for = 1.0
        if page.next_cursor:
            passed = max(_newer(stretch.months, page.items[-1].posting.sort_key), len(page.items))
            stands_for = max(1.0, sum(month.photos for month in stretch.months) / passed)
        return [(one, stands_for) for one in page.items]

    async def _page(
        self,
        owner_id: OwnerId,
        condition: Condition,
        stretch: _Stretch | None = None,
        *,
        limit: int,
        of: int = 1,
    ) -> Page:
        listing = Listing(
            owner_id=owner_id,
            groups=[condition],
            since=(stretch and stretch.since) or None,
            before=(stretch and stretch.before) or None,
            fingerprint="question",
            budget=Budget(MOST_REQUESTS // of, MOST_POSTINGS // of, MOST_LOOKUPS // of),
        )
        return await page_of(self._index, listing, after=None, limit=limit)

    async def _less(self, owner_id: OwnerId, text: str, filters: Filters) -> SearchQuestion | None:
        """Return what finds something where the whole search finds nothing, what loses least first."""
        query = parse(text)
        possible = ways(query, filters, await self._search.vocabulary(owner_id, query, filters))
        pages = await asyncio.gather(*(self._found(owner_id, way, of=len(possible)) for way in possible))
        found = [(way, page) for way, page in zip(possible, pages, strict=True) if page.items]
        found.sort(key=lambda one: (one[0].harm, len(one[1].items)))
        if not found:
            return None
        shown = found[:MOST_WAYS_SHOWN]
        return SearchQuestion(
            about="empty",
            prompt="Ask for a little less?",
            why="No photo has all of it.",
            choices=[Choice(way.says, way.text, len(page.items), way.leaves_out) for way, page in shown],
            is_estimate=any(page.next_cursor for _, page in shown),
        )

    async def _found(self, owner_id: OwnerId, way: Way, *, of: int) -> Page:
        condition = await self._search.meaning(owner_id, parse(way.text), way.filters)
        return await self._page(owner_id, condition, limit=MOST_EXAMINED, of=of)


def _halving(text: str, split: Split, *, is_estimate: bool) -> SearchQuestion | None:
    yes, no = narrowed(text, split.yes), narrowed(text, split.no)
    if yes is None or no is None:
        return None
    return SearchQuestion(
        about="broad",
        prompt=split.prompt,
        why="It halves what was found.",
        choices=[Choice("Yes", yes, split.photos_yes), Choice("No", no, split.photos_no)],
        is_estimate=is_estimate,
        bits=split.bits,
        value=split.value,
    )


def _stretches(months: Sequence[Count]) -> list[_Stretch]:
    """Return stretches of whole months, oldest first, with about as many photos each."""
    total = sum(month.photos for month in months)
    parts: list[list[Count]] = []
    passed = 0
    for month in months:
        if len(parts) * total <= passed * _STRETCHES:
            parts.append([])
        parts[-1].append(month)
        passed += month.photos
    starts = [part[0].value for part in parts]
    return [
        _Stretch(since, before, part)
        for since, before, part in zip(["", *starts[1:]], [*starts[1:], ""], parts, strict=True)
    ]


def _newer(months: Sequence[Count], sort_key: str) -> float:
    """Return about how many photos of some months are newer than one, as if those of a month lay evenly in it."""
    month, day = sort_key[:7], int(sort_key[8:10])
    newer = sum(one.photos for one in months if one.value > month)
    return newer + sum(one.photos for one in months if one.value == month) * (1 - (day - 1) / _DAYS_OF_A_MONTH)
