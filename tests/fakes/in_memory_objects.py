"""`Objects` and `AllPhotos` in memory."""

from collections.abc import AsyncIterator, Sequence

from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.service.orphans import StoredObject
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore


class InMemoryObjects:
    """Objects by key."""

    def __init__(self) -> None:
        self.objects: dict[str, StoredObject] = {}

    async def pages(self) -> AsyncIterator[Sequence[StoredObject]]:
        yield [self.objects[key] for key in sorted(self.objects)]

    async def is_there(self, key: str) -> bool:
        return key in self.objects

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
