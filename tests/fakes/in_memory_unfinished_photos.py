"""`UnfinishedPhotos` over an `InMemoryPhotoStore`."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime

from heliograph.photos import PhotoId, PhotoStatus
from heliograph_metadata.service.reconcile import UnfinishedPhoto
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore


class InMemoryUnfinishedPhotos:
    """Counts by photo and state."""

    def __init__(self, photos: InMemoryPhotoStore) -> None:
        self._photos = photos
        self.then: Callable[[], None] = lambda: None
        """Called after the photos were listed, before anything is done about them."""
        self._resends: dict[tuple[PhotoId, PhotoStatus], tuple[int, datetime]] = {}

    async def all(self) -> AsyncIterator[UnfinishedPhoto]:
        photos = sorted(self._photos.photos.values(), key=lambda photo: photo.created_at)
        self.then()
        for photo in photos:
            if photo.is_unfinished:
                resends, resent_at = self._resends.get((photo.photo_id, photo.status), (0, None))
                yield UnfinishedPhoto(
                    photo_id=photo.photo_id,
                    owner_id=photo.owner_id,
                    status=photo.status,
                    created_at=photo.created_at,
                    updated_at=photo.updated_at,
                    correlation_id=photo.correlation_id,
                    resends=resends,
                    resent_at=resent_at,
                    lane=photo.lane,
                )

    async def count_resend(self, photo: UnfinishedPhoto, *, at: datetime) -> bool:
        stored = self._photos.photos.get(photo.photo_id)
        key = (photo.photo_id, photo.status)
        if stored is None or stored.status is not photo.status or self._resends.get(key, (0,))[0] != photo.resends:
            return False
        self._resends[key] = (photo.resends + 1, at)
        return True

    async def forget(self, photo: UnfinishedPhoto) -> bool:
        stored = self._photos.photos.get(photo.photo_id)
        if stored is None or stored.status is not PhotoStatus.AWAITING_UPLOAD or stored.version > 1:
            return False
        if stored.updated_at != photo.updated_at:
            return False
        del self._photos.photos[photo.photo_id]
        return True
