"""The photos that a question shows: found in the lists that it reaches through, within its times and a bound."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.index import Posting
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.answers import answers_of, kind_of, reached
from heliograph_metadata.domain.questions.checks import AGAIN
from heliograph_metadata.domain.questions.memory import CHECK
from heliograph_metadata.domain.questions.question import Item, Question, Span
from heliograph_metadata.domain.terms import Term
from heliograph_metadata.service.library_index import LibraryIndex
from heliograph_metadata.service.photo_store import PhotoStore

SAMPLE: Final = 12
"""Photos that stand for a group."""
_PAGE: Final = 48
_LISTED_AT_MOST: Final = 960
"""Postings that are looked through for one question."""
_READ_AT_MOST: Final = 96
"""Photos that are read for one question."""
_LISTED_OF_ITEMS: Final = 6 * _PAGE
"""Postings that are looked through for all items of a question together; of each some at least, and a page at most."""
_LEAST_OF_AN_ITEM: Final = 6
_FEW_ITEMS: Final = 4
"""Of so few, one photo each would not say much."""
_REMEMBERED_SECONDS: Final = 30.0
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


class QuestionPhotos:
    """Looks up what questions show, and remembers it for half a minute."""

    def __init__(self, index: LibraryIndex, photos: PhotoStore, *, now: Callable[[], datetime]) -> None:
        self._index = index
        self._photos = photos
        self._now = now
        self._known: OrderedDict[tuple[OwnerId, str], tuple[Question, float, Shown]] = OrderedDict()

    async def of(self, owner_id: OwnerId, questions: Sequence[Question]) -> list[Shown]:
        """Return what is seen of each question."""
        return list(await asyncio.gather(*(self._remembered(owner_id, question) for question in questions)))

    async def _remembered(self, owner_id: OwnerId, question: Question) -> Shown:
        key = owner_id, question.question_id
        known = self._known.get(key)
        if known and known[0] == question and time.monotonic() < known[1]:
            return known[2]
        shown = await self._look_up(owner_id, question)
        self._known[key] = question, time.monotonic() + _REMEMBERED_SECONDS, shown
        self._known.move_to_end(key)
        while len(self._known) > _MOST_REMEMBERED or next(iter(self._known.values()))[1] <= time.monotonic():
            self._known.popitem(last=False)  # the oldest
        return shown

    async def _look_up(self, owner_id: OwnerId, question: Question) -> Shown:
        if question.kind == CHECK:
            found = await self._reached(owner_id, question, 2 * SAMPLE) if question.group == AGAIN else ()
            return Shown(sample=found[SAMPLE:] or found)  # others than the question itself has shown, where there are
        if question.items:
            items = await self._of_items(owner_id, question)
            few = len(question.items) <= _FEW_ITEMS
            sample = await self._reached(owner_id, question, SAMPLE) if few else tuple(items.values())[:SAMPLE]
            return Shown(sample=sample, items=items)
        found = await self._reached(owner_id, question, question.most or SAMPLE)
        return Shown(found, found[:SAMPLE]) if question.most else Shown(sample=found)

    async def _reached(self, owner_id: OwnerId, question: Question, wanted: int) -> tuple[Photo, ...]:
        """Return the newest photos that a question reaches, `wanted` at most."""
        found: dict[PhotoId, Photo] = {}
        read = 0
        async for ids in self._candidates(owner_id, question):
            fresh = [photo_id for photo_id in ids if photo_id not in found][: _READ_AT_MOST - read]
            read += len(fresh)
            found |= await self._meant(owner_id, question, fresh)
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
                    ids += [one.photo_id for one in postings if _may_be_meant(question, one)]
                    if len(ids) >= SAMPLE:
                        yield ids
                        ids = []
                    if len(postings) < _PAGE:
                        break
                    before = postings[-1].sort_key
        yield ids

    async def _of_items(self, owner_id: OwnerId, question: Question) -> dict[str, Photo]:
        limit = min(_PAGE, max(_LEAST_OF_AN_ITEM, _LISTED_OF_ITEMS // len(question.items)))

        async def one(item: Item) -> list[PhotoId]:
            postings = await self._index.postings(
                owner_id,
                Term("time", item.span.since[: len("2024-06")]),
                before=f"{item.span.until}{_LAST}",
                since=item.span.since,
                limit=limit,
            )
            return [posting.photo_id for posting in postings if _may_be_meant(question, posting)]

        listed = await asyncio.gather(*map(one, question.items))
        first = [photo_id for ids in listed for photo_id in ids[:1]]
        meant = await self._meant(owner_id, question, first)
        return {
            item.key: meant[ids[0]]
            for item, ids in zip(question.items, listed, strict=True)
            if ids and ids[0] in meant and item.span.holds(meant[ids[0]])
        }

    async def _meant(self, owner_id: OwnerId, question: Question, ids: Iterable[PhotoId]) -> dict[PhotoId, Photo]:
        there = await self._photos.get_many(list(ids))
        photos = [there[one] for one in ids if one in there and there[one].owner_id == owner_id]
        if question.kind == CHECK:
            asked = set(str(question.facts["answers"]).split())
            return {one.photo_id: one for one in photos if _is_changed_by(one, asked)}
        meant = set(reached(question, photos, at=self._now()))
        return {photo.photo_id: photo for photo in photos if photo.photo_id in meant}


def _term(text: str) -> Term:
    kind, _, value = text.partition(":")
    return Term(kind, value)


def _is_changed_by(photo: Photo, answer_ids: set[str]) -> bool:
    """Whether a photo is as one of some answers has made it."""
    return photo.trashed_at is None and any(
        not mark.undone and not answer_ids.isdisjoint(answers_of(mark.job_id)) for mark in photo.formers
    )


def _may_be_meant(question: Question, posting: Posting) -> bool:
    if question.kind == CHECK:
        return True
    card = posting.card
    point = (card.latitude, card.longitude) if card.latitude is not None and card.longitude is not None else None
    return kind_of(question).may_reach(question, point, posting.confidence)


def _stretches(term: str, spans: Sequence[Span]) -> list[tuple[str | None, str | None]]:
    """Return where in a list the photos of some spans lie, the newest first: its whole length, where there are none."""
    if not spans:
        return [(None, None)]
    kind, _, month = term.partition(":")
    held = [one for one in spans if kind != "time" or one.since[: len(month)] <= month <= one.until[: len(month)]]
    return [(f"{one.until}{_LAST}", one.since) for one in sorted(held, key=str, reverse=True)]
