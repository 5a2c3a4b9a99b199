"""Synthetic photos of one library, each worked out from its number: events, trips, homes, cameras, Zipf's labels.

A library of n photos is the first n of them, so larger ones contain the smaller ones, and the share of everything (of a
label, of a month, of a city) is the same at every size.
"""

import random
from bisect import bisect
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Final

from heliograph.messages import ClassifiedLabel
from heliograph.photos import OwnerId, photo_id_of
from heliograph_metadata.domain.labelling import classified
from heliograph_metadata.domain.photo import (
    Camera,
    Location,
    Photo,
    Place,
    Preparation,
    Source,
    Sourced,
    admitted,
    prepared,
)
from tests.builders import an_admission

ALBUM: Final = "a" * 32
"""Every 20th photo is in it."""

RARE_PAIR: Final = ("umbrella", "keyboard")
"""Each on one photo of ten, both together on one of five thousand."""

DENSE_DAY: Final = "2022-07-16"
_PHOTOS_PER_EVENT: Final = 12
_YEARS: Final = 10
_FIRST_DAY: Final = datetime(2015, 1, 1, tzinfo=UTC)
_HOME: Final = Location(38.7139, -9.1394, Place("PT", "Portugal", "Lisboa", "Lisbon"))
_CAMERAS: Final = (
    Camera("Apple", "iPhone 13", "iPhone 13 back dual wide camera 5.1mm f/1.6"),
    Camera("FUJIFILM", "X-T4", "XF35mmF2 R WR"),
    Camera("Google", "Pixel 7", "Pixel 7 back camera 6.81mm f/1.85"),
    Camera("Canon", "Canon EOS R6", "RF24-105mm F4 L IS USM"),
)
_CITIES: Final = (
    Location(48.8566, 2.3522, Place("FR", "France", "Ile-de-France", "Paris")),
    Location(41.9028, 12.4964, Place("IT", "Italy", "Lazio", "Roma")),
    Location(52.52, 13.405, Place("DE", "Germany", "Berlin", "Berlin")),
    Location(51.5074, -0.1278, Place("GB", "United Kingdom", "England", "London")),
    Location(40.7128, -74.006, Place("US", "United States", "New York", "New York")),
    Location(35.6762, 139.6503, Place("JP", "Japan", "Tokyo", "Tokyo")),
    Location(-33.8688, 151.2093, Place("AU", "Australia", "New South Wales", "Sydney")),
    Location(-22.9068, -43.1729, Place("BR", "Brazil", "Rio de Janeiro", "Rio de Janeiro")),
    Location(64.1466, -21.9426, Place("IS", "Iceland", "Capital Region", "Reykjavík")),
    Location(30.0444, 31.2357, Place("EG", "Egypt", "Cairo", "Cairo")),
)


@cache
def _labels() -> tuple[list[str], list[float]]:
    """Return the names of labels and the sums of their weights by Zipf's law."""
    names = (
        (Path(__file__).parents[2] / "models" / "classes" / "imagenet-1k.txt").read_text(encoding="utf-8").splitlines()
    )
    common = ["person", "car", "dog", "cat", "chair", "bottle", "cup", "bicycle", "boat", "bird", "book", "clock"]
    ordered = [*common, *(name for name in names[::3] if name and name not in {*common, *RARE_PAIR})]
    return ordered, list(accumulate(1 / rank for rank in range(2, len(ordered) + 2)))


def _zipf(dice: random.Random) -> str:
    names, sums = _labels()
    return names[bisect(sums, dice.random() * sums[-1])]


def admission(number: int, *, owner_id: OwnerId) -> Photo:
    """Return photo `number` as it was admitted."""
    said = an_admission(number, filename=f"IMG_{number:07}.JPG")
    created_at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(milliseconds=number)
    photo_id = photo_id_of(owner_id, said.sha256)
    return admitted(photo_id=photo_id, owner_id=owner_id, admission=said, correlation_id="bench", at=created_at)


def preparation(photo: Photo, number: int, *, day: str | None = None) -> Photo:
    """Return it as its EXIF has it; all of one day if that is asked for."""
    event, dice = random.Random(number // _PHOTOS_PER_EVENT), random.Random(number)
    taken_at = _FIRST_DAY + timedelta(days=event.randrange(365 * _YEARS), hours=event.randrange(8, 20))
    if day:
        taken_at = datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(seconds=number * 86_399 / 100_000)
    taken_at += timedelta(seconds=number % _PHOTOS_PER_EVENT * 40, milliseconds=dice.randrange(1000))
    where = _HOME if event.random() < 0.5 else _CITIES[min(int(event.expovariate(0.4)), len(_CITIES) - 1)]
    near = event.uniform(-0.05, 0.05), event.uniform(-0.05, 0.05)
    point = Location(
        where.latitude + near[0] + dice.uniform(-0.001, 0.001),
        where.longitude + near[1] + dice.uniform(-0.001, 0.001),
        where.place,
    )
    return prepared(
        photo,
        Preparation(
            content_type="image/jpeg" if event.random() < 0.97 else "image/png",
            width_px=4000,
            height_px=3000,
            thumbhash="2vgFDIJ3iIeAh3iIh4eId4eIeHeA",
            taken_at=Sourced(taken_at, Source.EXIF),
            location=Sourced(point, Source.EXIF) if event.random() < 0.8 else None,
            camera=_CAMERAS[min(int(event.expovariate(1.0)), len(_CAMERAS) - 1)],
        ),
        at=photo.created_at + timedelta(seconds=1),
    )


def classification(photo: Photo, number: int) -> Photo:
    """Return it as the networks have seen it: three labels in the mean."""
    event, dice = random.Random(number // _PHOTOS_PER_EVENT), random.Random(number)
    names = {_zipf(event) for _ in range(2)} | {_zipf(dice) for _ in range(dice.randrange(3))}
    if number % 5_000 == 0:
        names |= set(RARE_PAIR)
    elif number % 10 in (3, 7):
        names.add(RARE_PAIR[number % 10 == 7])
    labels = [
        ClassifiedLabel(name=name, confidence=round(dice.uniform(0.3, 0.98), 4), model="bench")
        for name in sorted(names)
    ]
    return classified(photo, labels, at=photo.updated_at + timedelta(seconds=1))
