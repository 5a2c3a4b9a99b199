"""The map and the tree of places through HTTP, over the real tables."""

from datetime import UTC, datetime
from typing import Any

import pytest

from heliograph_metadata.domain.photo import Location, Place, trashed
from tests.builders import LISBON, NOON, a_photo
from tests.integration.metadata.library import Caller, Shelf

SINTRA = Location(38.80, -9.38, Place("PT", "Portugal", "Lisboa", "Sintra"))
SUVA = Location(-18.14, 178.44, Place("FJ", "Fiji", "Central", "Suva"))
TAVEUNI = Location(-16.8, -179.99, Place("FJ", "Fiji", "Northern", "Waiyevo"))
MONACO = Location(43.7392, 7.4275, Place("MC", "Monaco", "", "Monte-Carlo"))

PHOTOS = [
    a_photo(1, location=LISBON, taken_at=NOON),
    a_photo(2, location=LISBON, taken_at=datetime(2023, 1, 5, 12, tzinfo=UTC)),
    a_photo(3, location=SINTRA, taken_at=datetime(2023, 2, 5, 12, tzinfo=UTC)),
    a_photo(4, location=SUVA, taken_at=datetime(2022, 2, 5, 12, tzinfo=UTC)),
    a_photo(5, location=TAVEUNI, taken_at=datetime(2022, 3, 5, 12, tzinfo=UTC)),
    a_photo(6, location=MONACO, taken_at=datetime(2021, 3, 5, 12, tzinfo=UTC)),
    a_photo(7, taken_at=datetime(2021, 4, 5, 12, tzinfo=UTC)),
    trashed(a_photo(8, location=MONACO), at=NOON),
]
IDS = [photo.photo_id for photo in PHOTOS]


@pytest.fixture(autouse=True)
async def library(shelf: Shelf) -> None:
    await shelf.put(*PHOTOS)


