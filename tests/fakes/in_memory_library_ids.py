"""`LibraryIds` over an `InMemoryPhotoStore`, a few at a time."""

from collections.abc import AsyncIterator, Sequence

from heliograph.photos import OwnerId, PhotoId
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore


class InMemoryLibraryIds:
    """Pages of two."""

    def __init__(self, photos: InMemoryPhotoStore) -> None:
        self._photos = photos

    async def ids_of(self, owner_id: OwnerId) -> AsyncIterator[Sequence[PhotoId]]:
        ids = sorted(photo.photo_id for photo in self._photos.photos.values() if photo.owner_id == owner_id)
        for start in range(0, max(len(ids), 1), 2):
            yield ids[start : start + 2]
