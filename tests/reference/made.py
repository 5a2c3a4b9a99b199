"""Odd pictures made out of a test photo, lossless, so that every maker gets the same pixels."""

from pathlib import Path

import numpy as np
from PIL import Image

from tools.test_photos import photo_path


def made_picture(name: str, folder: Path) -> Path:
    """Write the picture of that name (see `MADE` in photos.py) into `folder` and return its path."""
    with Image.open(photo_path("bus.jpg")) as photo:
        bus = photo.convert("RGB")
    path = folder / name
    match name:
        case "one pixel wide.png":
            bus.crop((400, 0, 401, bus.height)).save(path)
        case "panorama.png":
            strip = bus.crop((0, 300, bus.width, 700))
            wide = Image.new("RGB", (strip.width * 4, strip.height))
            for i in range(4):
                wide.paste(strip, (i * strip.width, 0))
            wide.save(path)
        case "16 bits.png":
            grey = np.asarray(bus.convert("L")).astype(np.uint16)
            Image.fromarray(grey * 257).save(path)
        case _:
            raise ValueError(f"nobody knows how to make {name!r}")
    return path
