"""Where photos without a place were probably taken: by others of their hours, by the days around, by where one lives.

The chances are those of simulated people (tests/bench/people.py), rounded: how often a guess was right.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Final

from heliograph_metadata.domain.questions.elsewhere import chance_left
from heliograph_metadata.domain.questions.memory import Memory
from heliograph_metadata.domain.questions.sketch import MONTH, Sketches, kilometres, middle, months_apart
from heliograph_metadata.domain.questions.stays import FAR_KM, Stay
from heliograph_metadata.domain.questions.value import spread, surprise

HOMES: Final = "homes"
"""The group of what is usual among the sketches of `place`; all others are months and runs of files."""
HOME_LEVEL: Final = 12
"""Tiles about as wide as a town: between which of them a person was is what is not known."""
_PLACE: Final = "place"

_BEYOND_BITS: Final = 14.0
"""Of choice among places where the person has never been: some 16,000 towns."""
_WITHIN_BITS: Final = 3.0
"""Of choice within a town: a place says at least so much, though it be the usual one."""

_BESIDE, _INSIDE = 0.5, 0.98
"""Where so much of what has no place was taken in the hours of what has one, it is so sure."""
_OTHER_HOURS_AWAY: Final = (0.4, 0.6, 0.85)
"""Photos of a stretch with places, but of other hours, by the days it lasts: away from home nobody goes far in between.
On one day it is mostly a camera's clock that is wrong."""
_OTHER_HOURS_AT_HOME, _OTHER_HOURS = 0.1, 0.55
"""At home, and where it is not known where that is."""
_STILL_AWAY, _AWAY_FADES_HOURS = 0.75, 120.0
"""Who was away before or after still is, however long the stretch; the less surely, the longer ago that was."""
_AWAY_BOTH, _BOTH_FADES_HOURS = 0.9, 400.0
"""So is who was there before and after."""
_AT_HOME: Final = 0.75
_YEARS_APART: Final = 0.97
"""A day is spent at home by the first, and by the second to the power of the years less, if home is known of another
year only. What a person unticks moves it (`Memory.as_usual`)."""
_PER_DAY_AWAY: Final = 0.4
"""Whoever takes photos on several days running is mostly on a trip of which nothing else is known."""
_MANY, _OF_MANY = 20, 0.5
"""So is whoever takes so many on one day."""
_LEAST_MONTHS: Final = 3
"""In so many months of a year somebody has to have been where they live."""
_MOST_OTHERS: Final = 3
"""More are not read at a glance."""
_MOST_NEAR: Final = 12
"""So many towns of the nearest months are looked at, as some are those that are offered already."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where somebody mostly was in a year."""

    tile: str
    chance: float
    """That a day was spent there, 0-1."""

    def is_near(self, tile: str) -> bool:
        """Whether a tile is in the same town."""
        return kilometres(middle(tile), middle(self.tile)) <= FAR_KM


