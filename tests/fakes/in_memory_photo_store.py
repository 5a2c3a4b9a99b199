"""A `PhotoStore` and the `LibraryIndex` that follows it, in memory."""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

from heliograph.photos import OwnerId, PhotoId, PhotoStatus
from heliograph_metadata.domain.index import Posting, borne, postings
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.sketched import SKETCH_KINDS
from heliograph_metadata.domain.terms import PREPARED, PRESENT, Term, is_counted, terms, year_of
from heliograph_metadata.service.library_index import Change, Count


class InMemoryPhotoStore:
    """The index is worked out anew at each question, so it is right by construction."""

    def __init__(self, photos: Iterable[Photo] = ()) -> None:
        self.photos = {photo.photo_id: photo for photo in photos}
        self.watchers: list[Callable[[Photo | None, Photo | None], None]] = []
        """Told of each save: the photo before it and after it."""

    async def get(self, photo_id: PhotoId) -> Photo | None:
        return self.photos.get(photo_id)

    async def get_many(self, photo_ids: Sequence[PhotoId]) -> dict[PhotoId, Photo]:
        return {photo_id: self.photos[photo_id] for photo_id in photo_ids if photo_id in self.photos}

    async def replace(self, photo: Photo, *, stored: Photo) -> bool:
        there = self.photos.get(photo.photo_id)
        if there is None or there.version != stored.version:
            return False
        self.photos[photo.photo_id] = photo
        self._tell(there, photo)
        return True

    async def remove(self, stored: Photo) -> bool:
        there = self.photos.get(stored.photo_id)
        if there is None or there.version != stored.version:
            return False
        del self.photos[stored.photo_id]
        self._tell(there, None)
        return True

    def _tell(self, before: Photo | None, after: Photo | None) -> None:
        for watcher in self.watchers:
            watcher(before, after)

    def _owned(self, owner_id: OwnerId) -> list[Photo]:
        return [photo for photo in self.photos.values() if photo.owner_id == owner_id]

    def _postings(self, owner_id: OwnerId, wanted: Term) -> list[Posting]:
        found = (
            posting
            for photo in self._owned(owner_id)
            for (term, _), posting in postings(photo).items()
            if is_of(term, wanted)
        )
        return sorted(found, key=lambda posting: posting.sort_key, reverse=True)

    async def postings(
        self,
        owner_id: OwnerId,
        term: Term,
        *,
        before: str | None,
        since: str | None,
        limit: int,
        consistent: bool = False,
    ) -> Sequence[Posting]:
        return [
            posting for posting in self._postings(owner_id, term) if (since or "") <= posting.sort_key < (before or "~")
        ][:limit]

    async def bearing(self, owner_id: OwnerId, term: Term, sort_keys: Sequence[str]) -> dict[str, Posting]:
        return {
            posting.sort_key: posting for posting in self._postings(owner_id, term) if posting.sort_key in sort_keys
        }

    async def still_prepared(self, owner_id: OwnerId, photo_ids: Collection[PhotoId]) -> frozenset[PhotoId]:
        return frozenset(
            photo.photo_id
            for photo in (await self.get_many(list(photo_ids))).values()
            if photo.owner_id == owner_id and PREPARED in terms(photo)
        )

    async def postings_from(self, owner_id: OwnerId, term: Term, *, after: str | None, limit: int) -> Sequence[Posting]:
        return [one for one in reversed(self._postings(owner_id, term)) if one.sort_key > (after or "")][:limit]

    async def counts(
        self, owner_id: OwnerId, kind: str, *, first: str = "", last: str | None = None, limit: int | None = None
    ) -> Sequence[Count]:
        bearing: dict[str, list[tuple[str, Photo]]] = {}
        for photo in self._owned(owner_id):
            for term, name in (borne(photo) if kind in SKETCH_KINDS else terms(photo)).items():
                if term.kind == kind and first <= term.value and (last is None or term.value <= last):
                    bearing.setdefault(term.value, []).append((name, photo))
        return [
            _count(kind, value, bearers, self._revision(owner_id, Term(kind, value)))
            for value, bearers in sorted(bearing.items())
        ][:limit]

    def _revision(self, owner_id: OwnerId, term: Term) -> int:
        if term.kind != "time":
            return 0
        shown = repr(self._postings(owner_id, term))
        return int.from_bytes(hashlib.sha256(shown.encode()).digest()[:6])

    async def counts_of(self, owner_id: OwnerId, wanted: Collection[Term]) -> dict[Term, int]:
        found = borne if any(term.kind in SKETCH_KINDS for term in wanted) else terms
        counts = Counter(term for photo in self._owned(owner_id) for term in found(photo) if is_counted(term))
        return {term: counts[term] for term in wanted}

    async def unfinished(self, owner_id: OwnerId, status: PhotoStatus) -> int:
        return sum(photo.is_unfinished and photo.status is status for photo in self._owned(owner_id))

    async def changes(self, owner_id: OwnerId, *, since: datetime, limit: int) -> Sequence[Change]:
        changed = sorted(self._owned(owner_id), key=lambda photo: photo.updated_at)
        return [
            Change(photo.photo_id, photo.status, photo.version, photo.updated_at)
            for photo in changed
            if photo.updated_at >= since
        ][:limit]


def is_of(term: Term, wanted: Term) -> bool:
    """Whether the list of a term is, or is a part of, the wanted one: the months' are parts of that of all photos."""
    return term.kind == "time" if wanted == PRESENT else term == wanted


def _count(kind: str, value: str, bearers: list[tuple[str, Photo]], revision: int) -> Count:
    name, newest = bearers[-1]
    if not kind.startswith("tile"):
        return Count(value, len(bearers), name or value, revision=revision)
    points = [photo.point for _, photo in bearers if photo.point]
    return Count(
        value,
        len(bearers),
        value,
        latitude=sum(point.latitude for point in points) / len(points),
        longitude=sum(point.longitude for point in points) / len(points),
        photo_id=newest.photo_id,
        years=Counter(year_of(photo) for _, photo in bearers),
    )
