"""Stretches of time in which a person was probably at one place, or at one event, out of hours with photos."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from heliograph_metadata.domain.questions.question import HOUR, Span
from heliograph_metadata.domain.questions.sketch import NOTHING, Hour, kilometres, middle

GAPS: Final = (timedelta(hours=20), timedelta(hours=6), timedelta(hours=1))
"""What parts two stretches: at first a day, after a person's "several places" a night, then an hour."""
FAR_KM: Final = 40.0
"""Whoever has gone so far is at another place."""
LONGEST: Final = timedelta(days=21)


@dataclass(slots=True)
class Stay:
    """Hours with photos that belong together."""

    since: datetime
    until: datetime
    missing: int = 0
    """Photos of which the thing asked for is not known."""
    beside: int = 0
    """Of these, those of hours of which it is known of other photos."""
    hours: int = 0
    known: Counter[str] = field(default_factory=Counter)
    """Photos by what is known of them: tiles."""
    before: tuple[str, float] | None = None
    """What was known last before it, and how many hours before."""
    after: tuple[str, float] | None = None

    @property
    def span(self) -> Span:
        """As questions have it."""
        return Span(self.since.strftime(HOUR), self.until.strftime(HOUR))

    @property
    def days(self) -> int:
        """How many days of the calendar it touches."""
        return (self.until.date() - self.since.date()).days + 1


def stays(
    hours: Iterable[Hour],
    fineness: Callable[[str], int] = lambda _: 0,
    *,
    gaps: tuple[timedelta, ...] = GAPS,
    far_km: float = FAR_KM,
) -> list[Stay]:
    """Return the stretches in order, each with the nearest that is known around it.

    Args:
        hours: In order; the cell `-` counts photos of which the thing is not known, other cells are tiles.
        fineness: How finely to part at an hour (2024-06-15T13): which of the gaps parts there.
        gaps: From the widest on.
        far_km: Whoever has gone so far is at another place.
    """
    found: list[Stay] = []
    place: str | None = None
    for hour in hours:
        gap = gaps[min(fineness(hour.at.strftime(HOUR)), len(gaps) - 1)]
        here = _likeliest(hour.cells)
        last = found[-1] if found else None
        has_gone = here is not None and place is not None and kilometres(middle(here), middle(place)) > far_km
        is_new = last is None or hour.at - last.until > gap or hour.at - last.since > LONGEST
        if is_new or has_gone or last is None:
            last = Stay(hour.at, hour.at)
            found.append(last)
            place = None
        place = here or place
        last.until = hour.at
        last.hours += 1
        last.missing += hour.cells[NOTHING]
        last.beside += hour.cells[NOTHING] if here else 0
        last.known += Counter({tile: count for tile, count in hour.cells.items() if tile != NOTHING})
    _look_around(found)
    return found


def _likeliest(cells: Counter[str]) -> str | None:
    known = [(count, tile) for tile, count in cells.items() if tile != NOTHING]
    return max(known)[1] if known else None


def _look_around(found: list[Stay]) -> None:
    last: tuple[str, datetime] | None = None
    for stay in found:
        if last:
            stay.before = last[0], (stay.since - last[1]) / timedelta(hours=1)
        if tile := _likeliest(stay.known):
            last = tile, stay.until
    following: tuple[str, datetime] | None = None
    for stay in reversed(found):
        if following:
            stay.after = following[0], (following[1] - stay.until) / timedelta(hours=1)
        if tile := _likeliest(stay.known):
            following = tile, stay.since
