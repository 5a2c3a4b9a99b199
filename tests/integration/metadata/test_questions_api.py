"""Questions through the HTTP API, with the metadata role's keys only."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from heliograph.aws import AwsClients
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.photo import Label, Location, Photo, Place, Source
from heliograph_metadata.domain.questions.engine import BUDGET
from tests.builders import NOON, a_photo
from tests.integration.metadata.library import Caller, Shelf
from tools.access import apply_access
from tools.standin import Standin

PORTO = Location(41.15, -8.61, Place("PT", "Portugal", "Porto", "Porto"))
SEVILLE = Location(37.389, -5.984, Place("ES", "Spain", "Andalusia", "Seville"))
CAMERA_DAY, PHONE_DAYS = 15, 10


@pytest.fixture(autouse=True)
def as_metadata(standin: Standin, aws: AwsClients, stack: SharedSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the service hold the metadata role's keys only (the test's own clients are open already)."""
    keys = apply_access(standin.endpoint, {}, stack_name=stack.stack_name)["metadata"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys.secret_access_key)


def at(day: int, minute: int) -> datetime:
    return NOON.replace(day=day) + timedelta(minutes=minute)


def a_trip() -> tuple[list[Photo], list[Photo]]:
    """Return 30 photos of a camera without GPS, and 100 of a phone on the days around it."""
    camera = [a_photo(number, taken_at=at(CAMERA_DAY, number)) for number in range(30)]
    phone = [
        a_photo(1000 + number, taken_at=at(10 + number % PHONE_DAYS, 120 + number), location=PORTO)
        for number in range(100)
    ]
    return camera, phone


async def settled(caller: Caller, **parameters: Any) -> Any:
    """Return the questions once all groups of photos have been looked at."""
    async with asyncio.timeout(60):
        while True:
            page = await caller.get("/questions", **parameters)
            if not page["pending"]:
                return page
            await asyncio.sleep(0.05)


def of_kind(page: Any, kind: str) -> list[Any]:
    return [one for one in page["items"] if one["kind"] == kind]


async def test_photos_without_a_place_among_photos_with_one_are_asked_about(
    owner: Caller, stranger: Caller, shelf: Shelf
) -> None:
    camera, phone = a_trip()
    seville = a_photo(2000, taken_at=at(10, 0) - timedelta(days=60), location=SEVILLE)
    await shelf.put(*camera, *phone, seville)

    page = await settled(owner, limit=30)

    [question] = of_kind(page, "place")
    assert question["photos"] == 30
    assert question["mends"] == "30 photos get a place"
    assert question["default"]["type"] == "where"
    assert (round(question["default"]["latitude"]), round(question["default"]["longitude"])) == (41, -9)
    [choice] = question["choices"]
    assert choice["name"] == "Sevilla, Spain"
    assert (round(choice["latitude"]), round(choice["longitude"])) == (37, -6)
    assert {photo["photo_id"] for photo in question["sample"]} <= {photo.photo_id for photo in camera}
    assert len(question["sample"]) == 12
    assert question["since"] == "2024-06-15T12"
    assert question["value"] > 0.5
    assert page["budget_left"] == BUDGET
    assert (await settled(stranger))["items"] == []


async def test_a_stay_is_seen_also_where_the_last_photos_of_it_have_their_place(owner: Caller, shelf: Shelf) -> None:
    camera = [a_photo(number, taken_at=at(10, number)) for number in range(12)]
    phone = [a_photo(1000 + number, taken_at=at(10, number * 2), location=PORTO) for number in range(20)]
    await shelf.put(*camera, *phone)

    [question] = of_kind(await settled(owner, limit=30), "places")

    of_camera = {photo.photo_id for photo in camera}
    assert {photo["photo_id"] for photo in question["sample"]} == of_camera
    assert question["items"][0]["photo"]["photo_id"] in of_camera


async def test_a_grid_shows_the_photos_that_are_doubtful_and_no_others(owner: Caller, shelf: Shelf) -> None:
    doubtful = [Label("dog", 0.5, Source.MODEL)]
    maybe = [a_photo(number, taken_at=at(1, number), labels=doubtful) for number in range(30)]
    surely = [
        a_photo(100 + number, taken_at=at(2, number), labels=[Label("dog", 0.97, Source.MODEL)]) for number in range(9)
    ]
    await shelf.put(*maybe, *surely)

    [question] = of_kind(await settled(owner, limit=30), "label")

    assert question["prompt"] == "Is this a dog? Untick those that are not."
    assert len(question["shown"]) == 24
    assert {photo["photo_id"] for photo in question["shown"]} <= {photo.photo_id for photo in maybe}


async def test_questions_are_paged_the_most_valuable_first(owner: Caller, shelf: Shelf) -> None:
    for day in range(1, 7):
        await shelf.put(*(a_photo(100 * day + n, taken_at=at(3 * day, n)) for n in range(2 + day)))
    everything = (await settled(owner, limit=30))["items"]

    first = await owner.get("/questions", limit=2)
    second = await owner.get("/questions", limit=30, cursor=first["next_cursor"])

    values = [one["value"] for one in everything]
    assert values == sorted(values, reverse=True)
    assert [one["question_id"] for one in [*first["items"], *second["items"]]] == [
        one["question_id"] for one in everything
    ]
    assert second["next_cursor"] is None
    assert await owner.refused("/questions", cursor="nonsense") == "invalid-cursor"
    assert await owner.refused("/questions", limit=31) == "invalid-request"


async def test_a_photo_that_gets_its_place_is_not_asked_about_any_more(owner: Caller, shelf: Shelf) -> None:
    camera, phone = a_trip()
    await shelf.put(*camera[:6], *phone)
    assert of_kind(await settled(owner, limit=30), "place")

    for photo in camera[:6]:
        await owner.call(
            "PATCH", f"/photos/{photo.photo_id}", json={"location": {"latitude": 41.15, "longitude": -8.61}}
        )

    assert not of_kind(await settled(owner, limit=30), "place")


async def test_what_files_say_at_length_and_in_any_script_asks_no_less(owner: Caller, shelf: Shelf) -> None:
    camera, _ = a_trip()
    odd = [
        replace(one, admission=one.admission.model_copy(update={"filename": f"|#%{'㍿' * 90}{number}.jpg"}))
        for number, one in enumerate(a_photo(5000 + number) for number in range(5))
    ]
    await shelf.put(*camera, *odd)

    assert of_kind(await settled(owner, limit=30), "place")
