"""How surely copies of a photo are known again, and how many other photos are taken for copies.

    python -m tests.bench.lookalikes [--composed 150] [--pages 40]

Photos: the test photos, the quarters of the larger ones, and composed ones that share backdrops and subjects; beside
them pages of text, which look more alike than any two photos. Each is read as the worker reads it, and so is each
changed copy. The index is that of a library of 100,000 photos: what it does not offer is not compared.
"""

import argparse
import io
import random
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Final

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from heliograph_metadata.domain.looks import Look, distance, ranges_around
from heliograph_metadata.domain.stacks import most_apart
from heliograph_metadata.imaging.renditions import picture_of
from heliograph_metadata.service.lookalikes import DOUBTFUL_BITS, prefix_bits
from tests.bench.meter import machine
from tests.bench.pictures import photos
from tools.test_photos import photo_path

_NAMES: Final = (
    *("astronaut.png", "biden.jpg", "bus.jpg", "chelsea.png", "china.jpg", "coffee.png", "flower.jpg", "grass.png"),
    *("hubble_deep_field.jpg", "motorcycle_left.png", "obama.jpg", "obama2.jpg", "obama3.jpg", "rocket.jpg"),
    *("zidane.jpg", "pillow/fujifilm.mpo", "pillow/frozenpond.mpo", "pillow/sugarshack.mpo", "pillow/xmp_test.jpg"),
    *("pillow/iptc.jpg", "pillow/junk_jpeg_header.jpg", "pillow/exif_gps_typeerror.jpg", "pillow/hopper.pcd"),
)
_QUARTERED_FROM_PX: Final = 400
_LIBRARY: Final = 100_000
_WORDS: Final = [
    "the",
    "a",
    "of",
    "light",
    "sea",
    "house",
    "evening",
    "photo",
    "wind",
    "over",
    "under",
    "every",
    "window",
    "garden",
    "street",
    "old",
    "small",
]

Change = Callable[[Image.Image], bytes]


def _saved(image: Image.Image, quality: int = 88, kind: str = "JPEG") -> bytes:
    file = io.BytesIO()
    image.save(file, kind, quality=quality)
    return file.getvalue()


def _scaled(image: Image.Image, factor: float) -> Image.Image:
    size = (max(16, round(image.width * factor)), max(16, round(image.height * factor)))
    return image.resize(size, Image.Resampling.LANCZOS)


