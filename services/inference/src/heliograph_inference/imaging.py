"""Pictures at the edge: decoded by libjpeg-turbo or Pillow, laid out and scaled as the networks' reference does it.

A network's confidence follows the last bit of a pixel: on flat pictures even another rounding in the decoder moves it
by a tenth (ADR 20). So each step here gives the very bytes that OpenCV's and Pillow's own give.
"""

from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from threading import Lock
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import simplejpeg
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.Image import Resampling

from heliograph_inference.detection import Letterbox
from heliograph_inference.domain import UnreadablePreviewError

cv2.setNumThreads(1)  # pictures are prepared side by side; a pool of its own would only get into their way

LETTERBOX_GREY = 114
"""Ultralytics' padding, which its networks were trained with."""

MOST_PIXELS = 25_000_000
"""A preview has 2 megapixels; what claims far more is none."""

LONGEST = 10
"""How many times as long as wide a picture may be to be resized as a whole before its middle is cut out."""

_ROWS = 64

_ONE_AT_A_TIME = Lock()
"""For what `prepare` never writes: Pillow holds such pictures several times over, side by side they make the peak."""

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

Empty = Callable[[tuple[int, ...], npt.DTypeLike], npt.NDArray[Any]]
"""Where arrays come from: `numpy.empty`, or `RecycledArrays.empty`."""


def decoded(content: bytes, *, empty: Empty = np.empty) -> Pixels:
    """Return a preview upright, as RGB (height, width, 3), at its full size.

    Source: OpenCV's `imdecode`, which the reference reads files with, to the bit: a transparent picture without its
    transparency, of 16 bits the upper 8, turned as EXIF says.

    Raises:
        UnreadablePreviewError: It is no picture, is damaged, or claims to be enormous.
    """
    try:
        image = Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP"))
        width_px, height_px = image.size
        if width_px * height_px > MOST_PIXELS:
            raise UnreadablePreviewError(f"the preview claims {width_px}x{height_px} pixels")
        if image.format == "JPEG" and image.mode != "CMYK" and "exif" not in image.info:
            # As `prepare` writes them. Pillow gives the same bytes, but takes three times as long
            pixels = empty((height_px, width_px, 3), np.uint8)
            with suppress(ValueError):  # it refuses also what only deserves a warning: Pillow has the last word
                simplejpeg.decode_jpeg(content, "RGB", buffer=pixels)
                return pixels
        with _ONE_AT_A_TIME:
            return _rgb(_upright(image))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnreadablePreviewError(f"the preview cannot be decoded: {error}") from error


def _upright(image: Image.Image) -> Image.Image:
    image.load()
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - Pillow raises all sorts of things at a broken EXIF block; OpenCV passes it over
        return image


def _rgb(image: Image.Image) -> Pixels:
    if image.mode.startswith("I;16"):
        return np.repeat((np.asarray(image) >> 8).astype(np.uint8)[..., None], 3, axis=2)
    if image.mode == "CMYK":  # OpenCV's arithmetic; Pillow's own conversion rounds otherwise
        return _without_inks(np.asarray(image))
    return np.asarray(image.convert("RGB"))


def _without_inks(inks: Pixels) -> Pixels:
    """Return the RGB of CMYK, (height, width, 4), 0 is none; some rows at a time, as the products are far larger."""
    pixels = np.empty((*inks.shape[:2], 3), np.uint8)
    for top in range(0, len(inks), _ROWS):
        rows = inks[top : top + _ROWS].astype(np.uint16)  # products have 16 bits
        light = 255 - rows[..., 3:]
        pixels[top : top + _ROWS] = light - (rows[..., :3] * light >> 8)
    return pixels


def letterboxed(
    pixels: Pixels, letterbox: Letterbox, mean: Floats, scale: Floats, *, empty: Empty = np.empty
) -> Floats:
    """Return the picture on a grey canvas as a network takes it, (3, height, width).

    Args:
        pixels: RGB, (height, width, 3).
        letterbox: How it lies on the canvas.
        mean: What is taken off each channel (3), in 0-255.
        scale: What each channel (3) is divided by then.
        empty: Where arrays come from.

    Source: Ultralytics' LetterBox: OpenCV's bilinear resize, which does not smooth.
    """
    out: Floats = empty((3, letterbox.canvas_height_px, letterbox.canvas_width_px), np.float32)
    width_px, height_px = size = (letterbox.width_px, letterbox.height_px)
    scaled = pixels
    if pixels.shape[1::-1] != size:
        scaled = empty((height_px, width_px, 3), np.uint8)
        cv2.resize(pixels, size, dst=scaled, interpolation=cv2.INTER_LINEAR)
    top, left = letterbox.top_px, letterbox.left_px
    bottom, right = top + height_px, left + width_px
    grey = ((LETTERBOX_GREY - mean) / scale)[:, None, None]
    out[:, :top], out[:, bottom:] = grey, grey
    out[:, top:bottom, :left], out[:, top:bottom, right:] = grey, grey
    _normalise(scaled, mean, scale, out[:, top:bottom, left:right], empty)
    return out


def centre_cropped(pixels: Pixels, *, side_px: int, resize_px: int, resampling: Resampling) -> Pixels:
    """Return the middle of a picture, (side, side, 3), cut from it once its short side is `resize_px` long.

    Source: torchvision's Resize and CenterCrop on a Pillow image, as Ultralytics' `classify_transforms` has them: to
    the bit with their bilinear filter. With another, and where a picture is so long that a line of pixels could take
    hundreds of MB, what is cut off is never resized; that is a third faster and a few levels of a channel off.
    """
    height_px, width_px = pixels.shape[:2]
    short_px = min(width_px, height_px)
    columns, rows = resize_px * width_px // short_px, resize_px * height_px // short_px
    left, top = round((columns - side_px) / 2), round((rows - side_px) / 2)
    image = Image.fromarray(pixels)
    if resampling is Resampling.BILINEAR and max(width_px, height_px) <= LONGEST * short_px:
        return np.asarray(image.resize((columns, rows), resampling).crop((left, top, left + side_px, top + side_px)))
    across, down = width_px / columns, height_px / rows
    right, bottom = min((left + side_px) * across, width_px), min((top + side_px) * down, height_px)
    return np.asarray(image.resize((side_px, side_px), resampling, box=(left * across, top * down, right, bottom)))


def normalised(pixels: Pixels, mean: Floats, scale: Floats, *, empty: Empty = np.empty) -> Floats:
    """Return (3, height, width) floats: each channel less its mean, divided by its scale."""
    out: Floats = empty((3, *pixels.shape[:2]), np.float32)
    _normalise(pixels, mean, scale, out, empty)
    return out


def _normalise(pixels: Pixels, mean: Floats, scale: Floats, out: Floats, empty: Empty) -> None:
    planes = empty((3, *pixels.shape[:2]), np.uint8)  # numpy takes twice as long for every third byte
    cv2.split(pixels, list(planes))
    for i, (plane, channel) in enumerate(zip(planes, out, strict=True)):
        if mean[i]:
            np.subtract(plane, mean[i], out=channel, dtype=np.float32)
            np.divide(channel, scale[i], out=channel)
        else:
            np.divide(plane, scale[i], out=channel, dtype=np.float32)
