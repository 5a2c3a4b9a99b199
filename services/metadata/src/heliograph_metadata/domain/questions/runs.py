"""Files that were numbered one after another: what binds photos together of which no date is known."""

import re
from dataclasses import dataclass
from typing import Final

from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.sketch import Mark, Sketch
from heliograph_metadata.domain.terms import folded

UNDATED: Final = "undated"
GAP: Final = 30
"""Files whose numbers are so far apart were not numbered together."""
_NUMBER: Final = re.compile(r"^(.*?)(\d{1,9})?$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Run:
    """Files with numbers from the first to the last."""

    group: str
    numbers: tuple[tuple[int, int], ...]
    """In order, each with how many photos bear it."""

    @property
    def key(self) -> str:
        """What the question about it is known by."""
        return f"{self.group}|{self.numbers[0][0]}-{self.numbers[-1][0]}"

    @property
    def photos(self) -> int:
        """How many there are."""
        return sum(count for _, count in self.numbers)

    @property
    def term(self) -> str:
        """The list that holds them: the month of the day that all have in place of a date."""
        return f"time:{self.group.split('|')[1][:7]}"

    def facts(self) -> dict[str, str | int | float]:
        """Return what `is_of_run` needs to know it by."""
        _, day, prefix = self.group.split("|", 2)
        return {"day": day, "prefix": prefix, "first": self.numbers[0][0], "last": self.numbers[-1][0]}


def numbered(photo: Photo) -> tuple[str, int]:
    """Return what a photo's file name begins with, and the number that it ends with, 0 where there is none."""
    stem = photo.admission.filename.rsplit(".", 1)[0]
    found = _NUMBER.match(stem)
    prefix, number = (found.group(1), found.group(2)) if found else (stem, None)
    return folded(prefix), int(number or 0)


def run_mark(photo: Photo) -> Mark:
    """Return the mark of a photo without a date: its day and what its name begins with, and its number."""
    prefix, number = numbered(photo)
    return f"{UNDATED}|{photo.taken:%Y-%m-%d}|{prefix}", f"{number:09}"


def runs_of(group: str, sketch: Sketch, parted: set[str]) -> list[Run]:
    """Return the runs of a group.

    Args:
        group: As `run_mark` names it.
        sketch: Its numbers.
        parted: Keys of the runs of which a person has said that they do not belong together; they come in halves.
    """
    runs: list[list[tuple[int, int]]] = []
    for number, count in sorted((int(cell), count) for cell, count in sketch.items()):
        if not runs or number - runs[-1][-1][0] > GAP:
            runs.append([])
        runs[-1].append((number, count))
    return [part for run in runs for part in _parts(Run(group, tuple(run)), parted)]


def is_of_run(photo: Photo, facts: dict[str, str | int | float]) -> bool:
    """Whether a photo belongs to a run."""
    prefix, number = numbered(photo)
    is_there = prefix == facts["prefix"] and f"{photo.taken:%Y-%m-%d}" == facts["day"]
    return is_there and int(facts["first"]) <= number <= int(facts["last"])


def _parts(run: Run, parted: set[str]) -> list[Run]:
    if len(run.numbers) == 1 or run.key not in parted:
        return [run]
    half = len(run.numbers) // 2
    halves = (Run(run.group, run.numbers[:half]), Run(run.group, run.numbers[half:]))
    return [part for one in halves for part in _parts(one, parted)]
