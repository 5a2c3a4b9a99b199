"""The way of a photo through the whole system, as somebody with nothing but curl goes it."""

import asyncio
import json
from datetime import datetime, timedelta, timezone
from http import HTTPStatus
from io import BytesIO
from typing import Any

import aiohttp
from PIL import Image

from tests.client import Client, File
from tests.photos import Exif, a_jpeg

_SUMMER_TIME = timezone(timedelta(hours=1))
_IN_LISBON = Exif(
    taken_at=datetime(2024, 6, 1, 10, 30, tzinfo=_SUMMER_TIME),
    make="FUJIFILM",
    model="X-T4",
    latitude=38.7223,
    longitude=-9.1393,
)


def _street_photo() -> File:
    return File("street.jpg", a_jpeg("bus.jpg", exif=_IN_LISBON))


async def test_a_street_photo_becomes_ready_with_its_labels_its_date_and_its_place(ada: Client) -> None:
    photo = await ada.settled(await ada.upload(_street_photo()))

    assert photo["status"] == "ready", photo
    confidence = {label["name"]: label["confidence"] for label in photo["labels"]}
    assert confidence["bus"] > 0.5
    assert confidence["person"] > 0.5
    assert datetime.fromisoformat(photo["taken_at"]["value"]) == _IN_LISBON.taken_at
    assert photo["taken_at"]["source"] == "exif"
    assert photo["location"]["place"]["country_code"] == "PT"
    assert photo["location"]["place"]["city"] in {"Lisboa", "Lisbon"}
    assert photo["camera"]["model"] == "X-T4"
    assert (photo["width_px"], photo["height_px"]) == (810, 1080)


async def test_a_ready_photo_is_found_by_search_timeline_map_and_facets(ada: Client) -> None:
    photo_id = await ada.upload(_street_photo())
    await ada.settled(photo_id)

    async def ids(path: str) -> list[str]:
        return [photo["photo_id"] for photo in (await ada.get(path))["items"]]

    assert await ids("/api/v1/search?label=bus") == [photo_id]
    assert await ids("/api/v1/search?label=bus&label=person&from=2024-06-01&to=2024-06-30") == [photo_id]
    assert await ids("/api/v1/search?label=dog") == []
    assert (await ada.get("/api/v1/timeline/2024-06"))["photo_id"] == [photo_id]
    timeline = await ada.get("/api/v1/timeline")
    assert timeline == {"total": 1, "months": [{"month": "2024-06", "count": 1}]}
    clusters = await ada.get("/api/v1/map?bbox=-10,38,-9,39&zoom=8")
    assert (clusters["count"], clusters["photo_id"]) == ([1], [photo_id])
    assert await ids(f"/api/v1/map/photos?tile={clusters['tile'][0]}") == [photo_id]
    labels = (await ada.get("/api/v1/facets?kind=label"))["items"]
    assert {"bus": 1, "person": 1}.items() <= {item["value"]: item["count"] for item in labels}.items()


async def test_nobody_else_sees_a_photo(ada: Client, bob: Client) -> None:
    photo_id = await ada.upload(_street_photo())
    await ada.settled(photo_id)

    for path in ("", "/original", "/thumbnail", "/preview"):
        answer = await bob.call("GET", f"/api/v1/photos/{photo_id}{path}")
        assert (answer.status, answer.code) == (HTTPStatus.NOT_FOUND, "photo-not-found")
    assert (await bob.get("/api/v1/search?label=bus"))["items"] == []
    assert (await bob.get("/api/v1/map?bbox=-180,-85,180,85&zoom=2"))["tile"] == []
    assert (await bob.get("/api/v1/timeline"))["total"] == 0


async def test_the_same_bytes_are_a_duplicate_for_their_owner_and_new_to_others(ada: Client, bob: Client) -> None:
    photo_id = await ada.upload(_street_photo())
    await ada.settled(photo_id)

    [again] = await ada.admit([_street_photo()])
    [elsewhere] = await bob.admit([_street_photo()])

    assert (again["status"], again["photo_id"]) == ("duplicate", photo_id)
    assert elsewhere["status"] == "accepted"
    assert elsewhere["photo_id"] != photo_id


async def test_the_renditions_are_small_upright_and_say_nothing_of_the_place(ada: Client) -> None:
    exif = Exif(latitude=38.7223, longitude=-9.1393, orientation=6)
    content = a_jpeg("zidane.jpg", exif=exif, size_px=(2000, 1500))
    photo_id = await ada.upload(File("turned.jpg", content))
    await ada.settled(photo_id)

    thumbnail = await _redirected(ada, f"/api/v1/photos/{photo_id}/thumbnail")
    preview = await _redirected(ada, f"/api/v1/photos/{photo_id}/preview")
    original = await _redirected(ada, f"/api/v1/photos/{photo_id}/original")

    with Image.open(BytesIO(thumbnail)) as image:
        assert (image.format, image.size, len(image.getexif())) == ("WEBP", (320, 427), 0)
    with Image.open(BytesIO(preview)) as image:
        assert (image.format, image.size, len(image.getexif())) == ("JPEG", (1080, 1440), 0)
    assert original == content


async def test_a_photo_can_be_sent_in_one_call_as_a_form(ada: Client) -> None:
    form = aiohttp.FormData()
    form.add_field("file", a_jpeg("zidane.jpg"), filename="two-men.jpg", content_type="image/jpeg")

    answer = await ada.call("POST", "/api/v1/photos", data=form)

    assert answer.status == HTTPStatus.CREATED, answer
    photo = await ada.settled(answer.body["photo_id"])
    assert (photo["status"], photo["filename"]) == ("ready", "two-men.jpg")


async def test_a_listener_hears_of_each_photo_until_it_is_ready_and_then_that_there_may_be_questions(
    ada: Client,
) -> None:
    headers = {"Authorization": f"Bearer {ada.access_token}"}
    heard: list[tuple[str, dict[str, Any]]] = []
    async with asyncio.timeout(60), aiohttp.request("GET", f"{ada.url}/api/v1/events", headers=headers) as stream:
        assert stream.content_type == "text/event-stream"
        photo_id = await ada.upload(_street_photo())
        event = ""
        async for line in stream.content:
            if line.startswith(b"event:"):
                event = line.removeprefix(b"event:").decode().strip()
            if line.startswith(b"data:"):
                heard.append((event, json.loads(line.removeprefix(b"data:"))))
                is_ready = any(data.get("status") == "ready" for _, data in heard)
                if is_ready and event == "questions":
                    break

    assert {data["photo_id"] for event, data in heard if event == "photo"} == {photo_id}
    assert heard[-1] == ("questions", {"answers": 0})


async def _redirected(reader: Client, path: str) -> bytes:
    """Return what a presigned redirect leads to; it needs no token."""
    answer = await reader.call("GET", path)
    assert answer.status == HTTPStatus.FOUND, answer
    async with aiohttp.request("GET", answer.headers["Location"]) as response:
        assert response.status == HTTPStatus.OK
        return await response.read()
