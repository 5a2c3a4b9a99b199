"""What the inference benchmark looks at: previews as `prepare` writes them, odd ones, and a folder of networks."""

import io
import random
import shutil
from pathlib import Path

import simplejpeg
from numpy import asarray
from PIL import Image, ImageOps

from heliograph_inference.manifest import read_manifest
from tools.test_photos import photo_path

MODELS = Path("models")

_PHOTOS = (
    "bus.jpg",
    "zidane.jpg",
    "astronaut.png",
    "chelsea.png",
    "coffee.png",
    "motorcycle_left.png",
    "rocket.jpg",
    "china.jpg",
    "flower.jpg",
    "obama.jpg",
    "biden.jpg",
)
_SIZES = ((1440, 1080), (1440, 1080), (1080, 1440), (1440, 960), (1440, 1080), (1440, 810), (1080, 1440))
"""Cameras and phones mostly take 4:3; 3:2 and 16:9 are the rest."""

_QUALITY = 80


def networks_in(folder: Path, keys: list[str]) -> Path:
    """Fill a folder with the manifest's entries and files of these networks, and return it.

    Raises:
        ValueError: The manifest lists none of them.
    """
    listed = [spec.key for spec in read_manifest(MODELS)]
    if unknown := set(keys) - set(listed):
        raise ValueError(f"the manifest has no {', '.join(sorted(unknown))}")
    head, *entries = (MODELS / "manifest.toml").read_text(encoding="utf-8").split("[[models]]")
    chosen = [entry for key, entry in zip(listed, entries, strict=True) if key in keys]
    (folder / "manifest.toml").write_text(head + "".join(f"[[models]]{entry}" for entry in chosen), encoding="utf-8")
    (folder / "calibration").mkdir()
    for key in keys:
        for name in (f"{key}.onnx", f"{key}.json", f"calibration/{key}.json"):
            if (MODELS / name).exists():
                shutil.copyfile(MODELS / name, folder / name)
    return folder


def previews(count: int) -> list[bytes]:
    """Return so many previews, 1440 px long, of the proportions that cameras have."""
    made = []
    for number in range(count):
        with Image.open(photo_path(_PHOTOS[number % len(_PHOTOS)])) as photo:
            fitted = ImageOps.fit(photo.convert("RGB"), _SIZES[number % len(_SIZES)])
        made.append(simplejpeg.encode_jpeg(asarray(fitted), quality=_QUALITY, colorsubsampling="420"))
    return made


def mixed_previews(count: int, seed: int = 1) -> list[bytes]:
    """Return so many previews of all sizes and proportions, some grey, in CMYK, transparent, PNG or WebP."""
    chance = random.Random(seed)
    made = []
    for _ in range(count):
        long_px = chance.randint(40, 1440) if chance.random() < 0.3 else 1440
        short_px = max(1, round(long_px * chance.choice((3 / 4, 2 / 3, 9 / 16, 1.0, chance.uniform(0.02, 1)))))
        size = (long_px, short_px) if chance.random() < 0.6 else (short_px, long_px)
        mode, kind = chance.choices(
            (("RGB", "JPEG"), ("L", "JPEG"), ("CMYK", "JPEG"), ("RGBA", "PNG"), ("RGB", "WEBP")), (12, 2, 1, 1, 1)
        )[0]
        with Image.open(photo_path(chance.choice(_PHOTOS))) as photo:
            fitted = ImageOps.fit(photo.convert("RGB"), size).convert(mode)
        file = io.BytesIO()
        fitted.save(file, kind, quality=chance.randint(60, 90))
        made.append(file.getvalue())
    return made
