"""What kind of picture a file is, by its bytes and never by its name."""

from typing import Final

from heliograph_metadata.domain.media import NotAnImageError, UnsupportedFormatError

_SIGNATURES: Final = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
)
_BMP_HEADER_SIZES: Final = frozenset({12, 40, 52, 56, 64, 108, 124})
"""Of the header after the file's own: a text may begin with BM, too."""

_UNSUPPORTED_SIGNATURES: Final = (
    (b"II+\0", "BigTIFF"),
    (b"MM\0+", "BigTIFF"),
    (b"8BPS", "Photoshop"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"FUJIFILMCCD-RAW", "raw"),
    (b"IIRO", "raw"),
    (b"IIU\0", "raw"),
    (b"%PDF-", "PDF"),
    (b"\x1aE\xdf\xa3", "video"),
)
OPENED_AS: Final = {
    "JPEG": ("JPEG", "MPO"),
    "PNG": ("PNG",),
    "GIF": ("GIF",),
    "TIFF": ("TIFF",),
    "BMP": ("BMP",),
    "WEBP": ("WEBP",),
}
CONTENT_TYPES: Final = {name: f"image/{name.lower()}" for name in OPENED_AS}


def format_of(content: bytes) -> str:
    """Return what kind of picture these bytes begin as, by Pillow's name.

    Raises:
        UnsupportedFormatError: A picture or a film, but of a kind that is not read.
        NotAnImageError: Anything else.
    """
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    if content[:2] == b"BM" and int.from_bytes(content[14:18], "little") in _BMP_HEADER_SIZES:
        return "BMP"
    if content[4:8] == b"ftyp":
        brand = content[8:12].decode("ascii", "replace").strip()
        raise UnsupportedFormatError(f"HEIC, AVIF and films are not read yet (this file is “{brand}”).")
    for signature, name in _UNSUPPORTED_SIGNATURES:
        if content.startswith(signature):
            raise UnsupportedFormatError(f"This is a {name} file; that kind is not read.")
    for signature, name in _SIGNATURES:
        if content.startswith(signature):
            return name
    raise NotAnImageError("This file holds no picture, whatever its name says.")
