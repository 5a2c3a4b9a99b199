"""Tiles and areas of the map."""

from itertools import pairwise

from hypothesis import assume, example, given
from hypothesis import strategies as st

from heliograph_metadata.domain.tiles import (
    Bounds,
    Circle,
    deepest_level,
    key_ranges,
    quadkey,
    tile_box,
    tile_count,
    tiles,
)

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)
levels = st.integers(1, 20)


@st.composite
def boxes(draw: st.DrawFn) -> Bounds:
    south, north = sorted((draw(latitudes), draw(latitudes)))
    return Bounds(draw(longitudes), south, draw(longitudes), north)


def test_a_known_point_has_its_known_key() -> None:
    # Source: the example of the Bing Maps Tile System: tile (3, 5) at level 3 is "213".
    box = tile_box("213")
    assert quadkey((box.south + box.north) / 2, (box.west + box.east) / 2, 3) == "213"
    assert (box.west, box.east) == (-45.0, 0.0)


@given(latitudes, longitudes, levels)
@example(90.0, 180.0, 20)
@example(-90.0, -180.0, 20)
def test_a_point_lies_in_its_tile(latitude: float, longitude: float, level: int) -> None:
    key = quadkey(latitude, longitude, level)
    box = tile_box(key)

    assert len(key) == level
    edge = 1e-9  # degrees: a point on an edge belongs to one of both tiles
    assert Bounds(box.west - edge, box.south - edge, box.east + edge, box.north + edge).holds(latitude, longitude)


@given(latitudes, longitudes, levels)
def test_a_tile_s_key_begins_with_that_of_the_tile_around_it(latitude: float, longitude: float, level: int) -> None:
    assert quadkey(latitude, longitude).startswith(quadkey(latitude, longitude, level))


@given(boxes(), latitudes, longitudes)
@example(Bounds(170.0, -10.0, -170.0, 10.0), 0.0, 180.0)
@example(Bounds(170.0, -10.0, -170.0, 10.0), 0.0, -180.0)
def test_a_point_in_a_box_lies_in_a_tile_that_the_box_touches(box: Bounds, latitude: float, longitude: float) -> None:
    assume(box.holds(latitude, longitude))
    level = deepest_level(box, most_tiles=200)

    keys = tiles(box, level)

    assert len(keys) <= tile_count(box, level) <= 200
    assert quadkey(latitude, longitude, level) in keys


@given(boxes(), st.integers(2, 20), st.integers(1, 8))
def test_a_few_ranges_of_keys_cover_every_tile_of_a_box(box: Bounds, level: int, most: int) -> None:
    assume(tile_count(box, level) <= 2000)

    ranges = key_ranges(box, level, most=most)

    assert len(ranges) <= most
    assert all(len(first) == len(last) == level and first <= last for first, last in ranges)
    assert all(earlier[1] < later[0] for earlier, later in pairwise(ranges))
    assert all(any(first <= key <= last for first, last in ranges) for key in tiles(box, level))


def test_the_ranges_of_a_viewport_read_little_more_than_it_shows() -> None:
    viewport = Bounds(-9.25, 38.65, -9.05, 38.80)
    level = 18
    covered = sum(int(last, 4) - int(first, 4) + 1 for first, last in key_ranges(viewport, level))
    assert covered <= 4 * tile_count(viewport, level)


@given(latitudes, longitudes, st.floats(0.001, 20_000), latitudes, longitudes)
@example(0.0, 179.99, 10.0, 0.0, -179.99)
@example(89.9, 0.0, 50.0, 89.9, 180.0)
@example(-90.0, 0.0, 1.0, -90.0, 77.0)
def test_a_circle_lies_in_its_bounds(
    latitude: float, longitude: float, radius_km: float, other_latitude: float, other_longitude: float
) -> None:
    circle = Circle(latitude, longitude, radius_km)
    assume(circle.holds(other_latitude, other_longitude))

    box = circle.bounds()

    edge = 1e-6
    wider = Bounds(box.west - edge, box.south - edge, box.east + edge, box.north + edge)
    assert any(wider.holds(other_latitude, other_longitude + turn) for turn in (0, 360, -360))


def test_distances_are_those_of_the_earth() -> None:
    # Lisbon and Porto lie 275 km apart.
    assert Circle(38.71, -9.14, 276).holds(41.15, -8.61)
    assert not Circle(38.71, -9.14, 274).holds(41.15, -8.61)
