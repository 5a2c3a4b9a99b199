"""A `SketchStore` in memory, over the photos of an `InMemoryPhotoStore`."""

from collections.abc import Collection, Iterable
from itertools import count

from heliograph.photos import OwnerId
from heliograph_metadata.domain.index import index_change
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.engine import Group
from heliograph_metadata.domain.questions.registry import KINDS
from heliograph_metadata.domain.questions.sketch import Sketch
from heliograph_metadata.domain.sketched import mark_of, sketch_terms, sketched
from heliograph_metadata.service.question_book import StaleGroup, StaleGroups
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore

_ORDER = [kind.name for kind in KINDS]


class InMemorySketchStore:
    """Sketches are worked out anew at each question; marks are set as photos are saved."""

    def __init__(self, photos: InMemoryPhotoStore) -> None:
        self._photos = photos
        self._numbers = count()
        self.marks: dict[OwnerId, dict[Group, str]] = {}
        self.sketches_read = 0
        photos.watchers.append(self._saved)

    def _saved(self, before: Photo | None, after: Photo | None) -> None:
        photo = after or before
        if photo:
            self._mark(photo.owner_id, sketched(index_change(before, after).counts))

    def _mark(self, owner_id: OwnerId, groups: Iterable[Group]) -> None:
        self.marks.setdefault(owner_id, {}).update({group: str(next(self._numbers)) for group in groups})

    async def stale(self, owner_id: OwnerId, *, limit: int) -> StaleGroups:
        found = [StaleGroup(group, mark) for group, mark in self.marks.get(owner_id, {}).items()]
        found.sort(key=lambda stale: (_ORDER.index(stale.group[0]), stale.group))
        return StaleGroups(0, tuple(found[:limit]))

    async def sketches(self, owner_id: OwnerId, generation: int, groups: Collection[Group]) -> dict[Group, Sketch]:
        found: dict[Group, dict[str, int]] = {group: {} for group in groups}
        self.sketches_read += len(found)
        for photo in self._photos.photos.values():
            for term in sketch_terms(photo) if photo.owner_id == owner_id else ():
                group, cell = mark_of(term)
                if group in found:
                    found[group][cell] = found[group].get(cell, 0) + 1
        return dict(found)

    async def mark_stale(self, owner_id: OwnerId, groups: Iterable[Group]) -> None:
        self._mark(owner_id, groups)

    async def clear(self, owner_id: OwnerId, generation: int, marks: Iterable[StaleGroup]) -> None:
        there = self.marks.get(owner_id, {})
        for stale in marks:
            if there.get(stale.group) == stale.mark:
                del there[stale.group]
