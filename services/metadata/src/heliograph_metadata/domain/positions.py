"""Positions between others: text that sorts between two given texts, so that one thing moves and the rest stays.

Source: fractional indexing, as D. Greenspan describes it in "Implementing Fractional Indexing" (2020); here the
fractions are written in the printable characters, so that what they lie between may be any key of a list.
"""

from collections.abc import Sequence
from typing import Final

from heliograph.errors import ConflictError

MOST_POSITION_CHARACTERS: Final = 900
"""A key of the table has at most 1,024 bytes."""

_FIRST: Final = 0x21
_BASE: Final = 0x7F - _FIRST
"""The printable characters of ASCII without the space, which so sorts before all that a position holds."""

_ROOM: Final = 8
_TO_THE_ANCHOR: Final = 4


class NoPositionLeftError(ConflictError):
    """So many photos were moved to the same place of an album, one by one, that no more fit in between."""

    code = "no-position-left"


def between(low: str | None, high: str | None, names: Sequence[str], *, near_low: bool) -> list[str]:
    """Return a position for each name, in this order, all of them between two keys.

    Args:
        low: Printable ASCII without spaces, or None where there is nothing on that side.
        high: The same; low < high, and it may not be `low` with nothing but exclamation marks behind it.
        names: What each position ends with, all different and equally long, so that no two positions are the same.
        near_low: To which side more room is left: who moves photos one after another mostly puts each behind the
            last one, or each before it, and then an eighth of the room is used up, not half.

    Raises:
        NoPositionLeftError: The positions would be too long.
        ValueError: low >= high.
    """
    if low is not None and high is not None and low >= high:
        raise ValueError(f"nothing lies between {low!r} and {high!r}")
    shared = _shared(low, high)
    first, last, digits = 0, 0 if high is not None else 1, 0
    while True:
        if len(shared) + digits + max(map(len, names), default=0) + 2 > MOST_POSITION_CHARACTERS:
            raise NoPositionLeftError("No more photos fit in there; move them to another place of the album.")
        first = first * _BASE + _digit(low, len(shared) + digits)
        last = last * _BASE + _digit(high, len(shared) + digits)
        digits += 1
        each = (last - first) // (len(names) + 1)
        if each >= _ROOM:
            break
    step = each // _TO_THE_ANCHOR
    start = first if near_low else last - step * (len(names) + 1)
    # No fraction is the beginning of `high`, so whatever follows it, it stays below.
    return [f"{shared}{_text(start + step * number, digits)}~{name}" for number, name in enumerate(names, 1)]


def _shared(low: str | None, high: str | None) -> str:
    """Return what both begin with."""
    if low is None or high is None:
        return ""
    length = next((at for at, (one, other) in enumerate(zip(low, high, strict=False)) if one != other), len(low))
    return low[:length]


def _digit(text: str | None, at: int) -> int:
    return ord(text[at]) - _FIRST if text is not None and at < len(text) else 0


def _text(number: int, digits: int) -> str:
    characters = []
    for _ in range(digits):
        number, digit = divmod(number, _BASE)
        characters.append(chr(_FIRST + digit))
    return "".join(reversed(characters))
