"""What is on the photos of a labelled set: COCO's detection annotations, or a CSV of image and label."""

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_OVERLAP: Final = 0.5
"""Intersection over union from which on a box is the thing's, as in PASCAL VOC and COCO's AP50."""

Corners = tuple[float, float, float, float]
"""x1, y1, x2, y2 as fractions of the image."""


class TruthUnreadableError(ValueError):
    """The labelled set says something that cannot be."""


@dataclass(frozen=True)
class Thing:
    """Something that is there, and where."""

    name: str
    corners: Corners
    certainty: float = 1.0
    """Below 1 where another network says so (an annotation's `score`)."""
    crowd: bool = False
    """Several of a kind as one, where COCO says `iscrowd`: what is found inside is neither right nor wrong."""


@dataclass(frozen=True)
class Photo:
    """A photo of the set with what is on it."""

    path: Path
    group: str
    """Photos of one group, such as crops of the same, are not independent."""
    things: tuple[Thing, ...]


def coco_photos(annotations: Path, images: Path) -> tuple[str, list[Photo]]:
    """Return what the set says of itself, and its photos.

    Raises:
        TruthUnreadableError: It is not COCO's JSON for detection.
    """
    try:
        said: dict[str, Any] = json.loads(annotations.read_bytes())
        names = {category["id"]: str(category["name"]).lower() for category in said["categories"]}
        things: dict[Any, list[Thing]] = {image["id"]: [] for image in said["images"]}
        sizes = {image["id"]: (float(image["width"]), float(image["height"])) for image in said["images"]}
        for one in said["annotations"]:
            width, height = sizes[one["image_id"]]
            x, y, w, h = one["bbox"]
            corners = (x / width, y / height, (x + w) / width, (y + h) / height)
            certainty = float(one.get("score", 1.0))
            thing = Thing(names[one["category_id"]], corners, certainty, bool(one.get("iscrowd", 0)))
            things[one["image_id"]].append(thing)
        photos = [
            Photo(images / image["file_name"], str(image.get("group", image["id"])), tuple(things[image["id"]]))
            for image in said["images"]
        ]
    except (OSError, KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise TruthUnreadableError(f"{annotations} is no COCO annotation of boxes: {error!r}") from error
    return str(said.get("info", {}).get("description", "")) or annotations.name, photos


def csv_photos(labels: Path, images: Path) -> list[tuple[Path, str]]:
    """Return each photo of a CSV with the columns `image` and `label`, and its label.

    Raises:
        TruthUnreadableError: A column is missing.
    """
    try:
        with labels.open(encoding="utf-8", newline="") as file:
            return [(images / row["image"], row["label"].strip().lower()) for row in csv.DictReader(file)]
    except (OSError, KeyError, TypeError, AttributeError) as error:
        raise TruthUnreadableError(f"{labels} has no columns `image` and `label`: {error!r}") from error


def judged(found: Iterable[tuple[str, float, Corners]], things: Sequence[Thing]) -> list[tuple[str, float, float]]:
    """Return (name, score, how right) of each box found, surest first.

    Each thing makes one box right, the surest that overlaps it; boxes in a crowd of their name are left out.
    """
    taken: set[int] = set()
    result = []
    for name, score, corners in sorted(found, key=lambda one: -one[1]):
        alike = [
            (overlap(corners, thing.corners), i)
            for i, thing in enumerate(things)
            if thing.name == name and not thing.crowd and i not in taken
        ]
        best, i = max(alike, default=(0.0, -1))
        if best >= _OVERLAP:
            taken.add(i)
            result.append((name, score, things[i].certainty))
        elif not any(thing.crowd and thing.name == name and _inside(corners, thing.corners) for thing in things):
            result.append((name, score, 0.0))
    return result


def overlap(one: Corners, other: Corners) -> float:
    """Return the intersection over union of two boxes."""
    common = _intersection(one, other)
    union = _area(one) + _area(other) - common
    return common / union if union > 0 else 0.0


def _inside(one: Corners, crowd: Corners) -> bool:
    return _area(one) > 0 and _intersection(one, crowd) / _area(one) >= _OVERLAP


def _intersection(one: Corners, other: Corners) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, width) * max(0.0, height)


def _area(one: Corners) -> float:
    return (one[2] - one[0]) * (one[3] - one[1])
