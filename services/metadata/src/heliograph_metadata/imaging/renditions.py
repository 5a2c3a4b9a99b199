"""A picture's renditions, all from one decode that uses the JPEG decoder's own scaling."""

import io
import warnings
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final

import numpy as np
import simplejpeg
from PIL import Image
from PIL.ExifTags import Base as ExifTag
from PIL.Image import Resampling, Transpose

from heliograph_metadata.domain.looks import SIDE_PX, Look, look_of, sharpness_of
from heliograph_metadata.domain.media import (
    DamagedImageError,
    Picture,
    TooComplexError,
    TooManyPixelsError,
    TruncatedImageError,
    UnreadablePhotoError,
)
from heliograph_metadata.domain.thumbhash import LONGEST_SIDE_PX, thumbhash
from heliograph_metadata.imaging.colours import rgb, srgb
from heliograph_metadata.imaging.formats import CONTENT_TYPES, OPENED_AS, format_of

PREVIEW_LONG_SIDE_PX: Final = 1440
PREVIEW_QUALITY: Final = 80
THUMBNAIL_SHORT_SIDE_PX: Final = 320
THUMBNAIL_QUALITY: Final = 75
_WEBP_METHOD: Final = 2  # a fifth smaller than method 0 for 2 ms; method 4 takes twice the time for little more

MAX_SCANS: Final = 100
"""Cameras write up to 12 scans into a progressive JPEG; a bomb has thousands, each as long to decode as a photo."""

LARGE_PIXELS: Final = 24_000_000
"""Above it a picture that has to be decoded whole takes 100 MB and more."""

_STRIP_PIXELS: Final = 2_000_000
_ROWS_PER_SAMPLE: Final = 8
"""Of the preview's rows one is looked at for sharpness: all of them would take three times as long as the rest."""

_UPRIGHT: Final = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""EXIF orientation → what puts the stored pixels upright."""
_FIRST_SIDEWAYS: Final = 5


def preview_size(width_px: int, height_px: int) -> tuple[int, int]:
    """Return the size of a picture's preview: 1440 px on the long side, never more than there is."""
    return _scaled(width_px, height_px, min(1.0, PREVIEW_LONG_SIDE_PX / max(width_px, height_px)))


def thumbnail_size(width_px: int, height_px: int) -> tuple[int, int]:
    """Return the size of a picture's thumbnail: 320 px on the short side, never more than the preview has."""
    width_px, height_px = preview_size(width_px, height_px)
    return _scaled(width_px, height_px, min(1.0, THUMBNAIL_SHORT_SIDE_PX / min(width_px, height_px)))


def _scaled(width_px: int, height_px: int, scale: float) -> tuple[int, int]:
    return max(1, round(width_px * scale)), max(1, round(height_px * scale))


def picture_of(
    content: bytes,
    *,
    max_pixels: int,
    while_large: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> Picture:
    """Return what the picture is and its renditions; the first frame, where there are more.

    Args:
        content: A whole file.
        max_pixels: Pictures with more are refused before they are decoded.
        while_large: Entered while a picture is decoded that takes 100 MB and more.

    Raises:
        UnreadablePhotoError: One of its kinds but for those of size, checksum and process.
    """
    name = format_of(content)
    with _refusals():
        image = _opened(content, name, max_pixels=max_pixels)
        stored_size = image.size
        with while_large() if _is_large(image) else nullcontext():
            pixels = _jpeg_pixels(content, image) if name == "JPEG" else _pixels(image)
        # Only now: a PNG's metadata may follow its pixels. Pillow's TIFF reader turns the picture itself
        orientation = 1 if name == "TIFF" else _orientation(image)
        exif = content if name == "TIFF" else image.info.get("exif", b"").removeprefix(b"Exif\0\0")
        profile = image.info.get("icc_profile")
        preview = pixels.resize(preview_size(*stored_size), Resampling.HAMMING)
        if image.mode != "CMYK":  # whose profile made it RGB
            preview = srgb(preview, profile)
        if orientation in _UPRIGHT:
            preview = preview.transpose(_UPRIGHT[orientation])
        width_px, height_px = stored_size[::-1] if orientation >= _FIRST_SIDEWAYS else stored_size
        thumbnail = preview.resize(thumbnail_size(width_px, height_px), Resampling.HAMMING, reducing_gap=1.5)
        tiny = thumbnail.copy()
        tiny.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX), Resampling.BILINEAR)
        return Picture(
            content_type=CONTENT_TYPES[name],
            width_px=width_px,
            height_px=height_px,
            thumbnail=_encoded(thumbnail, "WEBP", quality=THUMBNAIL_QUALITY, method=_WEBP_METHOD),
            preview=_encoded(preview, "JPEG", quality=PREVIEW_QUALITY, subsampling="4:2:0"),
            thumbhash=b64encode(thumbhash(np.asarray(tiny))).decode(),
            look=_look(preview, thumbnail),
            exif=exif,
        )


