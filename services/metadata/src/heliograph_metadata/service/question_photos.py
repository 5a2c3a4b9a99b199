"""The photos that a question shows: found in the lists that it reaches through, within its times and a bound."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.checks import AGAIN
from heliograph_metadata.domain.questions.memory import CHECK
from heliograph_metadata.domain.questions.question import Question, Span
from heliograph_metadata.domain.terms import Term
from heliograph_metadata.service.item_photos import REMEMBERED_SECONDS, ItemPhotos
from heliograph_metadata.service.library_index import LibraryIndex
from heliograph_metadata.service.meant_photos import MeantPhotos, may_be_meant
from heliograph_metadata.service.photo_store import PhotoStore

SAMPLE: Final = 12
"""Photos that stand for a group."""
_PAGE: Final = 48
_LISTED_AT_MOST: Final = 960
"""Postings that are looked through for one question."""
_READ_AT_MOST: Final = 96
"""Photos that are read for one question."""
_ITEMS_AT_FIRST: Final = SAMPLE
"""Items of which a photo is looked for before a page is answered."""
_FEW_ITEMS: Final = 4
"""Of so few, one photo each would not say much."""
_MOST_REMEMBERED: Final = 2_000
_LAST: Final = "~"
"""What comes after whatever follows in a sort key."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is seen of a question."""

    grid: tuple[Photo, ...] = ()
    """Of a grid: the photos that are asked about."""
    sample: tuple[Photo, ...] = ()
    """Some of the photos that it is about."""
    items: Mapping[str, Photo] = field(default_factory=dict)
    """By the key of an item, one of its photos."""
    left: int = 0
    """Items of which no photo was looked for yet: `QuestionPhotos.complete` does so."""


class QuestionPhotos:
    """Looks up what questions show, and remembers it for half a minute."""

    def __init__(
        self,
        index: LibraryIndex,
        photos: PhotoStore,
        *,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._index = index
        self._meant = MeantPhotos(photos, now=now)
        self._items = ItemPhotos(index, self._meant, clock=clock)
        self._clock = clock
        self._known: OrderedDict[tuple[OwnerId, str], tuple[Question, float, Shown]] = OrderedDict()

    async def of(self, owner_id: OwnerId, questions: Sequence[Question]) -> list[Shown]:
        """Return what is seen of each question; of one about many things not yet of all of them."""
        return list(await asyncio.gather(*(self._remembered(owner_id, one, _ITEMS_AT_FIRST) for one in questions)))

    async def complete(self, owner_id: OwnerId, questions: Iterable[Question]) -> None:
        """Look up what `of` has left out, so that it is there when it is asked again."""
        for question in questions:
            await self._remembered(owner_id, question, len(question.items))

    async def _remembered(self, owner_id: OwnerId, question: Question, most: int) -> Shown:
        key = owner_id, question.question_id
        known = self._known.get(key)
        if known and known[0] == question and self._clock() < known[1]:
            return known[2]
        shown = await self._look_up(owner_id, question, most)
        if shown.left:
            return shown
        self._known[key] = question, self._clock() + REMEMBERED_SECONDS, shown
        self._known.move_to_end(key)
        while len(self._known) > _MOST_REMEMBERED or next(iter(self._known.values()))[1] <= self._clock():
            self._known.popitem(last=False)  # the oldest
        return shown

    async def _look_up(self, owner_id: OwnerId, question: Question, most: int) -> Shown:
        if question.kind == CHECK:
            found = await self._reached(owner_id, question, 2 * SAMPLE) if question.group == AGAIN else ()
            return Shown(sample=found[SAMPLE:] or found)  # others than the question itself has shown, where there are
        if question.items:
            of_items = await self._items.of(owner_id, question, most=most)
            items = of_items.photos
            few = len(question.items) <= _FEW_ITEMS
            sample = await self._reached(owner_id, question, SAMPLE) if few else tuple(items.values())[:SAMPLE]
            return Shown(sample=sample, items=items, left=of_items.left)
        found = await self._reached(owner_id, question, question.most or SAMPLE)
        return Shown(found, found[:SAMPLE]) if question.most else Shown(sample=found)

    async def _reached(self, owner_id: OwnerId, question: Question, wanted: int) -> tuple[Photo, ...]:
        """Return the newest photos that a question reaches, `wanted` at most."""
        found: dict[PhotoId, Photo] = {}
        read = 0
        async for ids in self._candidates(owner_id, question):
            fresh = [photo_id for photo_id in ids if photo_id not in found][: _READ_AT_MOST - read]
            read += len(fresh)
            found |= await self._meant.of(owner_id, question, fresh)
            if len(found) >= wanted or read >= _READ_AT_MOST:
                break
        return tuple(found.values())[:wanted]

    async def _candidates(self, owner_id: OwnerId, question: Question) -> AsyncIterator[list[PhotoId]]:
        """Yield the photos that may be meant, by the little that lists say of them."""
        if takes := str(question.facts.get("takes", "")).split():
            yield [PhotoId(photo_id) for photo_id in takes]
            return
        listed = 0
        ids: list[PhotoId] = []
        for term in question.reach.terms:
            for end, since in _stretches(term, question.reach.spans):
                before = end
                while listed < _LISTED_AT_MOST:
                    postings = await self._index.postings(
                        owner_id, _term(term), before=before, since=since, limit=_PAGE
                    )
                    listed += len(postings)
                    ids += [one.photo_id for one in postings if may_be_meant(question, one)]
                    if len(ids) >= SAMPLE:
                        yield ids
                        ids = []
                    if len(postings) < _PAGE:
                        break
                    before = postings[-1].sort_key
        yield ids


def _term(text: str) -> Term:
    kind, _, value = text.partition(":")
    return Term(kind, value)


def _stretches(term: str, spans: Sequence[Span]) -> list[tuple[str | None, str | None]]:
    """Return where in a list the photos of some spans lie, the newest first: its whole length, where there are none."""
    if not spans:
        return [(None, None)]
    kind, _, month = term.partition(":")
    held = [one for one in spans if kind != "time" or one.since[: len(month)] <= month <= one.until[: len(month)]]
    return [(f"{one.until}{_LAST}", one.since) for one in sorted(held, key=str, reverse=True)]
