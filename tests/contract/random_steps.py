"""Steps such as the pipeline and people take, in whatever order they may come."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from heliograph.messages import ClassifiedLabel
from heliograph_metadata.domain.labelling import classified
from heliograph_metadata.domain.looks import Look
from heliograph_metadata.domain.photo import (
    Camera,
    Location,
    Photo,
    PhotoFailure,
    Place,
    Preparation,
    Source,
    Sourced,
    edited,
    failed,
    in_albums,
    prepared,
    restored,
    trashed,
)
from tests.builders import NOON

NOW = NOON + timedelta(days=400)


def a_preparation(**changes: Any) -> Preparation:
    found: dict[str, Any] = {"content_type": "image/jpeg", "width_px": 40, "height_px": 30, "thumbhash": "aa=="}
    return Preparation(**found | changes)


PLACES = [
    Location(38.71, -9.14, Place("PT", "Portugal", "Lisboa", "Lisbon")),
    Location(38.7101, -9.14, Place("PT", "Portugal", "Lisboa", "Lisbon")),
    Location(0.0, 0.0),
    Location(-33.86, 179.99, Place("NZ", "New Zealand")),
    None,
]


def a_random_step(dice: random.Random) -> Callable[[Photo], Photo]:
    """Return a step such as the pipeline and people take, in whatever order they may come."""
    location = Sourced(dice.choice(PLACES), Source.EXIF)
    taken_at = Sourced(NOON + timedelta(days=dice.randrange(60)), Source.EXIF)
    labels = [
        ClassifiedLabel(name=name, confidence=dice.random(), model="m")
        for name in dice.sample(["dog", "cat", "bus"], dice.randrange(3))
    ]
    look = dice.choice([None, Look("ab" * 32, (), 3.5), Look("cd" * 32, (), 7.25)])
    camera = dice.choice([None, Camera("Fuji", "X100")])
    preparation = a_preparation(location=location, taken_at=taken_at, look=look, camera=camera)
    options: list[dict[str, Any]] = [
        {"caption": dice.choice(["by the sea", "a hill", None])},
        {"taken_at": NOON + timedelta(days=dice.randrange(60))},
        {"location": dice.choice(PLACES)},
        {"favourite": dice.random() < 0.5},
        {"keywords": dice.sample(["sun", "rain"], dice.randrange(3))},
    ]
    edits = dice.choice(options)
    steps: list[Callable[[Photo], Photo]] = [
        lambda photo: prepared(photo, preparation, at=NOW),
        lambda photo: prepared(photo, preparation, at=NOW),
        lambda photo: classified(photo, labels, at=NOW),
        lambda photo: classified(photo, labels, at=NOW),
        lambda photo: edited(photo, edits, at=NOW),
        lambda photo: edited(photo, edits, at=NOW),
        lambda photo: in_albums(photo, add=["one"], remove=["two"], at=NOW),
        lambda photo: in_albums(photo, add=["two"], at=NOW),
        lambda photo: trashed(photo, at=NOW),
        lambda photo: restored(photo, at=NOW),
        lambda photo: failed(photo, PhotoFailure("truncated-image", "It ends early."), at=NOW),
    ]
    return dice.choices(steps, [3, 3, 3, 3, 2, 2, 1, 1, 1, 2, 0.3])[0]
