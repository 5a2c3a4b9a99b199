"""A `LibraryIndex` in memory that counts what is read."""

from collections.abc import Collection, Sequence

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.index import Posting, postings
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.terms import PRESENT, Term
from heliograph_metadata.service.library_index import Count
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore, is_of


class MeteredIndex(InMemoryPhotoStore):
    """Counts what is read of one owner; lists are kept, so that a large library answers quickly."""

    def __init__(self, photos: Sequence[Photo] = ()) -> None:
        super().__init__(photos)
        self.requests = 0
        self.postings_read = 0
        self.looked_up = 0
        self.counts_read = 0
        self._lists: dict[Term, list[Posting]] = {}
        self._counts: dict[str, Sequence[Count]] = {}

    def forget(self) -> None:
        """Count from nothing again."""
        self.requests = self.postings_read = self.looked_up = self.counts_read = 0

    def changed(self) -> None:
        """Make the lists anew: photos have changed."""
        self._lists, self._counts = {}, {}

    def _postings(self, owner_id: OwnerId, wanted: Term) -> list[Posting]:
        if not self._lists:
            for photo in self._owned(owner_id):
                for (term, _), posting in postings(photo).items():
                    self._lists.setdefault(term, []).append(posting)
            for listed in self._lists.values():
                listed.sort(key=lambda posting: posting.sort_key, reverse=True)
            self._lists[PRESENT] = sorted(
                (one for term, listed in self._lists.items() if is_of(term, PRESENT) for one in listed),
                key=lambda posting: posting.sort_key,
                reverse=True,
            )
        return self._lists.get(wanted, [])

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
        found = await super().postings(owner_id, term, before=before, since=since, limit=limit, consistent=consistent)
        self.requests += 1
        self.postings_read += len(found)
        return found

    async def bearing(self, owner_id: OwnerId, term: Term, sort_keys: Sequence[str]) -> dict[str, Posting]:
        self.requests += 1
        self.looked_up += len(sort_keys)
        wanted = set(sort_keys)
        return {one.sort_key: one for one in self._postings(owner_id, term) if one.sort_key in wanted}

    async def still_prepared(self, owner_id: OwnerId, photo_ids: Collection[PhotoId]) -> frozenset[PhotoId]:
        self.requests += 1
        self.looked_up += len(photo_ids)
        return await super().still_prepared(owner_id, photo_ids)

    async def counts_of(self, owner_id: OwnerId, wanted: Collection[Term]) -> dict[Term, int]:
        self.requests += 1
        counts = {term: await self._counted(owner_id, term.kind) for term in wanted}
        return {
            term: next((one.photos for one in of_kind if one.value == term.value), 0)
            for term, of_kind in counts.items()
        }

    async def counts(
        self, owner_id: OwnerId, kind: str, *, first: str = "", last: str | None = None, limit: int | None = None
    ) -> Sequence[Count]:
        self.requests += 1
        counts = await self._counted(owner_id, kind)
        found = [one for one in counts if first <= one.value and (last is None or one.value <= last)][:limit]
        self.counts_read += len(found)
        return found

    async def _counted(self, owner_id: OwnerId, kind: str) -> Sequence[Count]:
        if kind not in self._counts:
            self._counts[kind] = await super().counts(owner_id, kind)
        return self._counts[kind]