def _cropped(image: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    """Return the image without these shares of its sides."""
    width, height = image.size
    return image.crop(
        (round(left * width), round(top * height), width - round(right * width), height - round(bottom * height))
    )


def _warmer(image: Image.Image) -> Image.Image:
    return image.point([min(255, round(value * gain)) for gain in (1.1, 1.0, 0.88) for value in range(256)])


COPIES: Final[Mapping[str, Change]] = {
    "JPEG quality 40": lambda image: _saved(image, 40),
    "half the size": lambda image: _saved(_scaled(image, 0.5)),
    "a quarter, quality 60": lambda image: _saved(_scaled(image, 0.25), 60),
    "WebP quality 60": lambda image: _saved(image, 60, "WEBP"),
    "brightness +20 %": lambda image: _saved(ImageEnhance.Brightness(image).enhance(1.2)),
    "brightness -25 %": lambda image: _saved(ImageEnhance.Brightness(image).enhance(0.75)),
    "contrast +25 %": lambda image: _saved(ImageEnhance.Contrast(image).enhance(1.25)),
    "colour +40 %": lambda image: _saved(ImageEnhance.Color(image).enhance(1.4)),
    "grey": lambda image: _saved(image.convert("L")),
    "warmer": lambda image: _saved(_warmer(image)),
    "sharpened": lambda image: _saved(image.filter(ImageFilter.UnsharpMask(2, 120))),
    "cropped 1 % a side": lambda image: _saved(_cropped(image, 0.01, 0.01, 0.01, 0.01)),
    "cropped 2.5 % a side": lambda image: _saved(_cropped(image, 0.025, 0.025, 0.025, 0.025)),
    "cropped 5 % a side": lambda image: _saved(_cropped(image, 0.05, 0.05, 0.05, 0.05)),
    "turned 1.5°, cropped": lambda image: _saved(
        _cropped(image.rotate(1.5, Image.Resampling.BICUBIC), 0.025, 0.025, 0.025, 0.025)
    ),
}
TAKES: Final[Mapping[str, Change]] = {
    "camera moved 2 %": lambda image: _saved(_cropped(image, 0.02, 0.0, 0.0, 0.01)),
    "camera moved 5 %": lambda image: _saved(_cropped(image, 0.0, 0.03, 0.05, 0.0)),
}


def _look(content: bytes) -> Look | None:
    return picture_of(content, max_pixels=100_000_000).look


def _pictures(composed: int) -> list[Image.Image]:
    whole = []
    for name in _NAMES:
        with Image.open(photo_path(name)) as image:
            whole.append(image.convert("RGB"))
    quarters = [
        _cropped(image, left, top, 0.5 - left, 0.5 - top)
        for image in whole
        if min(image.size) >= _QUARTERED_FROM_PX
        for left in (0.0, 0.5)
        for top in (0.0, 0.5)
    ]
    made = []
    for path in photos(composed, (1200, 900)) if composed else []:
        with Image.open(path) as image:
            made.append(image.convert("RGB"))
    return whole + quarters + made


def _page(number: int) -> Image.Image:
    """Return a page of text with the same margins and the same type as any other."""
    chance = random.Random(number)
    page = Image.new("RGB", (1240, 1754), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(22)
    for line in range(48):
        words = " ".join(chance.choices(_WORDS, k=11))
        if chance.random() < 0.1:
            words = words[: chance.randrange(5, 40)]
        draw.text((110, 120 + 32 * line), words, fill=(30, 30, 30), font=font)
    return page


def _is_offered(original: Look, copy: Look) -> bool:
    """Whether the index offers the original when the copy is looked for."""
    ranges = ranges_around(copy, prefix_bits=prefix_bits(_LIBRARY), doubtful_bits=DOUBTFUL_BITS)
    return any(one.first <= original.fingerprint < one.end for one in ranges)


def _is_alike(one: Look, other: Look, *, as_takes: bool) -> bool:
    return distance(one.fingerprint, other.fingerprint) <= most_apart(one, other)[as_takes]


def _recall(originals: Sequence[Look], copies: Sequence[Look | None], *, as_takes: bool) -> tuple[float, float, int]:
    """Return the share that is alike, the share that is alike and offered by the index, and the median distance."""
    pairs = [(one, copy) for one, copy in zip(originals, copies, strict=True) if copy]
    apart = [distance(one.fingerprint, copy.fingerprint) for one, copy in pairs]
    alike = [pair for pair in pairs if _is_alike(*pair, as_takes=as_takes)]
    offered = sum(_is_offered(*pair) for pair in alike)
    return len(alike) / len(originals), offered / len(originals), sorted(apart)[len(apart) // 2]


def _false(looks: Sequence[Look], *, as_takes: bool) -> tuple[int, int, float, int]:
    """Return the pairs, those taken for alike, that per 10,000 pairs, and the least distance."""
    pairs = list(combinations(looks, 2))
    apart = [distance(one.fingerprint, other.fingerprint) for one, other in pairs]
    wrong = sum(_is_alike(*pair, as_takes=as_takes) for pair in pairs)
    return len(apart), wrong, 10_000 * wrong / len(apart), min(apart)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    parser.add_argument("--composed", type=int, default=150)
    parser.add_argument("--pages", type=int, default=60)
    chosen = parser.parse_args()
    seen = [(image, look) for image in _pictures(chosen.composed) if (look := _look(_saved(image, 92)))]
    images, looks = [image for image, _ in seen], [look for _, look in seen]
    pages = [(page, look) for page in map(_page, range(chosen.pages)) if (look := _look(_saved(page, 92)))]
    print(f"{len(looks)} photos and {len(pages)} pages of text on {machine()}\n")
    print(f"{'change':24}{'alike':>9}{'and offered':>13}{'median of 255':>15}{'pages alike':>13}")
    for as_takes, changes in enumerate((COPIES, TAKES)):
        for name, change in changes.items():
            changed = [_look(change(image)) for image in images]
            alike, offered, median = _recall(looks, changed, as_takes=bool(as_takes))
            changed = [_look(change(page)) for page, _ in pages]
            of_pages, _, _ = _recall([look for _, look in pages], changed, as_takes=bool(as_takes))
            # Takes of one scene are found by time, whatever the index offers.
            shown = f"{'by time':>13}" if as_takes else f"{offered:13.1%}"
            print(f"{name:24}{alike:9.1%}{shown}{median:15}{of_pages:13.1%}", flush=True)
    print(f"\n{'other pictures':24}{'pairs':>9}{'taken alike':>13}{'per 10k pairs':>15}{'least':>8}")
    for name, others, as_takes in (
        ("photos, as copies", looks, False),
        ("photos, as takes", looks, True),
        ("pages, as copies", [look for _, look in pages], False),
    ):
        count, wrong, share, least = _false(others, as_takes=as_takes)
        print(f"{name:24}{count:9,}{wrong:13}{share:15.2f}{least:8}")


if __name__ == "__main__":
    main()
