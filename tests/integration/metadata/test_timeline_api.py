"""The timeline's HTTP API over the real tables: any part of a month in pages, and what needn't be sent again."""

from datetime import datetime, timedelta, timezone

import httpx
import pytest
from fastapi import FastAPI

from heliograph_metadata.domain.photo import Photo, edited
from heliograph_metadata.service.timeline import Timeline
from tests.builders import NOON, a_photo
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore
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


async def test_a_month_that_is_as_it_was_is_not_sent_again(app: FastAPI, owner: Caller, stranger: Caller) -> None:
    photos = a_trip()
    index = InMemoryPhotoStore(photos)
    app.state.timeline = Timeline(index)
    first = await _asked(owner)
    tag = first.headers["ETag"]

    again = await _asked(owner, **{"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert first.headers["Cache-Control"] == again.headers["Cache-Control"] == "private, no-cache"

    theirs = await _asked(stranger, **{"If-None-Match": tag})
    assert (theirs.status_code, theirs.json()["photo_id"]) == (200, [])

    index.photos[photos[0].photo_id] = edited(photos[0], {"favourite": True}, at=NOON)
    changed = await _asked(owner, **{"If-None-Match": tag})
    assert (changed.status_code, changed.json()["favourite"]) == (200, [0, 4])

    waiting = a_photo(100, status="prepared", taken_at=NOON - timedelta(days=900))
    index.photos[waiting.photo_id] = waiting
    while_it_waits = await _asked(owner, **{"If-None-Match": changed.headers["ETag"]})
    assert (while_it_waits.status_code, "ETag" in while_it_waits.headers) == (200, False)
