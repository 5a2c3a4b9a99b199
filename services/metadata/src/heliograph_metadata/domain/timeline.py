"""Parts of a month: from when to when, as keys of its list."""

import re
from datetime import datetime
from typing import Final, NamedTuple

from heliograph_metadata.domain.errors import InvalidQueryError

MONTH_PATTERN: Final = r"^\d{4}-(0[1-9]|1[0-2])$"
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d(:\d\d(:\d\d)?)?)?", re.ASCII)
_AFTER_ALL: Final = "~"
"""Comes after whatever follows a time in a sort key."""


class Span(NamedTuple):
    """Sort keys of a part of a month: since <= key < before."""

    since: str
    before: str


def span_within(month: str, *, since: str = "", until: str = "") -> Span:
    """Return the part of a month from one time to another, each a day, hour, minute or second, both inclusive.

    Args:
        month: For example 2024-06.
        since: For example 2024-06-15 or 2024-06-15T18:30, by the clock of the place; empty is the month's beginning.
        until: Likewise; empty is its end.

    Raises:
        InvalidQueryError: One is no time of that month, or the end lies before the beginning.
    """
    for text in (since, until):
        if text and not (_TIME.fullmatch(text) and _is_a_time(text)):
            raise InvalidQueryError(f"Write a time as {month}-15, {month}-15T18 or {month}-15T18:30.")
        if text and not text.startswith(f"{month}-"):
            raise InvalidQueryError(f"{text} lies outside the month {month}.")
    span = Span(since or month, f"{until or month}{_AFTER_ALL}")
    if span.since >= span.before:
        raise InvalidQueryError("The end of the time asked for lies before its beginning.")
    return span


def _is_a_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
