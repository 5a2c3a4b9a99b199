"""HTTP bodies of progress and of the event stream."""

from pydantic import BaseModel

from heliograph.photos import PhotoId, PhotoStatus
from heliograph_metadata.schemas.reading import ReadModel
from heliograph_metadata.service.progress import Progress


class ProgressResponse(ReadModel):
    awaiting_upload: int
    prepared: int
    ready: int
    failed: int
    total: int

    @classmethod
    def of(cls, progress: Progress) -> "ProgressResponse":
        """Return the wire form."""
        return cls.model_validate(progress)


class PhotoEvent(BaseModel):
    """The data of one server-sent event."""

    photo_id: PhotoId
    status: PhotoStatus
    version: int
