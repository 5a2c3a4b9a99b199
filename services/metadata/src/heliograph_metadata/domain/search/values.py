"""What the values of filters say: spans of time, areas, confidences."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from heliograph_metadata.domain.errors import InvalidQueryError
from heliograph_metadata.domain.search.query import Certainty, Field, Filter
from heliograph_metadata.domain.tiles import Bounds, Circle

_HALF_ROUND_THE_EARTH_KM: Final = 20_040
_METRES_PER_KM: Final = 1_000
_AFTER_ALL: Final = "~"
"""Comes after whatever follows in a sort key."""

MONTHS: Final = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_FEWEST_MONTH_LETTERS: Final = 3
_TIME: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?)?)?)?", re.ASCII)
_MONTH_NUMBER: Final = re.compile(r"0?[1-9]|1[0-2]", re.ASCII)
_FIRST_YEAR: Final = 1826
_LAST_YEAR: Final = 2100


@dataclass(frozen=True, slots=True, order=True)
class TimeSpan:
    """Sort keys with since <= key < before; an empty text is no bound."""

    since: str = ""
    before: str = ""

    def holds(self, sort_key: str) -> bool:
        """Whether a photo with this sort key was taken then."""
        return self.since <= sort_key and (not self.before or sort_key < self.before)

    def within(self, other: "TimeSpan") -> "TimeSpan":
        """Return what both have in common; it may be empty."""
        before = min(filter(None, (self.before, other.before)), default="")
        return TimeSpan(max(self.since, other.since), before)

    @property
    def is_empty(self) -> bool:
        """Whether no sort key lies within."""
        return bool(self.before) and self.before <= self.since


EVER: Final = TimeSpan()


@dataclass(frozen=True, slots=True)
class EachYear:
    """A month of every year, 1-12."""

    month: int


def common(one: Iterable[TimeSpan], other: Sequence[TimeSpan]) -> list[TimeSpan]:
    """Return the spans of time that lie within both, in order."""
    both = (span.within(another) for span in one for another in other)
    return sorted(span for span in both if not span.is_empty)


def is_time(text: str) -> bool:
    """Whether this is a year, a month, a day or a minute of the calendar."""
    found = _TIME.fullmatch(text)
    if not found:
        return False
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        date(year, month if found[2] else 1, day if found[3] else 1)
    except ValueError:
        return False
    return hour < 24 and minute < 60 and second < 60  # noqa: PLR2004 - a day's clock


def is_year(text: str) -> bool:
    """Whether people mean a year of photography by this."""
    return len(text) == 4 and text.isdigit() and text.isascii() and _FIRST_YEAR <= int(text) <= _LAST_YEAR  # noqa: PLR2004


def month_named(text: str) -> int | None:
    """Return the number of the month whose name begins so; three letters at least."""
    if len(text) < _FEWEST_MONTH_LETTERS:
        return None
    lower = text.lower()
    return next((number for number, name in enumerate(MONTHS, 1) if name.startswith(lower)), None)


def date_span(text: str) -> TimeSpan | None:
    """Return what `2024`, `2024-06`, `2024-06-15` or two of them with dots between name; None where it is no date."""
    first, dots, last = text.partition("..")
    if not dots:
        last = first
    if not is_time(first) or not is_time(last) or first > last + _AFTER_ALL:
        return None
    return TimeSpan(first, last + _AFTER_ALL)


def between(since: str, until: str) -> TimeSpan:
    """Return a span of time with both ends inclusive.

    Raises:
        InvalidQueryError: One is no year, month, day or minute, or the end lies before the beginning.
    """
    for name, text in (("from", since), ("to", until)):
        if text and not is_time(text):
            raise InvalidQueryError(f"Write {name} as 2024, 2024-06, 2024-06-15 or 2024-06-15T18:30.")
    if since and until and since > until + _AFTER_ALL:
        raise InvalidQueryError("The end of the time looked for lies before its beginning.")
    return TimeSpan(since, until + _AFTER_ALL if until else "")


def time_of(clause: Filter) -> TimeSpan | EachYear:
    """Return what a filter by time means.

    Raises:
        InvalidQueryError: It is no such time.
    """
    text = clause.value
    match clause.field:
        case Field.FROM | Field.TO | Field.AFTER | Field.BEFORE:
            return _end_of(clause.field, text)
        case Field.MONTH if (number := _month_number(text)) is not None:
            return EachYear(number)
        case Field.MONTH:
            form, example = 7, "month:june, month:6 or month:2024-06"
        case Field.YEAR:
            form, example = 4, "year:2024 or year:2020..2023"
        case Field.DAY:
            form, example = 10, "day:2024-06-15"
        case _:
            form, example = 0, "date:2024-06-15, date:2024-06 or date:2024-06..2024-08"
    span = date_span(text)
    if span is None or (form and any(len(part) != form for part in text.split(".."))):
        raise InvalidQueryError(f"“{text}” is no date of the calendar; write {example}.")
    return span


def _end_of(field: Field, text: str) -> TimeSpan:
    if not is_time(text):
        raise InvalidQueryError(
            f"“{text}” is no date of the calendar; write {field}:2024, {field}:2024-06, {field}:2024-06-15 "
            f"or {field}:2024-06-15T18:30."
        )
    match field:
        case Field.FROM:
            return TimeSpan(since=text)
        case Field.TO:
            return TimeSpan(before=text + _AFTER_ALL)
        case Field.AFTER:
            return TimeSpan(since=text + _AFTER_ALL)
        case _:
            return TimeSpan(before=text)


def _month_number(text: str) -> int | None:
    return int(text) if _MONTH_NUMBER.fullmatch(text) else month_named(text)


def certainty_of(text: str) -> Certainty | None:
    """Return what `>0.8`, `>=0.8`, `<0.5`, `<=0.5` or `=0.5..0.8` mean; None where they mean nothing."""
    if text.startswith("="):
        first, dots, last = text[1:].partition("..")
        least, most = _fraction(first), _fraction(last if dots else first)
        return None if least is None or most is None or least > most else Certainty(least, most)
    inclusive = text[1:2] == "="
    bound = _fraction(text[2:] if inclusive else text[1:])
    if bound is None:
        return None
    if text.startswith(">"):
        return Certainty(least=bound, with_least=inclusive)
    return Certainty(most=bound, with_most=inclusive)


def _fraction(text: str) -> float | None:
    if not re.fullmatch(r"\d{0,3}(\.\d{1,9})?%?", text, re.ASCII) or not any(map(str.isdigit, text)):
        return None
    number = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    return number if number <= 1 else None


def certainty_text(certainty: Certainty) -> str:
    """Return a text that `certainty_of` reads as this."""
    if certainty.with_least and certainty.with_most and certainty.most < 1:
        return f"={certainty.least!r}..{certainty.most!r}"
    if certainty.least == 0 and certainty.with_least and not (certainty.most == 1 and certainty.with_most):
        return f"<{'=' * certainty.with_most}{certainty.most!r}"
    return f">{'=' * certainty.with_least}{certainty.least!r}"


def _numbers(text: str, count: int, form: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != count or not all(map(math.isfinite, numbers)):
        raise InvalidQueryError(f"Write {form}, numbers with commas between them.")
    return numbers


def bounds_of(text: str) -> Bounds:
    """Return the part of the map that `w,s,e,n` names; over the date line where west > east or beyond ±180.

    Raises:
        InvalidQueryError: It names none.
    """
    west, south, east, north = _numbers(text, 4, "bbox=west,south,east,north in degrees")
    if not -90 <= south <= north <= 90:  # noqa: PLR2004 - the poles
        raise InvalidQueryError("In bbox, -90 ≤ south ≤ north ≤ 90 must hold.")
    if max(abs(west), abs(east)) > 3 * 180:
        raise InvalidQueryError("In bbox, west and east must lie within -540 to 540.")
    if east - west >= 360:  # noqa: PLR2004 - a full circle
        return Bounds(-180.0, south, 180.0, north)
    return Bounds(_wrapped(west), south, _wrapped(east), north)


def _wrapped(longitude: float) -> float:
    return longitude if -180 <= longitude <= 180 else (longitude + 180.0) % 360.0 - 180.0  # noqa: PLR2004


def circle_of(text: str) -> Circle:
    """Return the circle that `lat,lng,5km` names; a bare number means kilometres, `m` metres.

    Raises:
        InvalidQueryError: It names none.
    """
    lower = text.strip().lower()
    metres = lower.endswith("m") and not lower.endswith("km")
    plain = lower.removesuffix("km") if not metres else lower.removesuffix("m")
    latitude, longitude, radius = _numbers(plain, 3, "near=latitude,longitude,kilometres")
    radius_km = radius / _METRES_PER_KM if metres else radius
    if abs(latitude) > 90 or abs(longitude) > 180 or not 0 < radius_km <= _HALF_ROUND_THE_EARTH_KM:  # noqa: PLR2004
        raise InvalidQueryError("In near, the point must lie on the earth and 0 < kilometres ≤ 20040 must hold.")
    return Circle(latitude, longitude, radius_km)
