"""Colours: pictures of any mode become RGB, and those with an ICC profile of their own sRGB, by Little CMS."""

import io
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image, ImageCms

_SPACES = {"RGB": "RGB", "CMYK": "CMYK"}  # Pillow's mode → the ICC's name for it


def rgb(image: Image.Image, *, levels: object = None) -> Image.Image:
    """Return a picture of any mode as 8-bit RGB, on white where it is transparent.

    Args:
        image: A picture, or a part of one.
        levels: (darkest, lightest) of the whole picture, for the modes I and F.
    """
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if isinstance(levels, tuple):
        low, high = _range(*levels)
        scaled = (np.nan_to_num(np.asarray(image, dtype=np.float64)) - low) * (255 / (high - low))
        return Image.fromarray(scaled.clip(0, 255).astype(np.uint8)).convert("RGB")
    if image.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in image.info:
        with_alpha = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), with_alpha).convert("RGB")
    if image.mode == "CMYK":
        return srgb(image, image.info.get("icc_profile"))
    return image.convert("RGB")


def _range(darkest: float, lightest: float) -> tuple[float, float]:
    """The values that are black and white, of samples without a range of their own."""
    for white in (1.0, 255.0, 65535.0):
        if darkest >= 0 and lightest <= white:
            return 0.0, white
    return darkest, lightest if lightest > darkest else darkest + 1


def srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return an RGB or CMYK picture in sRGB; a profile that is missing, broken or of other colours is ignored."""
    transform = _transform(profile, image.mode) if profile else None
    if transform is None:
        return image if image.mode == "RGB" else image.convert("RGB")
    return ImageCms.applyTransform(image, transform) or image.convert("RGB")


@lru_cache(maxsize=8)
def _transform(profile: bytes, mode: str) -> Any:
    """Return what turns `mode` under this profile into sRGB; None where there is nothing to do or no way to."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space.strip() != _SPACES.get(mode) or _is_srgb(source):
            return None
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    return "sRGB" in (profile.profile.profile_description or "")
