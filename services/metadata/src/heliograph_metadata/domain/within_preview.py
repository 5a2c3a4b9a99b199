"""Where a thumbnail lies that has no object of its own: behind the end of its preview, and found from the object's end.

preview (JPEG) │ thumbnail (WebP) │ its length, 4 bytes │ version, 1 byte │ magic, 11 bytes

What follows a JPEG's end marker is no part of the picture, and decoders leave it alone: so cameras append a video to a
photo. A preview of before ends with that marker, and so never with the magic, whatever else is in it.

Source: ITU-T T.81, B.1.1.3 (EOI) and B.2.1; "Motion Photo format 1.0", Android Developers. RIFF header: "WebP Container
Specification", Google.
"""

import struct
from enum import StrEnum
from typing import Final

_FOOTER: Final = struct.Struct("<IB11s")
_MAGIC: Final = b"heliograph\xff"
_VERSION: Final = 1
_RIFF: Final = struct.Struct("<4sI4s")
_RIFF_BEFORE_SIZE: Final = 8
_MOST_BYTES: Final = 2 * 1024 * 1024
"""Of a thumbnail; more than its pixels would take unpacked (1440 × 320, RGB)."""

USUAL_BYTES: Final = 64 * 1024
"""So much of an object's end holds nearly every thumbnail: they have 20 kB in the mean."""


class Thumbnails(StrEnum):
    """Where a deployment keeps thumbnails."""

    OBJECTS = "objects"
    WITHIN_PREVIEWS = "within-previews"


def with_thumbnail(preview: bytes, thumbnail: bytes) -> bytes:
    """Return the one object of both.

    Args:
        preview: A JPEG.
        thumbnail: A WebP.

    Raises:
        ValueError: The second is no whole WebP, or is larger than any thumbnail.
    """
    if not _is_webp(thumbnail) or len(thumbnail) > _MOST_BYTES:
        raise ValueError("a thumbnail is a WebP of two megabytes at the most")
    return preview + thumbnail + _FOOTER.pack(len(thumbnail), _VERSION, _MAGIC)


def bytes_wanted(tail: bytes) -> int | None:
    """Return how many bytes of an object's end hold its thumbnail and all that is behind it.

    Args:
        tail: Some bytes of the end, or all of them.

    Returns:
        None where the object ends otherwise: it is a preview alone.
    """
    if len(tail) < _FOOTER.size:
        return None
    length, version, magic = _FOOTER.unpack(tail[-_FOOTER.size :])
    if magic != _MAGIC or version != _VERSION or length > _MOST_BYTES:
        return None
    return int(length) + _FOOTER.size


def thumbnail_in(tail: bytes) -> bytes | None:
    """Return the thumbnail in an object's end; None where it is not there as a whole, or is none."""
    wanted = bytes_wanted(tail)
    if wanted is None or wanted > len(tail):
        return None
    thumbnail = tail[len(tail) - wanted : -_FOOTER.size]
    return thumbnail if _is_webp(thumbnail) else None


def _is_webp(content: bytes) -> bool:
    if len(content) < _RIFF.size:
        return False
    riff, size, kind = _RIFF.unpack(content[: _RIFF.size])
    return (riff, kind) == (b"RIFF", b"WEBP") and size + _RIFF_BEFORE_SIZE == len(content)
