"""`Objects`, `AllPhotos` and `Belongings` in memory."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from heliograph.photos import OwnerId
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.service.orphans import StoredObject
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore


class InMemoryObjects:
    """Objects by key."""

    def __init__(self) -> None:
        self.objects: dict[str, StoredObject] = {}
        self.holding_thumbnails: set[str] = set()

    async def pages(self) -> AsyncIterator[Sequence[StoredObject]]:
        yield [self.objects[key] for key in sorted(self.objects)]

    async def is_there(self, key: str) -> bool:
        return key in self.objects

    async def holds_thumbnail(self, key: str) -> bool:
        return key in self.objects and key in self.holding_thumbnails

    async def remove(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.objects.pop(key, None)


class InMemoryAllPhotos:
    """One photo a page."""

    def __init__(self, photos: InMemoryPhotoStore) -> None:
        self._photos = photos

    async def pages(self) -> AsyncIterator[Sequence[Photo]]:
        for photo in list(self._photos.photos.values()):
            yield [photo]


class InMemoryBelongings:
    """Accounts, those that leave, and whose items of which table are."""

    def __init__(self, *accounts: OwnerId) -> None:
        self.there = set(accounts)
        self.leave: dict[OwnerId, datetime] = {}
        self.items: list[tuple[str, OwnerId]] = []

    async def accounts(self) -> frozenset[OwnerId]:
        return frozenset(self.there)

    async def leaving(self) -> Mapping[OwnerId, datetime]:
        return self.leave

    async def owners(self) -> AsyncIterator[tuple[str, Sequence[OwnerId]]]:
        for table, owner_id in self.items:
            yield table, [owner_id]
