"""What becomes of a photo when the models have looked at it."""

from collections.abc import Callable
from datetime import datetime

from heliograph.messages import PhotoClassified
from heliograph.photos import PhotoStatus
from heliograph_metadata.domain.labelling import classified, reclassified
from heliograph_metadata.domain.photo import CLASSIFICATION_FAILED, Features, Photo, PhotoFailure, failed
from heliograph_metadata.service.photo_store import PhotoStore, change


class LabelService:
    """Takes in what `inference` found. A message that comes twice, late or for no photo changes nothing."""

    def __init__(self, photos: PhotoStore, *, now: Callable[[], datetime]) -> None:
        self._photos = photos
        self._now = now

    async def label(self, message: PhotoClassified) -> Photo | None:
        """Store the labels, or why there are none, and return the photo; None where it is not there (any more).

        A photo is `failed` only where no model could look at it; one on which none saw anything is `ready`. A later
        look that fails leaves the photo as it was.
        """

        def step(photo: Photo) -> Photo:
            if photo.owner_id != message.owner_id:
                return photo
            sent = message.features
            features = Features(sent.space, sent.values) if sent else None
            if message.again is not None:
                return reclassified(
                    photo, message.labels, message.models, message.again, at=self._now(), features=features
                )
            if photo.status is not PhotoStatus.PREPARED:
                return photo
            if message.failure and not message.models:
                return failed(photo, PhotoFailure(CLASSIFICATION_FAILED, message.failure), at=self._now())
            return classified(photo, message.labels, message.models, at=self._now(), features=features)

        return await change(self._photos, message.photo_id, step)
