"""What a file turned out to hold, and why one cannot be taken in.

UnreadablePhotoError
├── SizeMismatchError       other bytes than announced: their number
├── ChecksumMismatchError   other bytes than announced: their SHA-256
├── NotAnImageError         no picture at all
├── UnsupportedFormatError  a picture, but of a kind that is not read
├── TooManyPixelsError      more pixels than are decoded
├── TruncatedImageError     the end is missing
├── DamagedImageError       the decoder gave up
├── TooComplexError         small on disk, but a bomb for whoever decodes it
└── ReadingTimeoutError     the decoder did not come to an end
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from heliograph.errors import UnprocessableError
from heliograph_metadata.domain.looks import Look


class UnreadablePhotoError(UnprocessableError):
    """The file cannot be taken in, now or later; its text is shown to the person who uploaded it."""

    code = "unreadable-photo"


class SizeMismatchError(UnreadablePhotoError):
    """The file has another size than was announced."""

    code = "size-mismatch"


class ChecksumMismatchError(UnreadablePhotoError):
    """The file has another SHA-256 than was announced."""

    code = "checksum-mismatch"


class NotAnImageError(UnreadablePhotoError):
    """The file holds no picture, whatever its name says."""

    code = "not-an-image"


class UnsupportedFormatError(UnreadablePhotoError):
    """The file is a picture of a kind that is not read."""

    code = "unsupported-format"


class TooManyPixelsError(UnreadablePhotoError):
    """The picture has more pixels than are decoded."""

    code = "too-many-pixels"


class TruncatedImageError(UnreadablePhotoError):
    """The end of the picture is missing."""

    code = "truncated-image"


class DamagedImageError(UnreadablePhotoError):
    """The picture begins like one, but cannot be decoded."""

    code = "damaged-image"


class TooComplexError(UnreadablePhotoError):
    """Decoding the picture would take more time or memory than any photo does."""

    code = "too-complex"


class ReadingTimeoutError(UnreadablePhotoError):
    """Reading the picture did not come to an end."""

    code = "reading-timeout"


UNREADABLE: Final = {kind.code: kind for kind in UnreadablePhotoError.__subclasses__()}
"""Every reason by its code, as it crosses from the reading process to the worker."""


@dataclass(frozen=True, slots=True)
class Exif:
    """What a camera wrote about a photo; None and empty where it wrote nothing believable."""

    taken_at: datetime | None = None
    """With an offset where one is known, else without: then it is the wall clock of the place."""
    latitude: float | None = None
    longitude: float | None = None
    """WGS 84, degrees; both or neither."""
    make: str = ""
    model: str = ""
    """Without the make in front of it."""
    lens: str = ""
    aperture: float | None = None
    """The f-number."""
    shutter_seconds: float | None = None
    iso: int | None = None
    focal_length_mm: float | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture once decoded: what it is, and its renditions, upright, in sRGB and without metadata."""

    content_type: str
    """By the bytes, whatever the file is called."""
    width_px: int
    height_px: int
    """Both of the upright original."""
    thumbnail: bytes
    """WebP."""
    preview: bytes
    """JPEG."""
    thumbhash: str
    """Base64."""
    look: Look | None
    exif: bytes
    """The EXIF block as it stands in the file, beginning with its TIFF header; empty where there is none."""


@dataclass(frozen=True, slots=True)
class PhotoContent:
    """All that one look at a file yields."""

    content_type: str
    width_px: int
    height_px: int
    thumbnail: bytes
    preview: bytes
    thumbhash: str
    exif: Exif
    look: Look | None = None
