"""Files offered for upload: what is taken, what is refused and why, and what is made of their names."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

from heliograph.errors import HeliographError, InvalidError, TooLargeError, UnprocessableError
from heliograph.photos import Admission, Lane, OriginalPrefix, OwnerId, PhotoId, original_key

MAX_FILENAME_CHARACTERS = 200
_NAMELESS = "photo"
_MEBIBYTE = 1024 * 1024

# What curl and some browsers call a type that they don't know.
_UNTOLD_TYPES = frozenset({"", "application/octet-stream", "binary/octet-stream"})
_OTHER_NAMES_OF_TYPES = MappingProxyType(
    {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-ms-bmp": "image/bmp", "image/tif": "image/tiff"}
)
_TYPES_BY_EXTENSION = MappingProxyType(
    {
        "jpg": "image/jpeg",
        "jpeg": "image/jpeg",
        "png": "image/png",
        "webp": "image/webp",
        "gif": "image/gif",
        "tif": "image/tiff",
        "tiff": "image/tiff",
        "bmp": "image/bmp",
    }
)


class EmptyFileError(UnprocessableError):
    """The file holds no bytes."""

    code = "empty-file"


class FileTooLargeError(TooLargeError):
    """The file is larger than the largest that is taken."""

    code = "too-large"


class UnsupportedTypeError(UnprocessableError):
    """Files of this type are not taken."""

    code = "unsupported-type"


class MissingFileError(UnprocessableError):
    """The form has no file in its field `file`."""

    code = "missing-file"


class UnknownLaneError(UnprocessableError):
    """There is no such lane."""

    code = "unknown-lane"


class MalformedFormError(InvalidError):
    """The body is not the multipart/form-data that its header announces, or it breaks off."""

    code = "malformed-form"


class FileStatus(StrEnum):
    """What became of an offered file."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


@dataclass(frozen=True)
class UploadLimits:
    """What is taken."""

    max_bytes: int
    content_types: frozenset[str]


@dataclass(frozen=True)
class OfferedFile:
    """A file as its uploader describes it; nothing of it is trusted."""

    filename: str
    content_type: str
    size_bytes: int
    sha256: str
    file_modified_at: datetime | None = None
    lane: Lane = Lane.INTERACTIVE


@dataclass(frozen=True)
class NewPhoto:
    """A photo that has been admitted; its bytes are awaited."""

    photo_id: PhotoId
    owner_id: OwnerId
    admission: Admission
    admitted_at: datetime
    correlation_id: str

    @property
    def key(self) -> str:
        """Where its original goes in the bucket."""
        return original_key(self.owner_id, self.photo_id, self.admission.prefix)


@dataclass(frozen=True)
class PresignedUpload:
    """One PUT that S3 will take: exactly these headers, and the announced Content-Length."""

    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class FileAnswer:
    """What became of an offered file; `upload` says how to bring the bytes of an accepted one."""

    filename: str
    sha256: str
    status: FileStatus
    photo_id: PhotoId | None = None
    problem: HeliographError | None = None
    upload: PresignedUpload | None = None


def admission_of(offered: OfferedFile, limits: UploadLimits) -> Admission:
    """Return what is kept of an offered file.

    Raises:
        EmptyFileError, FileTooLargeError, UnsupportedTypeError: It is refused.
    """
    filename = safe_filename(offered.filename)
    return Admission(
        filename=filename,
        content_type=accepted_content_type(offered.content_type, filename, limits),
        size_bytes=accepted_size(offered.size_bytes, limits),
        sha256=offered.sha256,
        file_modified_at=offered.file_modified_at,
        lane=offered.lane,
        prefix=OriginalPrefix.of_lane(offered.lane),
    )


def accepted_size(size_bytes: int, limits: UploadLimits) -> int:
    """Return the size where such a file is taken.

    Raises:
        EmptyFileError, FileTooLargeError: It is not.
    """
    if size_bytes == 0:
        raise EmptyFileError("The file is empty.")
    if size_bytes > limits.max_bytes:
        raise FileTooLargeError(f"The file is larger than {limits.max_bytes / _MEBIBYTE:g} MiB.")
    return size_bytes


def accepted_content_type(offered: str, filename: str, limits: UploadLimits) -> str:
    """Return the media type in its usual spelling; where none is told, the one that the name's ending means.

    Raises:
        UnsupportedTypeError: It is not among those taken.
    """
    told = offered.partition(";")[0].strip().lower()
    if told in _UNTOLD_TYPES:
        told = _TYPES_BY_EXTENSION.get(filename.rpartition(".")[2].lower(), "")
    content_type = _OTHER_NAMES_OF_TYPES.get(told, told)
    if content_type not in limits.content_types:
        taken = ", ".join(sorted(limits.content_types))
        raise UnsupportedTypeError(f"Files of type {content_type or 'unknown'} are not taken; these are: {taken}.")
    return content_type


def safe_filename(offered: str) -> str:
    """Return a file name fit to be shown: no folders, no invisible characters, Unicode NFC, at most 200 characters.

    The ending survives the cut. It is for people's eyes; keys and types never come from it.
    """
    last = unicodedata.normalize("NFC", offered).replace("\\", "/").rstrip("/").rpartition("/")[2]
    visible = "".join(
        character for character in last if unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    ).strip()
    if visible in {"", ".", ".."}:
        return _NAMELESS
    excess = len(visible) - MAX_FILENAME_CHARACTERS
    if excess <= 0:
        return visible
    stem, dot, extension = visible.rpartition(".")
    return stem[:-excess] + dot + extension if len(stem) > excess else visible[:MAX_FILENAME_CHARACTERS]


def utc_now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)
