"""What becomes of a photo that the pipeline cannot get any further."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from heliograph.photos import PhotoId, PhotoStatus
from heliograph_metadata.domain.photo import Photo, PhotoFailure, failed
from heliograph_metadata.service.photo_store import PhotoStore, change

PROCESSING_FAILED: Final = PhotoFailure(
    "processing-failed", "Processing this photo failed several times. You can try it again."
)


async def give_up(
    photos: PhotoStore, photo_id: PhotoId, *, stuck: PhotoStatus, now: Callable[[], datetime]
) -> Photo | None:
    """Make the photo a failed one that says so, unless it has got beyond `stuck` by now."""

    def step(photo: Photo) -> Photo:
        return failed(photo, PROCESSING_FAILED, at=now()) if photo.status is stuck else photo

    return await change(photos, photo_id, step)
