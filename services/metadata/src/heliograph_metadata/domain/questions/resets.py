"""Photos of a camera whose clock had been reset: each time that it was, apart from the others.

Each time the clock begins at the same day, so that photos of different years say the same hours. But the numbers of the
files go on. Where files that have a date are numbered between two others, those are of different resets. Many names
have no such numbers (a time of day, a card that begins at 1 again): what nothing parts is taken for one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.runs import numbered
from heliograph_metadata.domain.questions.sketch import NOTHING, Hour

TENS: Final = 10
"""Numbers are kept by tens."""
_GAP_TENS: Final = 20
"""Only between files whose numbers are so far apart it is looked for others that have a date."""
_MOST_GAPS: Final = 12
"""Numbers with more gaps are no numbers, but times of day."""


@dataclass(slots=True)
class Reset:
    """Photos that one reset of the clock has dated."""

    prefix: str
    """What the names of most of their files begin with."""
    first: int
    last: int
    """The numbers of those files, in tens."""
    hours: list[Hour]
    """Of the clock, in order."""
    apart_from: tuple[str, ...] | None = None
    """None where they are told by their numbers; else what the names of such photos begin with, which these are not."""

    def facts(self) -> dict[str, str | int | float]:
        """Return what `is_of_reset` needs to know it by."""
        if self.apart_from is None:
            return {"prefix": self.prefix, "first": self.first, "last": self.last}
        return {"apart_from": "\n".join(self.apart_from)} if self.apart_from else {}


def number_cell(photo: Photo) -> str:
    """Return what is kept of a file's number."""
    prefix, number = numbered(photo)
    return f"{prefix}~{number // TENS}"


def is_of_reset(photo: Photo, facts: Mapping[str, str | int | float]) -> bool:
    """Whether a file's number is one of a reset's; any, where the facts say none."""
    prefix, number = numbered(photo)
    if "prefix" in facts:
        return facts["prefix"] == prefix and int(facts["first"]) <= number // TENS <= int(facts["last"])
    return "apart_from" not in facts or prefix not in str(facts["apart_from"]).split("\n")


_Numbered = list[tuple[int, datetime, int]]
"""Of files whose names begin alike: number in tens, hour, how many."""


def resets_of(
    cells: Mapping[tuple[datetime, str], int], is_interrupted: Callable[[str, int, int], bool]
) -> list[Reset]:
    """Return the resets of one camera and month.

    Args:
        cells: How many photos there are by hour of the clock and by `number_cell`.
        is_interrupted: Whether files that have a date, and names that begin so, are numbered between two tens.
    """
    by_prefix: dict[str, _Numbered] = {}
    for (at, cell), count in cells.items():
        prefix, _, tens = cell.rpartition("~")
        by_prefix.setdefault(prefix, []).append((int(tens), at, count))
    found: list[Reset] = []
    rest: dict[str, _Numbered] = {}
    for prefix, there in sorted(by_prefix.items()):
        runs = _parted(prefix, sorted(there), is_interrupted)
        if len(runs) == 1:
            rest[prefix] = there
        else:
            found += [Reset(prefix, run[0][0], run[-1][0], _hours(run)) for run in runs]
    if rest:
        most = max(rest, key=lambda prefix: (sum(count for _, _, count in rest[prefix]), prefix))
        numbers = [number for number, _, _ in rest[most]]
        hours = _hours([one for there in rest.values() for one in there])
        found.append(Reset(most, min(numbers), max(numbers), hours, tuple(sorted({one.prefix for one in found}))))
    return found


def _parted(prefix: str, there: _Numbered, is_interrupted: Callable[[str, int, int], bool]) -> list[_Numbered]:
    gaps = [at for at in range(1, len(there)) if there[at][0] - there[at - 1][0] > _GAP_TENS]
    if len(gaps) > _MOST_GAPS:
        return [there]
    cuts = [0, *(at for at in gaps if is_interrupted(prefix, there[at - 1][0], there[at][0])), len(there)]
    return [there[since:until] for since, until in pairwise(cuts)]


def _hours(there: _Numbered) -> list[Hour]:
    found: dict[datetime, Hour] = {}
    for _, at, count in there:
        found.setdefault(at, Hour(at)).cells[NOTHING] += count
    return [found[at] for at in sorted(found)]