class Guesses:
    """Where photos of a year without a place probably were taken, and how many bits it is to know it."""

    def __init__(self, sketches: Sketches, year: str, memory: Memory) -> None:
        self._sketches, self._year, self._memory = sketches, year, memory
        self._met = _by_place(sketches)
        self._near: dict[str, tuple[str, ...]] = {}
        self.unknown = _unknown_bits(self._met)
        """What it takes to say any place."""

    @cached_property
    def home(self) -> Home | None:
        """Where somebody mostly was in that year."""
        return _home_of(self._year, self._sketches, self._memory)

    def where(self, stay: Stay) -> tuple[str | None, float]:
        """Return the tile where photos of a stretch without a place probably were taken, and how sure that is, 0-1."""
        found = [(tile, certainty * self._left(stay, tile)) for tile, certainty in self._likely(stay)]
        best = max(found, key=lambda one: one[1], default=(None, 0.0))
        return best if best[1] else (None, 0.0)

    def _likely(self, stay: Stay) -> Iterator[tuple[str, float]]:
        """Yield tiles and how sure they are, before what the person said of where they were not."""
        if stay.known:
            yield _beside(stay, self.home)
            return
        tile, certainty = _around(stay, self.home)
        if tile:
            yield tile, certainty
        if self.home:
            yield self.home.tile, self.home.chance * _chance_of_staying(stay) * (1 - certainty)

    def _left(self, stay: Stay, tile: str) -> float:
        """Return which part of the chance is left that a stretch was spent in a town: the person may have said no."""
        return chance_left(self._memory.elsewhere, stay.span, middle(tile))

    def others(self, stay: Stay, *, besides: str | None) -> tuple[str, ...]:
        """Return up to three further tiles where they may have been taken, likeliest first, all far from one another.

        Args:
            stay: A stretch with photos without a place.
            besides: Where they probably were taken, as `where` has it.
        """
        month = f"{stay.since:{MONTH}}"
        around = sorted((one for one in (stay.before, stay.after) if one), key=lambda one: one[1])
        likely = [
            *sorted(stay.known, key=lambda tile: (-stay.known[tile], tile)),
            *(tile for tile, _ in around),
            *([self.home.tile] if self.home else []),
            *self._lately(month),
        ]
        open_ = (tile for tile in likely if self._left(stay, tile))
        houses = (self._house(tile, month) for tile in _far_apart(open_, besides))
        return tuple(islice(_far_apart(houses, besides), _MOST_OTHERS))

    def _lately(self, month: str) -> tuple[str, ...]:
        """Return where most photos of the nearest months were taken; it is the same for all stretches of a month."""
        if month not in self._near:
            by_month = sorted(self._by_month.items(), key=lambda one: _from(month, one[0]))
            tiles = (tile for _, there in by_month for tile in sorted(there, key=lambda one: (-there[one], one)))
            self._near[month] = tuple(islice(_far_apart(tiles), _MOST_NEAR))
        return self._near[month]

    def _house(self, tile: str, month: str) -> str:
        """Return where in a town most photos were taken in the nearest month: its middle may lie in another town."""
        if len(tile) > HOME_LEVEL:
            return tile
        nearest = min(
            (one for one, there in self._by_month.items() if tile in there), key=lambda one: _from(month, one)
        )
        within: Counter[str] = Counter()
        for cell, count in self._sketches.sketch(_PLACE, nearest).items():
            house = cell.partition("|")[2]
            if house.startswith(tile):
                within[house] += count
        return max(within, key=lambda one: (within[one], one), default=tile)

    @cached_property
    def _by_month(self) -> dict[str, Counter[str]]:
        """How many photos were taken in each town, by month."""
        found: dict[str, Counter[str]] = {}
        for cell, count in self._sketches.sketch(_PLACE, HOMES).items():
            month, _, tile = cell.partition("|")
            found.setdefault(month, Counter())[tile] += count
        return found

    def bits(self, tile: str | None, certainty: float = 1.0) -> float:
        """Return the bits that an answer is expected to say: few where it probably is where most photos were taken.

        Args:
            tile: Where they probably were taken, if that can be guessed.
            certainty: How sure that is, 0-1; sure, where the answer says so.
        """
        if not tile:
            return self.unknown
        said = surprise(self._met, tile[:HOME_LEVEL], beyond=_BEYOND_BITS)
        return certainty * max(said, _WITHIN_BITS) + (1 - certainty) * self.unknown


def unknown_anywhere(sketches: Sketches) -> float:
    """Return the bits that it takes to say any place, of photos of which not even the year is known."""
    return _unknown_bits(_by_place(sketches))


