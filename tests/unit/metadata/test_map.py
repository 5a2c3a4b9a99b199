"""The map over a library in memory: what it answers for any part of the world and any time, and what it reads."""

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given, settings
from hypothesis import strategies as st

from heliograph.photos import PhotoId
from heliograph.presign import S3Presigner
from heliograph_metadata.domain.errors import InvalidCursorError
from heliograph_metadata.domain.parts import Box, Part, Tile
from heliograph_metadata.domain.photo import Location, Photo
from heliograph_metadata.domain.span import Months, months
from heliograph_metadata.domain.tiles import Bounds, quadkey
from heliograph_metadata.media_urls import MediaUrls
from heliograph_metadata.schemas.map import MapResponse
from heliograph_metadata.service.map import MOST_CLUSTERS, Cluster, Clusters, PhotoMap
from heliograph_metadata.service.map_photos import MOST_GATHERED, MOST_WALKED, MapPhotos
from tests.builders import LISBON, NOON, OWNER, a_photo
from tests.fakes.metered_index import MeteredIndex

WORLD = Bounds(-180, -90, 180, 90)
CITY = Bounds(-9.25, 38.65, -9.05, 38.80)


def a_month(number: int) -> datetime:
    return datetime(2015 + number // 12 % 10, number % 12 + 1, 15, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def library() -> MeteredIndex:
    """A home town with most of the photos, one house in it with a few, and journeys; ten years."""
    dice = random.Random(1)
    home = [
        a_photo(
            number,
            location=Location(38.71 + dice.gauss(0, 0.02), -9.14 + dice.gauss(0, 0.02)),
            taken_at=a_month(dice.randrange(120)) + timedelta(minutes=number),
        )
        for number in range(2400)
    ]
    away = [
        a_photo(
            number,
            location=Location(dice.uniform(-60, 70), dice.uniform(-180, 180)),
            taken_at=a_month(dice.randrange(120)) + timedelta(minutes=number),
        )
        for number in range(2400, 2700)
    ]
    house = [
        a_photo(
            number,
            location=Location(38.7000001, -9.2000001),
            taken_at=a_month(number % 120) + timedelta(seconds=number),
        )
        for number in range(2700, 2800)
    ]
    return MeteredIndex([*home, *away, *house])


def located(index: MeteredIndex) -> list[Photo]:
    return list(index.photos.values())


async def everything(index: MeteredIndex, part: Part, span: Months | None = None, *, limit: int = 60) -> list[PhotoId]:
    """Return all that a part of the map lists, page by page."""
    photos = MapPhotos(index)
    found: list[PhotoId] = []
    cursor = None
    for _ in range(2000):
        page = await photos.page(OWNER, part, span, after=cursor, limit=limit)
        assert len(page.items) <= limit
        found += [one.posting.photo_id for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found
    raise AssertionError("the pages have no end")


def newest_first(photos: Sequence[Photo]) -> list[PhotoId]:
    by_id = sorted(photos, key=lambda one: one.photo_id, reverse=True)
    return [photo.photo_id for photo in sorted(by_id, key=lambda one: one.taken, reverse=True)]


@pytest.mark.parametrize("zoom", [0, 3, 8, 11, 15, 22])
@pytest.mark.parametrize("bounds", [WORLD, CITY, Bounds(170, -40, -170, 40), Bounds(-180, -90, 180, -89)])
async def test_the_map_is_bounded_for_any_part_and_zoom(library: MeteredIndex, bounds: Bounds, zoom: int) -> None:
    library.forget()

    found = await PhotoMap(library).clusters(OWNER, bounds, zoom)

    assert found.is_exact
    assert len(found.clusters) <= MOST_CLUSTERS
    assert all(cluster.photo_id for cluster in found.clusters)
    assert library.requests <= 8
    assert library.postings_read == 0
    level = {len(cluster.tile) for cluster in found.clusters}
    assert len(level) <= 1
    shown = {cluster.tile: cluster.photos for cluster in found.clusters}
    for tile, photos in list(shown.items())[:5]:
        inside = [one for one in located(library) if one.point and _key(one).startswith(tile)]
        assert len(inside) == photos
    if bounds == WORLD:
        assert sum(shown.values()) == len(library.photos)


def _key(photo: Photo) -> str:
    assert photo.point is not None
    return quadkey(round(photo.point.latitude, 6), round(photo.point.longitude, 6))


@pytest.mark.parametrize(
    ("since", "until", "is_exact"),
    [
        ("2018", "2018", True),
        ("2017", "2020", True),
        ("2018-03", "2018-03", True),
        ("2018-03", "2018-09", True),
        ("", "2016-02", True),
        ("2017-03", "2020", False),
        ("2099", "", True),
        ("", "1999-05", True),
    ],
)
@pytest.mark.parametrize(("bounds", "zoom"), [(WORLD, 1), (CITY, 12), (CITY, 14)])
async def test_a_span_of_time_shows_its_photos_at_a_bounded_cost(
    library: MeteredIndex, since: str, until: str, *, is_exact: bool, bounds: Bounds, zoom: int
) -> None:
    library.forget()
    span = months(since, until)
    assert span is not None

    found = await PhotoMap(library, most_looked_at=400).clusters(OWNER, bounds, zoom, span)

    expected = [one for one in located(library) if span.first <= one.taken.isoformat()[:7] <= span.last]
    tiles = {cluster.tile for cluster in found.clusters}
    of_tiles = [one for one in expected if any(_key(one).startswith(tile) for tile in tiles)]
    shown = sum(cluster.photos for cluster in found.clusters)
    assert found.is_exact is is_exact
    assert library.postings_read <= 401 + 48 * 20
    assert library.requests <= 8 + 1 + 8 + 48
    if is_exact:
        assert shown == len(of_tiles)
        if bounds == WORLD:
            assert shown == len(expected)
    else:
        assert shown == pytest.approx(len(of_tiles), rel=0.1)
    taken = {photo.photo_id: photo.taken.isoformat()[:7] for photo in expected}
    faces = [cluster.photo_id for cluster in found.clusters if cluster.photo_id]
    assert all(face in taken for face in faces)
    assert faces or not found.clusters


def test_a_span_says_what_part_of_each_year_it_holds() -> None:
    span = months("2023-11", "2025-01")
    assert span == Months("2023-11", "2025-01")
    assert [span.holds_year(year) for year in ("2023", "2024", "2025")] == [False, True, False]
    assert span.shares({"2023-10": 3, "2023-12": 1, "2024-05": 7, "2025-01": 2, "2026-01": 9}) == {
        "2023": 0.25,
        "2024": 1.0,
        "2025": 1.0,
    }
    assert span.holds("2023-11-01T00:00:00.000#a")
    assert span.holds("2025-01-31T23:59:59.999#a")
    assert not span.holds("2025-02-01T00:00:00.000#a")
    assert months("", "") is None


def test_the_fullest_answer_is_small() -> None:
    """With the longest addresses: keys of a role on AWS are signed with a token of 1 kB."""
    credentials = ReadOnlyCredentials("A" * 20, "s" * 40, "t" * 1200, None)
    signer = S3Presigner(credentials, region="ap-southeast-2", bucket="heliograph-photos-of-a-long-name")
    urls = MediaUrls(signer, "https://photos.of-somebody-with-a-long-name.example.com:8443", now=NOON)
    clusters = [
        Cluster("3" * 20, -38.123456 - number / 1e6, -179.123456, 1_000_000, PhotoId(f"{number:026}"))
        for number in range(MOST_CLUSTERS)
    ]

    answer = MapResponse.of(Clusters(clusters, is_exact=True), thumbnails=urls.thumbnails(OWNER))

    size_bytes = len(json.dumps(answer.model_dump(), separators=(",", ":")))
    print(f"{size_bytes:,} bytes for {MOST_CLUSTERS} clusters")
    assert size_bytes < 100_000
    address = answer.thumbnail.url.replace("{photo_id}", f"{7:026}").replace(
        "{signature}", answer.thumbnail.signature[7] or ""
    )
    assert address == urls.thumbnail(OWNER, PhotoId(f"{7:026}"))


async def test_a_few_streets_are_shown_by_their_photos_finer_than_anything_is_counted() -> None:
    places = [Location(38.7001, -9.2), Location(38.7006, -9.2), Location(38.7006, -9.2), Location(38.7011, -9.2)]
    library = MeteredIndex([a_photo(number, location=place) for number, place in enumerate(places)])
    streets = Bounds(-9.201, 38.6995, -9.199, 38.7015)

    fine = await PhotoMap(library).clusters(OWNER, streets, 19)
    crowded = await PhotoMap(library, most_looked_at=3).clusters(OWNER, streets, 19)

    assert [(len(one.tile), one.photos) for one in fine.clusters] == [(20, 2), (20, 1), (20, 1)]
    assert {one.tile for one in fine.clusters} == {quadkey(place.latitude, place.longitude) for place in places}
    assert fine.is_exact
    assert {len(one.tile) for one in crowded.clusters} == {18}
    assert sum(one.photos for one in crowded.clusters) == 4


async def test_a_cluster_lists_just_its_photos_newest_first(library: MeteredIndex) -> None:
    for level in (1, 4, 5, 7, 10, 11, 13, 16, 20):
        tile = quadkey(38.7000001, -9.2000001, level)
        inside = [one for one in located(library) if _key(one).startswith(tile)]
        assert await everything(library, Tile(tile), limit=200) == newest_first(inside)


async def test_a_few_photos_beside_many_cost_a_page(library: MeteredIndex) -> None:
    """The house has 100 of the 2,500 photos of the ten kilometres around it."""
    library.forget()

    page = await MapPhotos(library).page(OWNER, Tile(quadkey(38.7000001, -9.2000001)), None, after=None, limit=60)

    assert len(page.items) == 60
    assert library.postings_read == 100
    assert library.requests <= 3


async def test_a_tile_that_is_not_counted_is_read_whole_however_crowded_it_is_around() -> None:
    crowd = [
        a_photo(number, location=Location(38.7001, -9.2), taken_at=NOON + timedelta(minutes=number))
        for number in range(3000)
    ]
    beside = a_photo(9_999, location=Location(38.7004, -9.2), taken_at=NOON - timedelta(days=900))
    library = MeteredIndex([*crowd, beside])
    tile = quadkey(38.7004, -9.2)
    assert quadkey(38.7001, -9.2, 18) == tile[:18]

    page = await MapPhotos(library).page(OWNER, Tile(tile), None, after=None, limit=60)

    assert [one.posting.photo_id for one in page.items] == [beside.photo_id]
    assert page.next_cursor is None
    assert library.postings_read == 1


async def test_a_page_of_a_large_cluster_costs_about_the_page(library: MeteredIndex) -> None:
    for tile in (quadkey(38.71, -9.14, 5), quadkey(38.71, -9.14, 10)):
        library.forget()
        page = await MapPhotos(library).page(OWNER, Tile(tile), None, after=None, limit=60)
        assert len(page.items) == 60
        assert library.postings_read <= 4 * 61 + 200


@pytest.mark.parametrize("level", [3, 6, 9, 12, 13, 14, 15, 16, 18])
async def test_no_page_reads_more_than_the_bound(library: MeteredIndex, level: int) -> None:
    library.forget()

    await MapPhotos(library).page(OWNER, Tile(quadkey(38.70, -9.12, level)), None, after=None, limit=60)

    assert library.postings_read <= max(MOST_GATHERED, MOST_WALKED + 200)


async def test_a_box_over_the_date_line_or_at_the_poles_lists_what_lies_there() -> None:
    places = [(-17.0, 179.95), (-17.0, -179.95), (-17.0, 170.0), (89.9, 0.0), (-90.0, 12.0), (0.0, 0.5)]
    index = MeteredIndex([a_photo(number, location=Location(*place)) for number, place in enumerate(places)])
    ids = [a_photo(number).photo_id for number in range(len(places))]

    async def among(west: float, south: float, east: float, north: float) -> set[PhotoId]:
        return set(await everything(index, Box(Bounds(west, south, east, north))))

    assert await among(175, -20, -175, -10) == {ids[0], ids[1]}
    assert await among(-180, 89, 180, 90) == {ids[3]}
    assert await among(-180, -90, 180, -86) == {ids[4]}
    assert await among(-180, -90, 180, 90) == set(ids)
    assert await among(0.5, 0, 0.5, 0) == {ids[5]}
    clusters = await PhotoMap(index).clusters(OWNER, Bounds(175, -20, -175, -10), 4)
    assert sum(cluster.photos for cluster in clusters.clusters) == 2
    poles = await PhotoMap(index).clusters(OWNER, Bounds(-180, 86, 180, 90), 3)
    assert [cluster.photo_id for cluster in poles.clusters] == [ids[3]]


@st.composite
def boxes(draw: st.DrawFn) -> Bounds:
    south, north = sorted(draw(st.floats(-90, 90)) for _ in range(2))
    return Bounds(draw(st.floats(-180, 180)), south, draw(st.floats(-180, 180)), north)


@settings(max_examples=40, deadline=None)
@given(boxes(), st.sampled_from([None, ("2018", "2018"), ("2016-05", "2021-02")]))
async def test_a_box_lists_just_its_photos_newest_first(bounds: Bounds, between: tuple[str, str] | None) -> None:
    span = months(*between) if between else None
    shelf = SHELF
    inside = [
        one
        for one in shelf
        if one.point
        and bounds.holds(one.point.latitude, one.point.longitude)
        and (span is None or span.first <= one.taken.isoformat()[:7] <= span.last)
    ]

    assert await everything(SHELF_INDEX, Box(bounds), span, limit=7) == newest_first(inside)


_DICE = random.Random(2)
SHELF = [
    a_photo(
        number,
        location=Location(round(_DICE.uniform(-90, 90), 6), round(_DICE.uniform(-180, 180), 6)),
        taken_at=a_month(number),
    )
    for number in range(300)
]
SHELF_INDEX = MeteredIndex(SHELF)


async def test_a_cursor_of_another_part_or_time_is_refused(library: MeteredIndex) -> None:
    photos = MapPhotos(library)
    page = await photos.page(OWNER, Tile("0"), None, after=None, limit=1)
    assert page.next_cursor
    for part, span in ((Tile("1"), None), (Box(WORLD), None), (Tile("0"), months("2018", "2018"))):
        with pytest.raises(InvalidCursorError):
            await photos.page(OWNER, part, span, after=page.next_cursor, limit=1)


async def test_photos_that_wait_for_their_labels_say_so() -> None:
    index = MeteredIndex([a_photo(1, status="prepared", location=LISBON), a_photo(2, location=LISBON)])

    page = await MapPhotos(index).page(OWNER, Box(CITY), None, after=None, limit=10)

    assert {one.posting.photo_id: one.status for one in page.items} == {
        a_photo(1).photo_id: "prepared",
        a_photo(2).photo_id: "ready",
    }