def _look(preview: Image.Image, thumbnail: Image.Image) -> Look | None:
    square = thumbnail.convert("L").resize((SIDE_PX, SIDE_PX), Resampling.BOX)
    rows = preview.resize((preview.width, max(1, preview.height // _ROWS_PER_SAMPLE)), Resampling.NEAREST).convert("L")
    return look_of(np.asarray(square), sharpness=sharpness_of(np.asarray(rows)))


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn whatever Pillow and libjpeg-turbo raise into our refusals."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except UnreadablePhotoError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixelsError("The picture has more pixels than are decoded.") from error
    except MemoryError as error:
        raise TooComplexError("Decoding this picture takes more memory than any photo does.") from error
    except Exception as error:  # in odd files Pillow's readers raise all sorts of things
        reason = str(error).lower()
        if isinstance(error, EOFError) or "truncated" in reason or "premature end" in reason:
            raise TruncatedImageError("The end of the picture is missing.") from error
        raise DamagedImageError("The file begins like a picture, but cannot be decoded.") from error


def _opened(content: bytes, name: str, *, max_pixels: int) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = None
    image = Image.open(io.BytesIO(content), formats=OPENED_AS[name])
    Image.MAX_IMAGE_PIXELS = max_pixels  # for frames and tiles, which may be larger than the picture says
    width_px, height_px = image.size
    if width_px * height_px > max_pixels:
        raise TooManyPixelsError(
            f"{width_px} × {height_px} pixels are more than the {max_pixels // 1_000_000} megapixels that are decoded."
        )
    if name == "JPEG" and image.info.get("progressive") and content.count(b"\xff\xda") > MAX_SCANS:
        raise TooComplexError("Decoding this picture takes more time than any photo does.")
    return image


def _is_large(image: Image.Image) -> bool:
    shrinks_in_decoder = image.format in OPENED_AS["JPEG"] and not image.info.get("progressive")
    return not shrinks_in_decoder and image.width * image.height > LARGE_PIXELS


def _orientation(image: Image.Image) -> int:
    """The EXIF (or XMP) orientation, 1 to 8; 1 where it says nothing or nonsense."""
    try:
        found = image.getexif().get(ExifTag.Orientation, 1)
    except Exception:  # noqa: BLE001 - a broken EXIF block is no reason to refuse the picture
        return 1
    return found if found in _UPRIGHT else 1


def _jpeg_pixels(content: bytes, image: Image.Image) -> Image.Image:
    """Decode a JPEG, scaled down by the decoder to no less than what the preview takes."""
    size = preview_size(*image.size)
    if image.mode != "CMYK":
        try:
            decoded = simplejpeg.decode_jpeg(
                content, "RGB", fastdct=True, fastupsample=True, min_width=size[0], min_height=size[1]
            )
            return Image.fromarray(decoded)
        except ValueError as error:
            if "premature end" in str(error).lower():
                raise
    # Ink, or what libjpeg-turbo only warns of (stray bytes between segments, say): Pillow reads both
    image.draft(image.mode, size)
    return _pixels(image)


def _pixels(image: Image.Image) -> Image.Image:
    """Decode a picture and shrink it, in strips, to no less than twice what the preview takes, as RGB on white."""
    image.load()
    width_px, height_px = image.size
    factor = max(1, int(max(width_px, height_px) / (2 * PREVIEW_LONG_SIDE_PX)))
    rows = max(1, _STRIP_PIXELS // width_px // factor) * factor
    levels = image.getextrema() if image.mode in {"I", "F"} else None
    shrunk = Image.new("RGB", (-(-width_px // factor), -(-height_px // factor)))
    for top in range(0, height_px, rows):
        strip = rgb(image.crop((0, top, width_px, min(height_px, top + rows))), levels=levels)
        shrunk.paste(strip.reduce(factor) if factor > 1 else strip, (0, top // factor))
    return shrunk


def _encoded(image: Image.Image, name: str, **options: object) -> bytes:
    encoded = io.BytesIO()
    image.save(encoded, name, **options)
    return encoded.getvalue()
