"""`TrashedPhotos` over an `InMemoryPhotoStore`."""

from collections.abc import AsyncIterator
from datetime import datetime

from heliograph.photos import PhotoId
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore


class InMemoryTrashedPhotos:
    """Looks through all photos."""

    def __init__(self, photos: InMemoryPhotoStore) -> None:
        self._photos = photos

    async def due(self, *, before: datetime) -> AsyncIterator[PhotoId]:
        for photo in list(self._photos.photos.values()):
            if photo.purged_at or (photo.trashed_at and photo.trashed_at < before):
                yield photo.photo_id
