"""A span of time in whole months, as the map is filtered by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_FIRST_MONTH: Final = "-01"
_LAST_MONTH: Final = "-12"


@dataclass(frozen=True, slots=True)
class Months:
    """From the beginning of one month to the end of another, by the clock of the place."""

    first: str
    last: str
    """Both as 2024-06, both inclusive; first <= last."""

    @property
    def since(self) -> str:
        """The smallest sort key in it."""
        return self.first

    @property
    def before(self) -> str:
        """What is greater than every sort key in it."""
        return f"{self.last}~"  # `~` comes after whatever follows in a sort key

    def holds(self, sort_key: str) -> bool:
        """Whether a photo with this place in time was taken then."""
        return self.since <= sort_key < self.before

    def shares(self, by_month: Mapping[str, int]) -> dict[str, float]:
        """Return of each year that it touches which part of a library's photos of that year it holds.

        Args:
            by_month: The library's number of photos of each month.
        """
        inside: dict[str, int] = {}
        whole: dict[str, int] = {}
        for month, photos in by_month.items():
            year = month[:4]
            whole[year] = whole.get(year, 0) + photos
            if self.first <= month <= self.last:
                inside[year] = inside.get(year, 0) + photos
        return {year: photos / whole[year] for year, photos in inside.items()}

    def holds_year(self, year: str) -> bool:
        """Whether it holds all of a year."""
        return self.first <= f"{year}{_FIRST_MONTH}" and f"{year}{_LAST_MONTH}" <= self.last


def months(since: str, until: str) -> Months | None:
    """Return the months from one year or month to another, or None where neither is named.

    Args:
        since: 2024 or 2024-06; empty for the beginning of time.
        until: The same; empty for its end.
    """
    if not since and not until:
        return None
    first = since if "-" in since else f"{since or '0001'}{_FIRST_MONTH}"
    last = until if "-" in until else f"{until or '9999'}{_LAST_MONTH}"
    return Months(first, last)
