"""Makes the benchmark's photos: 12 megapixels, varied, with the EXIF of real cameras in real cities; kept in .cache."""

import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from tests.photos import Exif, encoded
from tools.test_photos import CACHE, fetch, photo_path

SIZE_PX = (4000, 3000)
_QUALITY = 95
_RECIPE = "3"
"""To be raised when the way of making them changes, so that none of the old ones is met."""

_BACKDROPS = ("pillow/fujifilm.mpo", "obama3.jpg", "pillow/xmp_test.jpg", "china.jpg", "biden.jpg")
_SUBJECTS = (
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
)
_CAMERAS = (
    ("FUJIFILM", "X-T4", "XF35mmF2 R WR"),
    ("Canon", "Canon EOS R6", "RF24-105mm F4 L IS USM"),
    ("NIKON CORPORATION", "NIKON Z 6_2", "NIKKOR Z 24-70mm f/4 S"),
    ("SONY", "ILCE-7M3", "FE 28-70mm F3.5-5.6 OSS"),
    ("Apple", "iPhone 13", "iPhone 13 back dual wide camera 5.1mm f/1.6"),
    ("Google", "Pixel 7", "Pixel 7 back camera 6.81mm f/1.85"),
    ("samsung", "SM-G991B", None),
)
_CITIES = (
    (38.7223, -9.1393),  # Lisboa
    (48.8566, 2.3522),  # Paris
    (52.5200, 13.4050),  # Berlin
    (41.9028, 12.4964),  # Roma
    (59.3293, 18.0686),  # Stockholm
    (51.5074, -0.1278),  # London
    (40.7128, -74.0060),  # New York
    (37.7749, -122.4194),  # San Francisco
    (19.4326, -99.1332),  # Ciudad de México
    (-22.9068, -43.1729),  # Rio de Janeiro
    (-34.6037, -58.3816),  # Buenos Aires
    (30.0444, 31.2357),  # Cairo
    (-1.2921, 36.8219),  # Nairobi
    (-33.9249, 18.4241),  # Cape Town
    (28.6139, 77.2090),  # New Delhi
    (13.7563, 100.5018),  # Bangkok
    (1.3521, 103.8198),  # Singapore
    (35.6762, 139.6503),  # Tokyo
    (-33.8688, 151.2093),  # Sydney
    (64.1466, -21.9426),  # Reykjavík
)
_PHOTOS_PER_EVENT = 12
_WITHOUT_GPS = 0.2
_FIRST_TAKEN = datetime(2019, 1, 1, 9, tzinfo=UTC)


def exif_of(number: int) -> Exif:
    """Return the EXIF of photo `number`, the same each time: twelve were taken together, half of the times at home."""
    event, chance = random.Random(number // _PHOTOS_PER_EVENT), random.Random(number)
    make, model, lens = event.choice(_CAMERAS)
    taken_at = _FIRST_TAKEN + timedelta(days=event.randrange(2200), minutes=number % _PHOTOS_PER_EVENT)
    if event.random() < _WITHOUT_GPS:
        return Exif(taken_at, make, model, lens=lens)
    latitude, longitude = event.choice(_CITIES) if event.random() < 0.5 else _CITIES[0]
    near = event.uniform(-0.03, 0.03), event.uniform(-0.03, 0.03)
    return Exif(
        taken_at,
        make,
        model,
        latitude + near[0] + chance.uniform(-0.001, 0.001),
        longitude + near[1] + chance.uniform(-0.001, 0.001),
        lens=lens,
    )


def photos(count: int, size_px: tuple[int, int] = SIZE_PX) -> list[Path]:
    """Return `count` photo files, making those that aren't there yet, two at a time."""
    fetch()
    folder = CACHE / "bench" / f"{size_px[0]}x{size_px[1]}-{_RECIPE}"
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"IMG_{number:04}.jpg" for number in range(count)]
    missing = [(number, path) for number, path in enumerate(paths) if not path.is_file()]
    if missing:
        print(f"making {len(missing)} photos of {size_px[0]}×{size_px[1]} in {folder}", flush=True)
        with ProcessPoolExecutor(2) as pool:
            list(pool.map(_make, *zip(*missing, strict=True), [size_px] * len(missing), chunksize=10))
    return paths


def _make(number: int, path: Path, size_px: tuple[int, int]) -> None:
    part = path.with_suffix(".part")
    part.write_bytes(encoded(_composed(number, size_px), exif_of(number), _QUALITY))
    part.replace(path)


def _composed(number: int, size_px: tuple[int, int]) -> Image.Image:
    """Return one to three subjects before a backdrop, none of it enlarged more than about twice."""
    chance = random.Random(number)
    image = _backdrop(chance, size_px)
    wanted = chance.randint(1, 3)
    for position, name in enumerate(chance.sample(_SUBJECTS, wanted)):
        subject = _subject(name, round(size_px[1] * chance.choice((0.4, 0.5, 0.6))))
        if chance.random() < 0.5:
            subject = ImageOps.mirror(subject)
        column = size_px[0] // wanted
        left = position * column + chance.randint(0, max(0, column - subject.width))
        top = chance.randint(0, max(0, size_px[1] - subject.height))
        image.paste(subject, (left, top), _feathered(subject.size))
    gain = [chance.uniform(0.88, 1.08) for _ in "RGB"]
    return image.point([min(255, round(value * one)) for one in gain for value in range(256)])


def _backdrop(chance: random.Random, size_px: tuple[int, int]) -> Image.Image:
    """Return a photo at its own scale, laid side by side with its mirror images until it fills the frame."""
    tile = _opened(chance.choice(_BACKDROPS))
    image = Image.new("RGB", size_px)
    x0, y0 = chance.randrange(tile.width), chance.randrange(tile.height)
    for column, left in enumerate(range(-x0, size_px[0], tile.width)):
        for row, top in enumerate(range(-y0, size_px[1], tile.height)):
            laid = ImageOps.mirror(tile) if column % 2 else tile
            image.paste(ImageOps.flip(laid) if row % 2 else laid, (left, top))
    return image


@cache
def _opened(name: str) -> Image.Image:
    with Image.open(photo_path(name)) as image:
        return image.convert("RGB")


@cache
def _subject(name: str, height_px: int) -> Image.Image:
    image = _opened(name)
    return image.resize((round(image.width * height_px / image.height), height_px), Image.Resampling.BICUBIC)


@cache
def _feathered(size_px: tuple[int, int]) -> Image.Image:
    mask = Image.new("L", size_px, 0)
    margin = min(size_px) // 24
    ImageDraw.Draw(mask).rectangle((margin, margin, size_px[0] - margin, size_px[1] - margin), fill=255)
    return mask.filter(ImageFilter.BoxBlur(margin // 2))


def mean_size_bytes(paths: Sequence[Path]) -> int:
    """Return the mean size of the files."""
    return sum(path.stat().st_size for path in paths) // len(paths)
