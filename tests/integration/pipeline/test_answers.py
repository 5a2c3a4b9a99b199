"""A question through the whole system: photos without a place, one tap, they are on the map; an undo, they aren't."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from tests.client import Client, File
from tests.photos import Exif, a_jpeg

_BEGAN = datetime(2024, 6, 1, 10, 0, tzinfo=UTC)
_LISBON = "bbox=-10,38,-9,39&zoom=8"


def _photo(number: int, *, has_place: bool) -> File:
    at = _BEGAN + timedelta(minutes=4 * number)
    latitude, longitude = (38.7223, -9.1393) if has_place else (None, None)
    exif = Exif(taken_at=at, make="FUJIFILM", model="X-T4", latitude=latitude, longitude=longitude)
    return File(f"DSCF{number:04}.jpg", a_jpeg("bus.jpg", exif=exif, size_px=(405, 540)))


async def _asked(ada: Client, kind: str, *, within_seconds: float = 60) -> dict[str, Any]:
    """Return the first question of a kind, once it is asked."""
    until = time.monotonic() + within_seconds
    while True:
        page = await ada.get("/api/v1/questions?limit=30")
        found = [one for one in page["items"] if one["kind"] == kind]
        if found and not page["pending"]:
            return dict(found[0])
        assert time.monotonic() < until, page
        await asyncio.sleep(0.2)


async def _come_to(ada: Client, answer: dict[str, Any], status: str, *, within_seconds: float = 60) -> dict[str, Any]:
    until = time.monotonic() + within_seconds
    while True:
        there = await ada.get(f"/api/v1/answers/{answer['answer_id']}")
        if there["status"] == status:
            return dict(there)
        assert time.monotonic() < until, there
        await asyncio.sleep(0.2)


async def _on_the_map(ada: Client) -> int:
    return sum((await ada.get(f"/api/v1/map?{_LISBON}"))["count"])


async def test_photos_without_a_place_are_on_the_map_after_one_answer_and_gone_from_it_after_its_undo(
    ada: Client,
) -> None:
    files = [_photo(number, has_place=not 7 <= number < 17) for number in range(24)]
    photo_ids = await ada.upload_all(files)
    await ada.all_settled(len(files), within_seconds=240)
    lost = photo_ids[7:17]
    before = {photo_id: await ada.photo(photo_id) for photo_id in lost}
    assert all(photo["location"] is None for photo in before.values())
    assert await _on_the_map(ada) == 14

    question = await _asked(ada, "place")
    assert question["mends"] == "10 photos get a place"
    assert question["default"]["type"] == "where"
    body = {"answer": question["default"], "shown": []}
    path = f"/api/v1/questions/{question['question_id']}/answer"
    said = await ada.call("POST", path, json_body=body, headers={"Idempotency-Key": "tap"})
    again = await ada.call("POST", path, json_body=body, headers={"Idempotency-Key": "tap"})
    assert (said.status, again.status) == (HTTPStatus.ACCEPTED, HTTPStatus.ACCEPTED)
    assert again.body["answer_id"] == said.body["answer_id"]

    done = await _come_to(ada, said.body, "done")
    assert (done["changed"], done["failed"], done["can_undo"]) == (10, 0, True)
    assert set(done["photo_ids"]) == set(lost)
    assert await _on_the_map(ada) == 24
    placed = await ada.photo(lost[0])
    assert placed["location"]["source"] == "person"
    assert placed["location"]["place"]["country_code"] == "PT"
    assert [one["answer_id"] for one in (await ada.get("/api/v1/answers"))["items"]] == [said.body["answer_id"]]

    undoing = await ada.call("POST", f"/api/v1/questions/{question['question_id']}/undo")
    assert undoing.status == HTTPStatus.ACCEPTED, undoing
    await _come_to(ada, said.body, "undone")
    assert await _on_the_map(ada) == 14
    for photo_id in lost:
        after = await ada.photo(photo_id)
        assert _without_versions(after) == _without_versions(before[photo_id])
    assert (await _asked(ada, "place"))["question_id"] == question["question_id"]


def _without_versions(photo: dict[str, Any]) -> dict[str, Any]:
    """Return what is known of a photo, without when it changed and addresses that are signed anew."""
    changing = {"version", "updated_at", "thumbnail_url", "preview_url"}
    return {name: value for name, value in photo.items() if name not in changing}
