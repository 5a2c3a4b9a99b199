"""Parts of the map whose photos can be listed: a tile or a box, and which lists and counts of the index cover them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from heliograph_metadata.domain.index import Card
from heliograph_metadata.domain.terms import COUNTED_LEVELS, POSTED_LEVELS, PRESENT, Term
from heliograph_metadata.domain.tiles import (
    Bounds,
    deepest_level,
    key_ranges,
    quadkey,
    tile_count,
    tiles,
    tiles_within,
)

_MOST_LISTS: Final = 16
_MOST_COUNTED: Final = 64
_MOST_RANGES: Final = 4


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile, by its quadkey."""

    key: str

    @property
    def is_counted(self) -> bool:
        """Whether the counts say how many photos it has; not only at most."""
        return len(self.key) <= COUNTED_LEVELS[-1]

    def holds(self, card: Card) -> bool:
        """Whether a photo lies in it."""
        return card.latitude is not None and quadkey(card.latitude, card.longitude or 0.0).startswith(self.key)

    def key_ranges(self, level: int) -> Sequence[tuple[str, str]]:
        """Return the keys of a level that lie in it, or that of the tile it lies in: the first and the last."""
        key = self.key[:level]
        return [(key.ljust(level, "0"), key.ljust(level, "3"))]

    def counted(self) -> tuple[int, Collection[str] | None]:
        """Return a level whose tiles' counts, of those in `key_ranges`, say how many photos it has at most; all."""
        return next((level for level in COUNTED_LEVELS if level >= len(self.key)), COUNTED_LEVELS[-1]), None

    def lists(self) -> Sequence[Term]:
        """Return a few lists of photos that hold all of its own, each once."""
        for level in reversed(POSTED_LEVELS):
            if level <= len(self.key):
                return [Term("area", self.key[:level])]
            if 4 ** (level - len(self.key)) <= _MOST_LISTS:
                return [Term("area", key) for key in tiles_within(self.key, level)]
        return [PRESENT]


@dataclass(frozen=True, slots=True)
class Box:
    """A box in degrees."""

    bounds: Bounds

    @property
    def is_counted(self) -> bool:
        """Whether the counts say how many photos it has, or little more."""
        return True

    def holds(self, card: Card) -> bool:
        """Whether a photo lies in it or on its edge."""
        return card.latitude is not None and self.bounds.holds(card.latitude, card.longitude or 0.0)

    def key_ranges(self, level: int) -> Sequence[tuple[str, str]]:
        """Return ranges of keys of a level, first and last, that cover it."""
        return key_ranges(self.bounds, level, most=_MOST_RANGES)

    def counted(self) -> tuple[int, Collection[str] | None]:
        """Return a level, and those of its tiles whose counts say how many photos lie in the box or little beside."""
        deepest = deepest_level(self.bounds, most_tiles=_MOST_COUNTED)
        level = max((level for level in COUNTED_LEVELS if level <= deepest), default=COUNTED_LEVELS[0])
        return level, tiles(self.bounds, level)

    def lists(self) -> Sequence[Term]:
        """Return a few lists of photos that hold all of its own, each once."""
        for level in reversed(POSTED_LEVELS):
            if tile_count(self.bounds, level) <= _MOST_LISTS:
                return [Term("area", key) for key in sorted(tiles(self.bounds, level))]
        return [PRESENT]


Part = Tile | Box
