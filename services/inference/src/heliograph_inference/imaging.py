"""Pillow at the edge: previews decoded at the size the networks need, and laid out as each was trained on."""

from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from heliograph_inference.detection import Letterbox
from heliograph_inference.domain import UnreadablePreviewError

LETTERBOX_GREY = 114
"""Ultralytics' padding, which its networks were trained with."""

MOST_PIXELS = 50_000_000
"""A preview has 2 megapixels; what claims far more is none."""

Pixels = npt.NDArray[np.uint8]


def decoded(content: bytes, *, least_long_side_px: int) -> Image.Image:
    """Return a preview as RGB, its long side at least `least_long_side_px` where the file has that many.

    The JPEG decoder itself halves the picture (1/2, 1/4, 1/8), which leaves most of its work undone.

    Raises:
        UnreadablePreviewError: It is no picture, is damaged, or claims to be enormous.
    """
    try:
        image = Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP"))
        width_px, height_px = image.size
        if width_px * height_px > MOST_PIXELS:
            raise UnreadablePreviewError(f"the preview claims {width_px}x{height_px} pixels")
        scale = min(1.0, least_long_side_px / max(width_px, height_px))
        image.draft("RGB", (max(1, round(width_px * scale)), max(1, round(height_px * scale))))
        return image.convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnreadablePreviewError(f"the preview cannot be decoded: {error}") from error


def letterboxed(image: Image.Image, letterbox: Letterbox) -> Pixels:
    """Return the image on a grey canvas, (height, width, 3), laid out as told."""
    canvas = np.full((letterbox.canvas_height_px, letterbox.canvas_width_px, 3), LETTERBOX_GREY, np.uint8)
    scaled = image.resize((letterbox.width_px, letterbox.height_px), Image.Resampling.BILINEAR)
    bottom, right = letterbox.top_px + letterbox.height_px, letterbox.left_px + letterbox.width_px
    canvas[letterbox.top_px : bottom, letterbox.left_px : right] = np.asarray(scaled)
    return canvas


def centre_cropped(image: Image.Image, *, side_px: int, resize_px: int) -> Pixels:
    """Return the middle of the image, (side, side, 3), as if its short side were `resize_px` long."""
    width_px, height_px = image.size
    crop_px = min(width_px, height_px) * side_px / resize_px
    left, top = (width_px - crop_px) / 2, (height_px - crop_px) / 2
    box = (left, top, left + crop_px, top + crop_px)
    return np.asarray(image.resize((side_px, side_px), Image.Resampling.BICUBIC, box=box))


def normalised(
    pixels: Pixels, mean: npt.NDArray[np.float32], scale: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Return (3, height, width) floats: each channel less its mean, divided by its scale."""
    channels_first = pixels.transpose(2, 0, 1)
    result = np.empty(channels_first.shape, np.float32)
    np.multiply(channels_first, (1 / scale)[:, None, None], out=result)
    result -= (mean / scale)[:, None, None]
    return result
