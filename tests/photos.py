"""Makes photos for tests: real ones from the registry packages with EXIF of our choosing, and files that are broken."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from struct import pack

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.TiffImagePlugin import IFDRational

from tools.test_photos import photo_path

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Exif:
    """What a camera would have written; None leaves the tag out."""

    taken_at: datetime | None = None
    """Local time; its offset, where it has one, becomes OffsetTimeOriginal."""
    make: str | None = None
    model: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    orientation: int | None = None
    lens: str | None = None

    def tags(self) -> Image.Exif:
        """Return the tags in the form that Pillow saves."""
        exif = Image.Exif()
        for tag, value in (
            (Base.Make, self.make),
            (Base.Model, self.model),
            (Base.Orientation, self.orientation),
        ):
            if value is not None:
                exif[tag] = value
        exif.get_ifd(IFD.Exif).update(self._exposure())
        if self.latitude is not None and self.longitude is not None:
            exif.get_ifd(IFD.GPSInfo).update(_gps(self.latitude, self.longitude))
        return exif

    def _exposure(self) -> Mapping[int, object]:
        tags: dict[int, object] = {
            Base.FNumber: IFDRational(28, 10),
            Base.ExposureTime: IFDRational(1, 250),
            Base.ISOSpeedRatings: 200,
            Base.FocalLength: IFDRational(35, 1),
        }
        if self.lens is not None:
            tags[Base.LensModel] = self.lens
        if self.taken_at is not None:
            tags[Base.DateTimeOriginal] = self.taken_at.strftime("%Y:%m:%d %H:%M:%S")
            if (offset := self.taken_at.strftime("%z")) != "":
                tags[Base.OffsetTimeOriginal] = f"{offset[:3]}:{offset[3:5]}"
        return tags


def _gps(latitude: float, longitude: float) -> Mapping[int, object]:
    return {
        GPS.GPSLatitudeRef: "N" if latitude >= 0 else "S",
        GPS.GPSLatitude: _degrees_minutes_seconds(latitude),
        GPS.GPSLongitudeRef: "E" if longitude >= 0 else "W",
        GPS.GPSLongitude: _degrees_minutes_seconds(longitude),
    }


def _degrees_minutes_seconds(angle: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    ten_thousandths = round(abs(angle) * 3600 * 10_000)
    degrees, rest = divmod(ten_thousandths, 3600 * 10_000)
    minutes, seconds = divmod(rest, 60 * 10_000)
    return IFDRational(degrees, 1), IFDRational(minutes, 1), IFDRational(seconds, 10_000)


def a_jpeg(
    name: str = "bus.jpg", *, exif: Exif | None = None, size_px: tuple[int, int] | None = None, quality: int = 88
) -> bytes:
    """Return a registry photo as a JPEG of its own with the given EXIF; `size_px` stretches it."""
    with Image.open(photo_path(name)) as opened:
        image = opened.convert("RGB")
    if size_px is not None:
        image = image.resize(size_px)
    return encoded(image, exif or Exif(), quality)


def encoded(image: Image.Image, exif: Exif, quality: int) -> bytes:
    """Return the image as a JPEG with that EXIF."""
    file = BytesIO()
    image.save(file, "JPEG", quality=quality, exif=exif.tags())
    return file.getvalue()


def unlike(content: bytes, number: int) -> bytes:
    """Return the same JPEG with another hash: `number` as a comment before its end."""
    comment = f"copy {number}".encode()
    return content[:2] + b"\xff\xfe" + pack(">H", len(comment) + 2) + comment + content[2:]


def text_named_jpg() -> bytes:
    """Return what is no image at all."""
    return b"Dear diary, this is no photo, whatever my name says.\n" * 40


def a_truncated_jpeg() -> bytes:
    """Return the first half of a JPEG, as an interrupted copy leaves it."""
    whole = a_jpeg("china.jpg")
    return whole[: len(whole) // 2]


def a_png_bomb(side_px: int = 30_000) -> bytes:
    """Return a PNG of about 110 kB whose pixels, one bit each, claim `side_px` squared."""
    row = bytes(1 + (side_px + 7) // 8)
    packer = zlib.compressobj(9)
    pixels = b"".join(packer.compress(row) for _ in range(side_px)) + packer.flush()
    header = pack(">IIBBBBB", side_px, side_px, 1, 0, 0, 0, 0)
    return _PNG_SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return pack(">I", len(content)) + kind + content + pack(">I", zlib.crc32(kind + content))


def hex_sha256(content: bytes) -> str:
    """Return the hash that a client announces."""
    return sha256(content).hexdigest()


def like_a_webp(size_bytes: int) -> bytes:
    """Return what has the head and the length of a WebP, and no picture.

    Args:
        size_bytes: Of the whole; 12 at the least.
    """
    return pack("<4sI4s", b"RIFF", size_bytes - 8, b"WEBP").ljust(size_bytes, b"\x2a")
