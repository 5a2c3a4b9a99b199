"""What is kept of a group of photos so that questions are found without looking at them: sums of marks.

A kind gives each photo some marks, each a group and a cell. A sketch is how many photos of a group bear each cell. So a
photo that changes costs the difference between its old and new marks; removing it, or doing it twice in a ledger's
batch, is exact like the counts of terms.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Protocol

from heliograph.photos import PhotoStatus
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.tiles import tile_box

Sketch = Mapping[str, int]
Mark = tuple[str, str]
"""A group, and a cell of its sketch."""

NOTHING: Final = "-"
MONTH: Final = "%Y-%m"

_EARTH_KM_PER_DEGREE: Final = 111.2


class Sketches(Protocol):
    """Where sketches are read; the engine reads nothing else."""

    def sketch(self, kind: str, group: str) -> Sketch:
        """Return a sketch; an empty one where there is none."""


def is_asked_about(photo: Photo | None) -> bool:
    """Whether a photo is to be seen."""
    return photo is not None and photo.trashed_at is None and photo.status in {PhotoStatus.PREPARED, PhotoStatus.READY}


def difference(before: Iterable[Mark], after: Iterable[Mark]) -> dict[str, Counter[str]]:
    """Return by group what is to be added to the sketches, given a photo's old and new marks."""
    changes: dict[str, Counter[str]] = {}
    for marks, step in ((before, -1), (after, 1)):
        for group, cell in marks:
            changes.setdefault(group, Counter())[cell] += step
    cells = {group: Counter({cell: more for cell, more in there.items() if more}) for group, there in changes.items()}
    return {group: there for group, there in cells.items() if there}


def summed(sketch: Sketch, change: Sketch) -> Sketch:
    """Return a sketch with a difference added; cells that nobody bears are gone."""
    cells = {cell: sketch.get(cell, 0) + change.get(cell, 0) for cell in {*sketch, *change}}
    return {cell: count for cell, count in cells.items() if count > 0}


def hour_mark(photo: Photo, cell: str) -> Mark:
    """Return the mark of a photo in its month: day and hour, and what else."""
    return photo.taken.strftime(MONTH), f"{photo.taken:%d%H}|{cell}"


@lru_cache(maxsize=4096)
def months_around(month: str) -> tuple[str, str, str]:
    """Return the month before, the month itself and the one after."""
    first = datetime.strptime(month, MONTH).replace(tzinfo=UTC)
    before, after = first - timedelta(days=1), first + timedelta(days=32)
    return before.strftime(MONTH), month, after.strftime(MONTH)


def years_around(month: str) -> tuple[str, ...]:
    """Return the years of the month before, the month itself and the one after."""
    return tuple(dict.fromkeys(one[:4] for one in months_around(month)))


def months_apart(month: str, other: str) -> int:
    """Return how many months one is after the other."""
    return 12 * (int(month[:4]) - int(other[:4])) + int(month[5:]) - int(other[5:])


def months_between(first: datetime, last: datetime) -> list[str]:
    """Return the months from that of the first time to that of the last one."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [f"{number // 12}-{number % 12 + 1:02}" for number in numbers]


def months_of_year(year: str) -> list[str]:
    """Return the months of a year, with one before and one after."""
    return [f"{int(year) - 1}-12", *(f"{year}-{month:02}" for month in range(1, 13)), f"{int(year) + 1}-01"]


@dataclass(slots=True)
class Hour:
    """One hour of a library: how many photos bear each cell."""

    at: datetime
    cells: Counter[str] = field(default_factory=Counter)


def hours(sketches: Sketches, kind: str, months: Iterable[str]) -> list[Hour]:
    """Return the hours of some months that have photos, in order."""
    found: dict[datetime, Hour] = {}
    for month in months:
        year, number = map(int, month.split("-"))
        for key, count in sketches.sketch(kind, month).items():
            hour, _, cell = key.partition("|")
            at = datetime(year, number, int(hour[:2]), int(hour[2:]), tzinfo=UTC)
            found.setdefault(at, Hour(at)).cells[cell] += count
    return [found[at] for at in sorted(found)]


@lru_cache(maxsize=1 << 14)  # people take photos where they have been before
def middle(tile: str) -> tuple[float, float]:
    """Return the latitude and longitude of the middle of a tile."""
    box = tile_box(tile)
    return (box.south + box.north) / 2, (box.west + box.east) / 2


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return about how far two points (latitude, longitude) are apart; near enough below some hundred kilometres."""
    across = (one[1] - other[1] + 180) % 360 - 180
    east = across * math.cos(math.radians((one[0] + other[0]) / 2))
    return math.hypot(one[0] - other[0], east) * _EARTH_KM_PER_DEGREE
