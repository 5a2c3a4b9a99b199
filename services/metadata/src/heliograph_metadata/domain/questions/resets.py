"""Photos of a camera whose clock had been reset, one run of file numbers for each time that it was.

Each time the clock begins at the same day, so that photos of different years say the same hours. But the numbers of the
files go on, and while they do the hours do, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.runs import numbered
from heliograph_metadata.domain.questions.sketch import NOTHING, Hour

TENS: Final = 10
"""Numbers are kept by tens."""
_GAP_TENS: Final = 20
"""Files whose numbers are so far apart were taken after other ones, which have a date."""


@dataclass(slots=True)
class Reset:
    """Photos that one reset of the clock has dated."""

    prefix: str
    """What the names of their files begin with; empty of those without a number."""
    first: int
    last: int
    """Their numbers, in tens."""
    hours: list[Hour] = field(default_factory=list)
    """Of the clock, in order."""

    def facts(self) -> dict[str, str | int | float]:
        """Return what `is_of_reset` needs to know it by."""
        return {"prefix": self.prefix, "first": self.first, "last": self.last}


def number_cell(photo: Photo) -> str:
    """Return what is kept of a file's number."""
    prefix, number = numbered(photo)
    return f"{prefix}~{number // TENS}"


def is_of_reset(photo: Photo, facts: Mapping[str, str | int | float]) -> bool:
    """Whether a file's number is one of a reset's; any, where the facts say none."""
    if "prefix" not in facts:
        return True
    prefix, number = numbered(photo)
    return facts["prefix"] in {"", prefix} and int(facts["first"]) <= number // TENS <= int(facts["last"])


def resets_of(cells: Mapping[tuple[datetime, str], int]) -> list[Reset]:
    """Return the resets of one camera and month.

    Args:
        cells: How many photos there are by hour of the clock and by `number_cell`.
    """
    counted: dict[str, list[tuple[int, datetime, int]]] = {}
    for (at, cell), count in cells.items():
        prefix, _, tens = cell.rpartition("~")
        counted.setdefault(prefix, []).append((int(tens), at, count))
    unnumbered = {prefix for prefix, there in counted.items() if not any(tens for tens, _, _ in there)}
    pooled = [one for prefix in unnumbered for one in counted[prefix]]
    by_prefix = {prefix: there for prefix, there in counted.items() if prefix not in unnumbered} | (
        {"": pooled} if pooled else {}
    )
    return [reset for prefix in sorted(by_prefix) for reset in _parted(prefix, sorted(by_prefix[prefix]))]


def _parted(prefix: str, there: list[tuple[int, datetime, int]]) -> list[Reset]:
    found: list[Reset] = []
    for tens, at, count in there:
        last = found[-1] if found else None
        if last is None or tens - last.last > _GAP_TENS or at < last.hours[-1].at:
            last = Reset(prefix, tens, tens)
            found.append(last)
        if not last.hours or last.hours[-1].at != at:
            last.hours.append(Hour(at))
        last.hours[-1].cells[NOTHING] += count
        last.last = tens
    return found
