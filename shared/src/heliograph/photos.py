"""What upload and metadata both know of a photo: its id, its states, its keys in S3 and its admission."""

import hashlib
import re
from base64 import b32encode
from datetime import datetime
from enum import StrEnum
from typing import NewType

from pydantic import BaseModel, ConfigDict, Field

PhotoId = NewType("PhotoId", str)
OwnerId = NewType("OwnerId", str)

PHOTO_ID_PATTERN = r"^[a-z2-7]{26}$"
RENDITIONS = "renditions"
"""The prefix of what is made of photos; each prefix goes on with the owner's id."""
EXPORTS = "exports"
"""The prefix of what people take home."""


class PhotoStatus(StrEnum):
    """A photo's life; each arrow is taken once, forward.

    awaiting_upload ──► prepared ──► ready
           └───────────────┴──► failed      (retry leads back to awaiting_upload, a later look to ready)
    """

    AWAITING_UPLOAD = "awaiting_upload"
    PREPARED = "prepared"
    READY = "ready"
    FAILED = "failed"


class Lane(StrEnum):
    """Whether somebody waits for a photo, or it is one of the many of a bulk import or a reclassification."""

    INTERACTIVE = "interactive"
    BACKLOG = "backlog"


UNFINISHED = frozenset({PhotoStatus.AWAITING_UPLOAD, PhotoStatus.PREPARED})


class OriginalPrefix(StrEnum):
    """Where in the bucket originals lie: S3 tells each lane's queue of what comes under that lane's prefix."""

    ORIGINALS = "originals"
    IMPORTS = "imports"

    @classmethod
    def of_lane(cls, lane: Lane) -> "OriginalPrefix":
        """Return where the originals of a lane go."""
        return cls.ORIGINALS if lane is Lane.INTERACTIVE else cls.IMPORTS


class Admission(BaseModel):
    """What the uploader said of a photo; written once by the upload service, never changed."""

    model_config = ConfigDict(frozen=True)

    filename: str = Field(min_length=1, max_length=255)
    content_type: str
    size_bytes: int = Field(ge=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    file_modified_at: datetime | None = None
    lane: Lane = Lane.INTERACTIVE
    prefix: OriginalPrefix = Field(
        default=OriginalPrefix.ORIGINALS, description="Where its original goes; said since lanes have prefixes."
    )


def unfinished_key(lane: Lane, since: str) -> str:
    """Return where an unfinished photo stands in the sparse index of that name: those of the backlog behind the others.

    Args:
        lane: By which it goes.
        since: When it was admitted, as ISO 8601.
    """
    return since if lane is Lane.INTERACTIVE else f"{lane}#{since}"


def photo_id_of(owner_id: OwnerId, sha256: str) -> PhotoId:
    """Return the id that these bytes have in this library, the same each time they are offered.

    So a duplicate is a key that is there already, whoever asks first, with no index to race with.

    Returns:
        26 characters of base32 (130 bits of SHA-256 over owner and content hash), lower case.
    """
    digest = hashlib.sha256(f"{owner_id}:{sha256}".encode()).digest()
    return PhotoId(b32encode(digest[:17]).decode().lower()[:26])


def is_photo_id(text: str) -> bool:
    """Whether a photo can have this id."""
    return re.fullmatch(PHOTO_ID_PATTERN, text) is not None


def original_key(owner_id: OwnerId, photo_id: PhotoId, prefix: OriginalPrefix = OriginalPrefix.ORIGINALS) -> str:
    """Return where the untouched original lies in the bucket."""
    return f"{prefix}/{owner_id}/{photo_id}"


def original_keys(owner_id: OwnerId, photo_id: PhotoId) -> tuple[str, ...]:
    """Return everywhere that the original can lie."""
    return tuple(original_key(owner_id, photo_id, prefix) for prefix in OriginalPrefix)


def original_of(key: str) -> tuple[OwnerId, PhotoId, OriginalPrefix]:
    """Return what a key was made of by `original_key`.

    Raises:
        ValueError: It is no such key.
    """
    prefix, owner_id, photo_id = key.split("/")
    return OwnerId(owner_id), PhotoId(photo_id), OriginalPrefix(prefix)


def thumbnail_key(owner_id: OwnerId, photo_id: PhotoId) -> str:
    """Return where the thumbnail (WebP, 320 px short side) lies in the bucket."""
    return f"{RENDITIONS}/{owner_id}/{photo_id}/thumbnail.webp"


def preview_key(owner_id: OwnerId, photo_id: PhotoId) -> str:
    """Return where the preview (JPEG, 1440 px long side) lies in the bucket."""
    return f"{RENDITIONS}/{owner_id}/{photo_id}/preview.jpg"
