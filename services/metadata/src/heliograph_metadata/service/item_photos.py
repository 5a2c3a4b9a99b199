"""One photo of each of the things that a question is about at once, and what is remembered of them.

A question about a hundred stays is another one after each answer, though most of the stays are what they were. So a
photo is remembered by its stay, and read again after half a minute; the lists are read only where none is known. Nor
are a hundred lists read while somebody waits: first come those that are seen first.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.question import Item, Question
from heliograph_metadata.domain.terms import Term
from heliograph_metadata.service.library_index import LibraryIndex
from heliograph_metadata.service.meant_photos import MeantPhotos, may_be_meant

REMEMBERED_SECONDS: Final = 30.0
_MOST_REMEMBERED: Final = 2_000
_LISTED_OF_ITEMS: Final = 288
"""Postings that are looked through for all items of a question together; of each some at least, and a page at most."""
_LEAST_OF_AN_ITEM: Final = 6
_PAGE: Final = 48
_AT_ONCE: Final = 8
"""Lists that are read for one question; more at the same moment would keep the process from everybody else."""
_LAST: Final = "~"
"""What comes after whatever follows in a sort key."""


@dataclass(frozen=True, slots=True)
class PhotosOfItems:
    """What is seen of a question's items."""

    photos: Mapping[str, Photo] = field(default_factory=dict)
    """By the keys of items, in their order; of some there is none."""
    left: int = 0
    """How many items were not looked for yet."""


@dataclass(frozen=True, slots=True)
class _Known:
    item: Item
    photo: Photo | None
    until: float
    """When it is to be read again, in seconds of the clock."""

    def is_of(self, item: Item) -> bool:
        return (self.item.span, self.item.photos) == (item.span, item.photos)


class ItemPhotos:
    """Looks up one photo of each item."""

    def __init__(self, index: LibraryIndex, meant: MeantPhotos, *, clock: Callable[[], float]) -> None:
        self._index = index
        self._meant = meant
        self._clock = clock
        self._known: OrderedDict[tuple[OwnerId, str, str], _Known] = OrderedDict()

    async def of(self, owner_id: OwnerId, question: Question, *, most: int) -> PhotosOfItems:
        """Return the photos of a question's items.

        Args:
            owner_id: Whose question it is.
            question: About several things.
            most: So many items at the beginning are looked for where nothing is known of them yet.
        """
        found, former = self._remembered(owner_id, question)
        new: dict[str, Photo | None] = {**await self._first_meant(owner_id, question, former)}
        sought = [item for item in question.items[:most] if item.key not in found and item.key not in new]
        if sought:
            meant = await self._first_meant(owner_id, question, await self._listed(owner_id, question, sought))
            new |= {item.key: meant.get(item.key) for item in sought}
        self._remember(owner_id, question, new)
        found |= new
        photos = {item.key: photo for item in question.items if (photo := found.get(item.key))}
        return PhotosOfItems(photos, len(question.items) - len(found))

    def _remembered(self, owner_id: OwnerId, question: Question) -> tuple[dict[str, Photo | None], dict[str, PhotoId]]:
        """Return by the keys of items what is known of them, and the photos that have to be read again."""
        found: dict[str, Photo | None] = {}
        former: dict[str, PhotoId] = {}
        for item in question.items:
            key = owner_id, question.kind, item.key
            known = self._known.get(key)
            if known is None:
                continue
            self._known.move_to_end(key)
            if known.is_of(item) and self._clock() < known.until:
                found[item.key] = known.photo
            elif known.photo:
                former[item.key] = known.photo.photo_id
        return found, former

    def _remember(self, owner_id: OwnerId, question: Question, new: Mapping[str, Photo | None]) -> None:
        until = self._clock() + REMEMBERED_SECONDS
        for item in question.items:
            if item.key in new:
                key = owner_id, question.kind, item.key
                self._known[key] = _Known(item, new[item.key], until)
                self._known.move_to_end(key)
        while len(self._known) > _MOST_REMEMBERED:
            self._known.popitem(last=False)

    async def _first_meant(self, owner_id: OwnerId, question: Question, ids: Mapping[str, PhotoId]) -> dict[str, Photo]:
        """Return by the keys of items those of some photos that are meant by them."""
        meant = await self._meant.of(owner_id, question, ids.values())
        spans = {item.key: item.span for item in question.items}
        return {
            key: meant[photo_id]
            for key, photo_id in ids.items()
            if photo_id in meant and spans[key].holds(meant[photo_id])
        }

    async def _listed(self, owner_id: OwnerId, question: Question, items: Sequence[Item]) -> dict[str, PhotoId]:
        """Return by the keys of items a photo that the list of their month has within their times, if any."""
        limit = min(_PAGE, max(_LEAST_OF_AN_ITEM, _LISTED_OF_ITEMS // len(question.items)))
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(item: Item) -> PhotoId | None:
            async with turns:
                postings = await self._index.postings(
                    owner_id,
                    Term("time", item.span.since[: len("2024-06")]),
                    before=f"{item.span.until}{_LAST}",
                    since=item.span.since,
                    limit=limit,
                )
            return next((posting.photo_id for posting in postings if may_be_meant(question, posting)), None)

        listed = await asyncio.gather(*map(one, items))
        return {item.key: photo_id for item, photo_id in zip(items, listed, strict=True) if photo_id}