def _home_of(year: str, sketches: Sketches, memory: Memory) -> Home | None:
    """Return the tile where photos were taken in most months of the year; None where few trips make no home.

    Where no tile has several months, that of the nearest year that has one.
    """
    by_year: dict[int, Counter[str]] = {}
    for cell in sketches.sketch(_PLACE, HOMES):
        month, _, tile = cell.partition("|")
        by_year.setdefault(int(month[:4]), Counter())[tile] += 1
    for nearest in sorted(by_year, key=lambda one: (abs(one - int(year)), one)):
        tiles = by_year[nearest]
        if tiles.total() < _LEAST_MONTHS:
            continue
        centres = {tile: middle(tile) for tile in tiles}
        near = {
            tile: sum(count for other, count in tiles.items() if kilometres(here, centres[other]) <= FAR_KM)
            for tile, here in centres.items()
        }
        home = max(tiles, key=lambda tile: (near[tile], tiles[tile], tile))
        if near[home] >= _LEAST_MONTHS:
            chance = _AT_HOME * _YEARS_APART ** abs(nearest - int(year))
            return Home(home, memory.as_usual(int(year), chance))
    return None


def _from(month: str, other: str) -> tuple[int, str]:
    """Return the key by which the nearest months come first."""
    return abs(months_apart(month, other)), other


def _far_apart(tiles: Iterable[str], besides: str | None = None) -> Iterator[str]:
    """Yield the tiles that are far from those before them, and from one besides."""
    found = [middle(besides)] if besides else []
    for tile in tiles:
        here = middle(tile)
        if all(kilometres(here, other) > FAR_KM for other in found):
            found.append(here)
            yield tile


def _by_place(sketches: Sketches) -> Counter[str]:
    """Return how many photos of all years were taken in each tile."""
    found: Counter[str] = Counter()
    for cell, count in sketches.sketch(_PLACE, HOMES).items():
        found[cell.partition("|")[2]] += count
    return found


def _unknown_bits(met: Mapping[str, int]) -> float:
    """Return the bits that it takes to say any place where a person was: where they live is said by the way.

    A place that was met is as likely as any other, as somebody who has gone there has come from where they mostly are;
    and who was never elsewhere may have been.

    Args:
        met: Photos of all years by tile, as `_by_place` has them.
    """
    if not met:
        return _BEYOND_BITS
    seldom = sum(surprise(met, tile, beyond=_BEYOND_BITS) for tile in met) / len(met)
    return max(seldom, spread(met.values(), beyond=_BEYOND_BITS), _WITHIN_BITS)


def _beside(stay: Stay, home: Home | None) -> tuple[str, float]:
    """Return what others of the same stretch say."""
    tile, _ = max(stay.known.items(), key=lambda known: (known[1], known[0]))
    near = sum(count for other, count in stay.known.items() if kilometres(middle(other), middle(tile)) <= FAR_KM)
    share = near / stay.known.total()
    if stay.beside >= _BESIDE * stay.missing:
        return tile, share * _INSIDE
    if home is None:
        return tile, share * _OTHER_HOURS
    if home.is_near(tile):
        return tile, share * _OTHER_HOURS_AT_HOME
    return tile, share * _OTHER_HOURS_AWAY[min(stay.days, len(_OTHER_HOURS_AWAY)) - 1]


def _around(stay: Stay, home: Home | None) -> tuple[str | None, float]:
    """Return what was known last before or first after it, if that was away."""
    around = [one for one in (stay.before, stay.after) if one and not (home and home.is_near(one[0]))]
    if not around:
        return None, 0.0
    tile, gap = min(around, key=lambda one: one[1])
    if len(around) == 2 and kilometres(middle(around[0][0]), middle(around[1][0])) <= FAR_KM:  # noqa: PLR2004 - sides
        return tile, _AWAY_BOTH * math.exp(-max(one[1] for one in around) / _BOTH_FADES_HOURS)
    return tile, _STILL_AWAY * math.exp(-gap / _AWAY_FADES_HOURS)


def _chance_of_staying(stay: Stay) -> float:
    """Return by what it is less likely that nobody has gone anywhere, of a stretch of which no place is known."""
    return _PER_DAY_AWAY ** (stay.days - 1) * (_OF_MANY if stay.missing >= _MANY else 1.0)
