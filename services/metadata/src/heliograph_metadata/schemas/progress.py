"""HTTP bodies of progress and of the event stream."""

from pydantic import BaseModel, Field

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
    """The data of a server-sent event about a photo."""

    photo_id: PhotoId
    status: PhotoStatus
    version: int


class QuestionsEvent(BaseModel):
    """The data of a server-sent event that says that other questions may be asked now."""

    answers: int = Field(description="How often you have said something to a question, or taken it back.")
