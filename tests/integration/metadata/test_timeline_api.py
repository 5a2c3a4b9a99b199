"""The timeline's HTTP API over the real tables: any part of a month in pages, and what needn't be sent again."""

from datetime import datetime, timedelta, timezone

import httpx
import pytest

from heliograph_metadata.domain.photo import Photo
from tests.builders import a_photo
from tests.integration.metadata.library import Caller, Shelf

LISBON_TIME = timezone(timedelta(hours=1))
MONTH = "/timeline/2024-06"


def a_trip() -> list[Photo]:
    """Return three photos of each of three days, newest first."""
    return [
        a_photo(
            number,
            taken_at=datetime(2024, 6, 16 - number // 3, 20 - number % 3 * 6, 30, tzinfo=LISBON_TIME),
            favourite=number == 4,
        )
        for number in range(9)
    ]


@pytest.fixture
async def trip(shelf: Shelf) -> list[str]:
    """A library of one trip; the photos' ids, newest first."""
    photos = a_trip()
    await shelf.put(*photos)
    return [photo.photo_id for photo in photos]


async def test_any_part_of_a_month_is_listed_page_by_page(owner: Caller, trip: list[str]) -> None:
    async def listed(**part: str) -> list[str]:
        found: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = await owner.get(MONTH, limit=2, **part, **cursor)
            found += page["photo_id"]
            if page["next_cursor"] is None:
                return found
            cursor = {"cursor": page["next_cursor"]}

    assert await listed() == trip
    assert await listed(day="2024-06-15") == trip[3:6]
    assert await listed(to="2024-06-15") == trip[3:]
    assert await listed(to="2024-06-15T14") == trip[4:]
    assert await listed(**{"from": "2024-06-15T08:30", "to": "2024-06-16T08"}) == trip[2:6]
    assert await listed(day="2024-06-30") == []


@pytest.mark.usefixtures("trip")
async def test_the_days_of_a_month_have_their_counts(owner: Caller) -> None:
    days = await owner.get(f"{MONTH}/days")

    assert days["days"] == [{"day": f"2024-06-{day}", "count": 3} for day in (16, 15, 14)]


async def test_a_page_has_each_thumbnail_s_address_in_two_parts(owner: Caller, trip: list[str]) -> None:
    page = await owner.get(MONTH, limit=1)
    thumbnail = page["thumbnail"]
    address = thumbnail["url"].replace("{photo_id}", trip[0]).replace("{signature}", thumbnail["signature"][0])

    assert address == (await owner.get(f"/photos/{trip[0]}"))["thumbnail_url"]


@pytest.mark.usefixtures("trip")
async def test_strangers_see_nothing_of_a_month(stranger: Caller) -> None:
    assert (await stranger.get(MONTH))["photo_id"] == []
    assert (await stranger.get(f"{MONTH}/days"))["days"] == []
    assert (await stranger.get("/timeline"))["months"] == []


async def _asked(caller: Caller, **headers: str) -> httpx.Response:
    return await caller.http.get(f"/api/v1{MONTH}", headers=caller.headers | headers)


async def test_a_month_that_is_as_it_was_is_not_sent_again(
    owner: Caller, stranger: Caller, shelf: Shelf, trip: list[str]
) -> None:
    first = await _asked(owner)
    tag = first.headers["ETag"]

    again = await _asked(owner, **{"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert first.headers["Cache-Control"] == again.headers["Cache-Control"] == "private, no-cache"

    theirs = await _asked(stranger, **{"If-None-Match": tag})
    assert (theirs.status_code, theirs.json()["photo_id"]) == (200, [])

    await owner.call("PATCH", f"/photos/{trip[0]}", json={"favourite": True})
    changed = await _asked(owner, **{"If-None-Match": tag})
    assert (changed.status_code, changed.json()["favourite"]) == (200, [0, 4])

    await shelf.put(a_photo(100, status="prepared", taken_at=datetime(2022, 1, 1, tzinfo=LISBON_TIME)))
    waiting = await _asked(owner, **{"If-None-Match": changed.headers["ETag"]})
    assert (waiting.status_code, "ETag" in waiting.headers) == (200, False)
