"""An `AdmissionStore` in memory."""

from collections.abc import Collection, Sequence

from heliograph.photos import PhotoId, PhotoStatus
from heliograph_upload.domain import NewPhoto


class InMemoryAdmissionStore:
    """Photos as they were admitted, and the status that each has come to."""

    def __init__(self) -> None:
        self.photos: dict[PhotoId, NewPhoto] = {}
        self.status: dict[PhotoId, str] = {}

    async def statuses(self, photo_ids: Collection[PhotoId]) -> dict[PhotoId, str]:
        return {photo_id: self.status[photo_id] for photo_id in photo_ids if photo_id in self.status}

    async def admit(self, photos: Sequence[NewPhoto]) -> dict[PhotoId, str]:
        there = await self.statuses([photo.photo_id for photo in photos])
        for photo in photos:
            if photo.photo_id not in there:
                self.photos[photo.photo_id] = photo
                self.status[photo.photo_id] = PhotoStatus.AWAITING_UPLOAD
        return there

    async def renew(self, photos: Collection[NewPhoto]) -> set[PhotoId]:
        awaiting = {
            photo.photo_id: photo for photo in photos if self.status.get(photo.photo_id) == PhotoStatus.AWAITING_UPLOAD
        }
        self.photos |= awaiting
        return set(awaiting)