async def clusters(owner: Caller, bbox: str, zoom: int, span: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """Return the map's clusters as rows."""
    answer = await owner.get("/map", bbox=bbox, zoom=zoom, **(span or {}))
    columns = ("tile", "latitude", "longitude", "count", "photo_id")
    return [dict(zip(columns, row, strict=True)) for row in zip(*(answer[one] for one in columns), strict=True)]


async def listed(owner: Caller, **query: Any) -> list[str]:
    """Return all photos of a part of the map, two at a time."""
    ids: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = await owner.get("/map/photos", limit=2, **query, **cursor)
        ids += [photo["photo_id"] for photo in page["items"]]
        if page["next_cursor"] is None:
            return ids
        cursor = {"cursor": page["next_cursor"]}


async def test_the_map_gathers_photos_by_zoom_and_lists_those_of_each_cluster(owner: Caller) -> None:
    world = await clusters(owner, "-180,-85,180,85", 0)
    assert sum(cluster["count"] for cluster in world) == 6
    for cluster in world:
        photos = await listed(owner, tile=cluster["tile"])
        assert len(photos) == cluster["count"]
        assert cluster["photo_id"] in photos

    [lisbon] = await clusters(owner, "-9.2,38.6,-9.1,38.75", 12)
    assert (lisbon["latitude"], lisbon["longitude"], lisbon["count"]) == (38.71, -9.14, 2)
    assert await listed(owner, tile=lisbon["tile"]) == [IDS[0], IDS[1]]
    assert await listed(owner, bbox="-10,38,-9,39") == [IDS[0], IDS[2], IDS[1]]


async def test_a_cluster_s_thumbnail_is_the_photo_s_own_address(owner: Caller) -> None:
    answer = await owner.get("/map", bbox="7,43,8,44", zoom=8)
    [photo_id], [signature] = answer["photo_id"], answer["thumbnail"]["signature"]
    [photo] = (await owner.get("/map/photos", tile=answer["tile"][0]))["items"]

    address = answer["thumbnail"]["url"].replace("{photo_id}", photo_id).replace("{signature}", signature)

    assert address == photo["thumbnail_url"]


async def test_the_map_shows_a_span_of_time(owner: Caller) -> None:
    world = "-180,-85,180,85"
    assert sum(one["count"] for one in await clusters(owner, world, 1, {"from": "2023", "to": "2023"})) == 2
    [monaco] = await clusters(owner, world, 1, {"to": "2021-12"})
    assert monaco["photo_id"] == IDS[5]
    assert await clusters(owner, world, 1, {"from": "2025"}) == []
    assert await listed(owner, bbox="-180,-90,180,90", **{"from": "2022-03", "to": "2023-01"}) == [IDS[1], IDS[4]]
    assert await listed(owner, tile="0", to="2023-01") == [IDS[1]]


async def test_the_map_goes_over_the_date_line_and_round_the_world(owner: Caller) -> None:
    for bbox in ("170,-30,-170,0", "170,-30,190,0", "-190,-30,-170,0"):
        assert sum(one["count"] for one in await clusters(owner, bbox, 3)) == 2
        assert await listed(owner, bbox=bbox) == [IDS[4], IDS[3]]
    for bbox in ("-540,-90,540,90", "-180,-90,180,90", "0,-90,360,90"):
        assert len(await listed(owner, bbox=bbox)) == 6
    assert await clusters(owner, "-180,88,180,90", 22) == []
    assert await listed(owner, bbox="0,0,0,0") == []


async def test_a_photo_that_moves_in_time_moves_on_the_map(owner: Caller) -> None:
    await owner.call("PATCH", f"/photos/{IDS[5]}", json={"taken_at": "2020-05-05T12:00:00Z"})

    assert await clusters(owner, "7,43,8,44", 8, {"from": "2021"}) == []
    [monaco] = await clusters(owner, "7,43,8,44", 8, {"to": "2020"})
    assert monaco["count"] == 1


async def test_places_are_a_tree(owner: Caller) -> None:
    countries = (await owner.get("/places"))["items"]
    assert [(one["value"], one["name"], one["count"]) for one in countries] == [
        ("FJ", "Fiji", 2),
        ("MC", "Monaco", 1),
        ("PT", "Portugal", 3),
    ]
    assert [one["photo_id"] for one in countries] == [IDS[4], IDS[5], IDS[0]]
    assert all(one["thumbnail_url"] for one in countries)
    lisboa = await owner.get("/places", parent="PT/Lisboa")
    assert [(one["name"], one["count"]) for one in lisboa["items"]] == [("Lisbon", 2), ("Sintra", 1)]
    assert [one["name"] for one in lisboa["parents"]] == ["Portugal", "Lisboa"]
    assert [one["value"] for one in (await owner.get("/places", parent="MC"))["items"]] == ["MC//Monte-Carlo"]
    assert await owner.found(place="MC//Monte-Carlo") == [IDS[5]]
    first = await owner.get("/places", limit=2)
    rest = await owner.get("/places", limit=2, cursor=first["next_cursor"])
    assert [one["value"] for one in first["items"] + rest["items"]] == ["FJ", "MC", "PT"]


BAD_REQUESTS: list[tuple[str, dict[str, str], str]] = [
    *(
        ("/map", {"bbox": bbox, "zoom": "1"}, "invalid-query")
        for bbox in (
            "1,2,3",
            "a,b,c,d",
            "0,nan,1,1",
            "0,50,1,40",
            "0,-91,1,40",
            "0,0,1e300,1",
            "inf,0,1,1",
            "541,0,1,1",
        )
    ),
    ("/map", {"zoom": "1"}, "invalid-request"),
    ("/map", {"bbox": "0,0,1,1", "zoom": "23"}, "invalid-request"),
    ("/map", {"bbox": "0,0,1,1", "zoom": "-1"}, "invalid-request"),
    ("/map", {"bbox": "0,0,1,1", "zoom": "nan"}, "invalid-request"),
    ("/map", {"bbox": "0,0,1,1", "zoom": "1", "from": "2024-13"}, "invalid-query"),
    ("/map", {"bbox": "0,0,1,1", "zoom": "1", "from": "2024-06-15"}, "invalid-query"),
    ("/map", {"bbox": "0,0,1,1", "zoom": "1", "from": "٢٠٢٤"}, "invalid-query"),
    ("/map", {"bbox": "0,0,1,1", "zoom": "1", "from": "2024", "to": "2023"}, "invalid-query"),
    ("/map/photos", {}, "invalid-query"),
    ("/map/photos", {"tile": "0", "bbox": "0,0,1,1"}, "invalid-query"),
    ("/map/photos", {"tile": "4"}, "invalid-query"),
    ("/map/photos", {"tile": "0" * 21}, "invalid-query"),
    ("/map/photos", {"tile": "٠"}, "invalid-query"),
    ("/map/photos", {"tile": "0", "cursor": "nothing"}, "invalid-cursor"),
    ("/map/photos", {"tile": "0", "limit": "201"}, "invalid-request"),
    ("/places", {"cursor": "nothing"}, "invalid-cursor"),
    ("/places", {"parent": "a" * 301}, "invalid-request"),
]


async def test_a_bad_request_gets_one_specific_problem(owner: Caller) -> None:
    for path, parameters, code in BAD_REQUESTS:
        assert await owner.refused(path, **parameters) == code, (path, parameters)


async def test_a_cursor_of_one_list_is_none_of_another(owner: Caller, stranger: Caller) -> None:
    cursor = (await owner.get("/map/photos", tile="0", limit=1))["next_cursor"]
    assert await owner.refused("/map/photos", tile="1", cursor=cursor) == "invalid-cursor"
    assert await owner.refused("/map/photos", tile="0", to="2030", cursor=cursor) == "invalid-cursor"
    assert await stranger.refused("/map/photos", tile="0", cursor=cursor) == "invalid-cursor"
    cursor = (await owner.get("/places", limit=1))["next_cursor"]
    assert await owner.refused("/places", parent="PT", cursor=cursor) == "invalid-cursor"
    assert await stranger.refused("/places", cursor=cursor) == "invalid-cursor"


async def test_nobody_else_sees_any_of_it(stranger: Caller) -> None:
    assert await clusters(stranger, "-180,-90,180,90", 2) == []
    assert await listed(stranger, bbox="-180,-90,180,90") == []
    assert (await stranger.get("/places"))["items"] == []
