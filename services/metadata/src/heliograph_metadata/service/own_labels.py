"""A person's own labels grow: what was learned from their ticks is looked for on new photos, and on those of its kind.

Everything is worked out of what is stored, so a step that comes twice, or after a crash, ends as if it had come once.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final, Protocol

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.index import Posting
from heliograph_metadata.domain.job import Job
from heliograph_metadata.domain.own_labels import (
    LEAST_TICKS,
    MOST_TICKS,
    OwnLabel,
    base_of,
    is_own,
    learned,
    likened,
    says,
)
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.terms import PRESENT, Term, label_term
from heliograph_metadata.service.in_turns import in_turns
from heliograph_metadata.service.library_index import LibraryIndex
from heliograph_metadata.service.photo_store import PhotoStore, change

MOST_COMPARED: Final = 400
"""Photos of the kind that are compared after a tick, the newest."""
MOST_OWN: Final = 50
"""Own labels of one person that are looked for; of more the first by name."""
_AT_ONCE: Final = 32


class OwnLabelStore(Protocol):
    """Where it is kept how each of a person's own labels is told.

    tests/contract/test_own_label_store.py is its specification.
    """

    async def all(self, owner_id: OwnerId) -> Sequence[OwnLabel]:
        """Return a person's own labels by name, `MOST_OWN` at most."""

    async def put(self, owner_id: OwnerId, label: OwnLabel) -> None:
        """Keep one, in place of what was kept under its name, however that is written."""

    async def remove(self, owner_id: OwnerId, name: str) -> None:
        """Forget one, if it is there."""


class OwnLabelling:
    """Learns own labels and puts them on photos as doubtful ones, which are asked about before anybody trusts them."""

    def __init__(
        self, own: OwnLabelStore, photos: PhotoStore, index: LibraryIndex, *, now: Callable[[], datetime]
    ) -> None:
        self._own = own
        self._photos = photos
        self._index = index
        self._now = now

    async def liken(self, photo: Photo) -> Photo | None:
        """Put the own labels that a photo seems to bear on it, and return it; None where it is not there any more."""
        if photo.features is None or not (own := await self._own.all(photo.owner_id)):
            return photo
        return await change(self._photos, photo.photo_id, partial(likened, own=own, at=self._now()), known=photo)

    async def after(self, job: Job) -> None:
        """Learn anew what a job has said of own labels, or has taken back."""
        names = dict.fromkeys(
            label_term(name).value for name in (*job.edit.add_labels, *job.edit.reject_labels) if is_own(name)
        )
        for name in names:
            await self.learn(job.owner_id, name)

    async def learn(self, owner_id: OwnerId, name: str) -> None:
        """Learn one own label from all that the person has said of it, and compare the photos of its kind.

        It reads `MOST_TICKS` ticked photos and twice `MOST_COMPARED` others at most, whatever the library's size; but
        once nothing can be learned any more, the label is taken from every photo that seemed to bear it.
        """
        value = label_term(name).value
        ticked = await self._listed(owner_id, Term("confirmed", value), MOST_TICKS)
        ticked = [photo for photo in ticked if says(photo, value)]
        base = base_of(ticked) if len(ticked) >= LEAST_TICKS else ""
        of_kind: Sequence[Photo] = []
        if len(ticked) >= LEAST_TICKS:
            of_kind = await self._listed(owner_id, Term("label", base) if base else PRESENT, MOST_COMPARED)
        found = learned(value, ticked, of_kind)
        if found:
            await self._own.put(owner_id, found)
        else:
            await self._own.remove(owner_id, value)
        step = partial(likened, own=await self._own.all(owner_id), at=self._now())
        async for bearing in self._pages(owner_id, Term("label", value)):
            compared = {photo.photo_id: photo for photo in (*bearing, *of_kind) if not says(photo, value)}
            changed = [photo for photo in compared.values() if step(photo) is not photo]
            await in_turns([self._change(photo.photo_id, step, photo) for photo in changed], at_once=_AT_ONCE)
            if found:
                break

    def _change(
        self, photo_id: PhotoId, step: Callable[[Photo], Photo], known: Photo
    ) -> Callable[[], Awaitable[Photo | None]]:
        return lambda: change(self._photos, photo_id, step, known=known)

    async def _pages(self, owner_id: OwnerId, term: Term) -> AsyncIterator[list[Photo]]:
        """Yield the photos of a list, as they are now, `MOST_COMPARED` at a time; the first page also if empty."""
        before = None
        while True:
            postings = await self._postings(owner_id, term, MOST_COMPARED, before=before)
            yield await self._as_they_are(postings)
            if len(postings) < MOST_COMPARED:
                return
            before = postings[-1].sort_key

    async def _listed(self, owner_id: OwnerId, term: Term, most: int) -> list[Photo]:
        """Return the newest photos of a list, as they are now."""
        return await self._as_they_are(await self._postings(owner_id, term, most))

    async def _postings(
        self, owner_id: OwnerId, term: Term, most: int, *, before: str | None = None
    ) -> Sequence[Posting]:
        return await self._index.postings(owner_id, term, before=before, since=None, limit=most, consistent=True)

    async def _as_they_are(self, postings: Sequence[Posting]) -> list[Photo]:
        photos = await self._photos.get_many([posting.photo_id for posting in postings])
        return [photos[one.photo_id] for one in postings if one.photo_id in photos]
