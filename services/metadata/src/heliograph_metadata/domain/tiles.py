"""Map tiles as quadkeys: a tile's key begins with the key of each coarser tile that it lies in.

Source: "Bing Maps Tile System" (Web Mercator, quadkeys).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

DEEPEST_LEVEL: Final = 20
"""A tile of this level is about 38 metres wide at the equator."""

_MOST_LATITUDE: Final = 85.05112877980659
_POLE: Final = 90.0
_KM_PER_DEGREE: Final = 111.195


@dataclass(frozen=True, slots=True)
class Bounds:
    """A part of the map in degrees; over the date line where west > east."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, latitude: float, longitude: float) -> bool:
        """Whether a point lies in the box or on its edge."""
        if not self.south <= latitude <= self.north:
            return False
        if self.west <= self.east:
            return self.west <= longitude <= self.east
        return longitude >= self.west or longitude <= self.east

    def halves(self) -> tuple["Bounds", ...]:
        """Return the box as boxes that do not cross the date line."""
        if self.west <= self.east:
            return (self,)
        return (Bounds(self.west, self.south, 180.0, self.north), Bounds(-180.0, self.south, self.east, self.north))


@dataclass(frozen=True, slots=True)
class Circle:
    """All points within some distance of one."""

    latitude: float
    longitude: float
    radius_km: float

    def holds(self, latitude: float, longitude: float) -> bool:
        """Whether a point lies in the circle, by the haversine formula on a sphere."""
        south, north = math.radians(self.latitude), math.radians(latitude)
        apart = math.radians(longitude - self.longitude)
        chord = math.sin((north - south) / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin(apart / 2) ** 2
        return 2 * math.degrees(math.asin(min(1.0, math.sqrt(chord)))) * _KM_PER_DEGREE <= self.radius_km

    def bounds(self) -> Bounds:
        """Return the smallest box around the circle; all longitudes where it reaches a pole."""
        degrees = self.radius_km / _KM_PER_DEGREE
        south, north = self.latitude - degrees, self.latitude + degrees
        # Source: meridians touch a circle of angular radius r around latitude φ at asin(sin r / cos φ).
        reach = math.sin(math.radians(min(degrees, 90.0))) / max(math.cos(math.radians(self.latitude)), 1e-12)
        if max(-south, north) >= _POLE or reach >= 1:
            return Bounds(-180.0, max(south, -_POLE), 180.0, min(north, _POLE))
        wide = math.degrees(math.asin(reach))
        return Bounds(_wrapped(self.longitude - wide), south, _wrapped(self.longitude + wide), north)


Area = Bounds | Circle


def _wrapped(longitude: float) -> float:
    return (longitude + 180.0) % 360.0 - 180.0


def _column_and_row(latitude: float, longitude: float, level: int) -> tuple[int, int]:
    latitude = min(max(latitude, -_MOST_LATITUDE), _MOST_LATITUDE)
    side = 1 << level
    sine = math.sin(math.radians(latitude))
    x = (longitude + 180.0) / 360.0
    y = 0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)
    return min(max(int(x * side), 0), side - 1), min(max(int(y * side), 0), side - 1)


def _key(column: int, row: int, level: int) -> str:
    return "".join(str((column >> bit & 1) | (row >> bit & 1) << 1) for bit in range(level - 1, -1, -1))


def quadkey(latitude: float, longitude: float, level: int = DEEPEST_LEVEL) -> str:
    """Return the key of the tile that a point lies in: `level` digits of 0-3.

    Beyond 85.05° the map has no tiles; such a point is given to the last row.
    """
    return _key(*_column_and_row(latitude, longitude, level), level)


def tile_box(key: str) -> Bounds:
    """Return the part of the map that a tile shows; the outermost rows reach the poles.

    Args:
        key: A quadkey.
    """
    column = row = 0
    for digit in key:
        column = column << 1 | (int(digit) & 1)
        row = row << 1 | int(digit) >> 1
    side = 1 << len(key)

    def latitude(line: int) -> float:
        if line in {0, side}:
            return 90.0 if line == 0 else -90.0
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * line / side))))

    west = column / side * 360.0 - 180.0
    return Bounds(west, latitude(row + 1), west + 360.0 / side, latitude(row))


def _rectangles(box: Bounds, level: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield (first column, first row, last column, last row) of the tiles that a box touches."""
    for half in box.halves():
        first_column, first_row = _column_and_row(half.north, half.west, level)
        last_column, last_row = _column_and_row(half.south, half.east, level)
        yield first_column, first_row, last_column, last_row


def tile_count(box: Bounds, level: int) -> int:
    """Return how many tiles of `level` a box touches."""
    return sum((right - left + 1) * (low - top + 1) for left, top, right, low in _rectangles(box, level))


def tiles(box: Bounds, level: int) -> set[str]:
    """Return the keys of all tiles of `level` that a box touches; ask `tile_count` first."""
    return {
        _key(column, row, level)
        for left, top, right, low in _rectangles(box, level)
        for column in range(left, right + 1)
        for row in range(top, low + 1)
    }


def tiles_around(key: str) -> list[str]:
    """Return the tiles of the same level that touch a tile, over the date line too; fewer at the poles."""
    level, side = len(key), 1 << len(key)
    box = tile_box(key)
    column, row = _column_and_row((box.south + box.north) / 2, (box.west + box.east) / 2, level)
    around = ((column + x, row + y) for y in (-1, 0, 1) for x in (-1, 0, 1) if (x, y) != (0, 0))
    return [_key(x % side, y, level) for x, y in around if 0 <= y < side]


def tiles_within(key: str, level: int) -> list[str]:
    """Return the keys of all tiles of `level` in one tile of a level at most as deep, in order."""
    deeper = level - len(key)
    return [key + _digits(number, deeper) for number in range(4**deeper)]


def deepest_level(box: Bounds, *, most_tiles: int, most_level: int = DEEPEST_LEVEL) -> int:
    """Return the deepest level, `most_level` at most, at which a box touches at most `most_tiles` (>= 4) tiles."""
    level = most_level
    while level > 0 and tile_count(box, level) > most_tiles:
        level -= 1
    return level


def key_ranges(box: Bounds, level: int, *, most: int = 8) -> list[tuple[str, str]]:
    """Return at most `most` ranges of keys of `level` that cover a box, with little more.

    A range is (first key, last key), both inclusive. The box is covered with tiles of a level at which there
    are few of them; runs of neighbouring keys become one range, and then the smallest gaps are bridged.
    """
    coarse = deepest_level(box, most_tiles=128, most_level=level)
    numbers = sorted(int(key, 4) if key else 0 for key in tiles(box, coarse))
    gaps = sorted(range(1, len(numbers)), key=lambda i: numbers[i - 1] - numbers[i])[: most - 1]
    breaks = sorted(i for i in gaps if numbers[i] - numbers[i - 1] > 1)
    deeper = 2 * (level - coarse)  # bits by which a key of `level` is longer
    return [
        (_digits(numbers[start] << deeper, level), _digits(((numbers[end - 1] + 1) << deeper) - 1, level))
        for start, end in zip([0, *breaks], [*breaks, len(numbers)], strict=True)
    ]


def _digits(number: int, level: int) -> str:
    return "".join(str(number >> 2 * place & 3) for place in range(level - 1, -1, -1))
