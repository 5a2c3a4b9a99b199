"""The library's HTTP API over the real tables: what a person sees, what strangers don't, what is refused."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import defaultdict
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from fastapi import FastAPI

from heliograph.aws import AwsClients
from heliograph.messages import photos_uploaded
from heliograph.photos import original_key
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.photo import Camera, Label, Location, Photo, PhotoFailure, Place, Source
from tests.builders import LISBON, NOON, OWNER, a_photo
from tests.integration.metadata.library import Caller, Shelf

PORTO = Location(41.15, -8.61, Place("PT", "Portugal", "Porto", "Porto"))
SUVA = Location(-16.5, 179.9, Place("FJ", "Fiji", "", "Labasa"))


DOG = a_photo(
    1,
    labels=[Label("dog", 0.9, Source.MODEL), Label("Beach", 0.4, Source.MODEL)],
    location=LISBON,
    taken_at=datetime(2024, 6, 15, 23, 30, tzinfo=timezone(timedelta(hours=1))),
    camera=Camera("FUJIFILM", "X-T4", "XF35"),
    filename="lisbon evening.jpg",
)
CAT = a_photo(2, labels=["cat"], location=PORTO, taken_at=NOON + timedelta(days=30), caption="A sleepy cat by the sea")
BUS = a_photo(3, labels=["bus", "dog"], location=SUVA, taken_at=datetime(2023, 1, 2, 8, tzinfo=UTC), favourite=True)
NEW = a_photo(4, status="prepared", taken_at=NOON - timedelta(days=900))
BROKEN = a_photo(5, status="failed", failure=PhotoFailure("truncated-image", "It ends early."))
EXPECTED = a_photo(6, status="awaiting_upload")


@pytest.fixture
async def library(shelf: Shelf) -> None:
    await shelf.put(DOG, CAT, BUS, NEW, BROKEN, EXPECTED)


@pytest.mark.usefixtures("library")
async def test_the_timeline_has_months_by_the_clock_of_the_place_and_their_photos(owner: Caller) -> None:
    timeline = await owner.get("/timeline")

    assert [(month["month"], month["count"]) for month in timeline["months"]] == [
        ("2024-07", 1),
        ("2024-06", 1),
        ("2023-01", 1),
        ("2021-12", 1),
    ]
    assert timeline["total"] == 4
    page = await owner.get("/timeline/2024-06")
    [signature] = page.pop("thumbnail")["signature"]
    assert page == {
        "month": "2024-06",
        "photo_id": [DOG.photo_id],
        "taken_at": [1718490600000],
        "offset_minutes": [60],
        "ratio": [1.3333],
        "thumbhash": ["2vgFDIJ3iIeA"],
        "filename": ["lisbon evening.jpg"],
        "favourite": [],
        "prepared": [],
        "next_cursor": None,
    }
    assert len(signature) == 64
    assert (await owner.get("/timeline/2023-01"))["favourite"] == [0]
    assert (await owner.get("/timeline/2021-12"))["prepared"] == [0]


SEARCHES: list[tuple[dict[str, Any], list[Photo]]] = [
    ({}, [CAT, DOG, BUS, NEW]),
    ({"label": "dog"}, [DOG, BUS]),
    ({"label": ["Dog", "bus"]}, [BUS]),
    ({"label": "beach"}, [DOG]),
    ({"label": "beach", "min_confidence": 0.5}, []),
    ({"label": ["dog", "beach"], "min_confidence": 0.5}, []),
    ({"q": "dog"}, [DOG, BUS]),
    ({"q": "DOG 2024"}, [DOG]),
    ({"q": "dog 2023-01"}, [BUS]),
    ({"q": "june"}, [DOG]),
    ({"q": "dog unicorn"}, []),
    ({"q": "fuji"}, [DOG]),
    ({"q": "sleepy sea"}, [CAT]),
    ({"q": "portugal"}, [CAT, DOG]),
    ({"q": "lis"}, [DOG]),
    ({"place": "PT"}, [CAT, DOG]),
    ({"place": "PT/Porto"}, [CAT]),
    ({"place": "porto"}, [CAT]),
    ({"place": "atlantis"}, []),
    ({"camera": "fujifilm x-t4"}, [DOG]),
    ({"from": "2024"}, [CAT, DOG]),
    ({"from": "2024-06", "to": "2024-06-15"}, [DOG]),
    ({"to": "2023"}, [BUS, NEW]),
    ({"near": "38.7,-9.1,20"}, [DOG]),
    ({"near": "38.7,-9.1,400"}, [CAT, DOG]),
    ({"near": "-16.5,-179.9,50"}, [BUS]),
    ({"bbox": "-10,38,-8,42"}, [CAT, DOG]),
    ({"bbox": "170,-30,-170,0"}, [BUS]),
    ({"bbox": "-180,-90,180,90"}, [CAT, DOG, BUS]),
    ({"bbox": "-540,-90,540,90", "label": "dog"}, [DOG, BUS]),
    ({"status": "ready"}, [CAT, DOG, BUS]),
    ({"status": "prepared"}, [NEW]),
    ({"status": "failed"}, [BROKEN]),
    ({"status": "trashed"}, []),
    ({"favourite": "true"}, [BUS]),
    ({"favourite": "false", "label": "dog"}, [DOG]),
    ({"album": "nothing"}, []),
    ({"q": "' % -- ! \\"}, [CAT, DOG, BUS, NEW]),
    ({"q": "dog -fuji"}, [BUS]),
    ({"q": "cat OR bus"}, [CAT, BUS]),
    ({"q": "dogs (place:portugal OR is:favourite)"}, [DOG, BUS]),
    ({"q": "vehicle"}, [BUS]),
    ({"q": "puppy"}, [DOG, BUS]),
    ({"q": "label:beach>0.5"}, []),
    ({"q": "-has:location"}, [NEW]),
    ({"q": "type:jpg lens:xf35"}, [DOG]),
    ({"q": "near:38.7,-9.1,20km", "favourite": "false"}, [DOG]),
    ({"q": "status:failed"}, [BROKEN]),
    ({"q": "month:july"}, [CAT]),
]


@pytest.mark.usefixtures("library")
async def test_a_search_finds_what_all_its_filters_hold_for(owner: Caller) -> None:
    found = [await owner.found(**query) for query, _ in SEARCHES]

    for (query, expected), photo_ids in zip(SEARCHES, found, strict=True):
        assert photo_ids == [photo.photo_id for photo in expected], query


@pytest.mark.usefixtures("library")
async def test_pages_of_any_list_put_together_are_the_list(owner: Caller) -> None:
    whole = await owner.found()
    for query in ({}, {"bbox": "-180,-90,180,90"}, {"q": "20"}, {"q": "dog"}, {"label": "dog", "favourite": "false"}):
        expected = await owner.found(**query)
        found: list[str] = []
        cursor = None
        for _ in range(len(whole) + 1):
            page = await owner.get("/search", limit=1, **query, **({"cursor": cursor} if cursor else {}))
            found += [photo["photo_id"] for photo in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert found == expected


@pytest.mark.usefixtures("library")
async def test_a_cursor_is_good_for_its_own_query_and_account_alone(owner: Caller, stranger: Caller) -> None:
    cursor = (await owner.get("/search", limit=1))["next_cursor"]

    assert await owner.refused("/search", limit=1, cursor=cursor, label="dog") == "invalid-cursor"
    assert await owner.refused("/timeline/2024-06", cursor=cursor) == "invalid-cursor"
    assert await stranger.refused("/search", limit=1, cursor=cursor) == "invalid-cursor"
    for malformed in ("x", "=", "🌊", "bnVsbA", "e30", "a" * 600):
        assert await owner.refused("/search", cursor=malformed) == "invalid-cursor"


@pytest.mark.usefixtures("library")
async def test_a_stranger_sees_nothing_of_it(owner: Caller, stranger: Caller) -> None:
    album = await owner.call("POST", "/albums", 201, json={"name": "Summer"})
    album_path = f"/albums/{album['album_id']}"

    assert (await stranger.get("/timeline"))["total"] == 0
    assert await stranger.found() == []
    assert await stranger.found(label="dog") == []
    assert await stranger.found(album=album["album_id"]) == []
    assert (await stranger.get("/facets", kind="label"))["items"] == []
    assert (await stranger.get("/map", bbox="-180,-90,180,90", zoom=2))["tile"] == []
    assert (await stranger.get("/map/photos", bbox="-180,-90,180,90"))["items"] == []
    assert (await stranger.get("/places"))["items"] == []
    assert (await stranger.get("/albums"))["items"] == []
    assert (await stranger.get("/progress"))["total"] == 0
    photo = f"/photos/{DOG.photo_id}"
    on_the_photo: list[tuple[str, str, Any]] = [
        ("GET", photo, None),
        ("PATCH", photo, {"favourite": True}),
        ("DELETE", photo, None),
        ("POST", f"{photo}/restore", None),
        ("POST", f"{photo}/retry", None),
        ("GET", f"{photo}/original", None),
        ("GET", f"{photo}/thumbnail", None),
        ("GET", f"{photo}/preview", None),
    ]
    for method, path, body in on_the_photo:
        problem = await stranger.call(method, path, 404, json=body)
        assert problem["code"] == "photo-not-found"
    on_the_album: list[tuple[str, str, Any]] = [
        ("GET", album_path, None),
        ("PATCH", album_path, {"name": "Mine"}),
        ("DELETE", album_path, None),
        ("GET", f"{album_path}/photos", None),
        ("PATCH", f"{album_path}/photos", {"add": [DOG.photo_id]}),
    ]
    for method, path, body in on_the_album:
        problem = await stranger.call(method, path, 404, json=body)
        assert problem["code"] == "album-not-found"
    mine = await stranger.call("POST", "/albums", 201, json={"name": "Theirs"})
    await stranger.call("PATCH", f"/albums/{mine['album_id']}/photos", 404, json={"add": [DOG.photo_id]})
    assert (await owner.get(photo))["version"] == 2


@pytest.mark.usefixtures("library")
async def test_a_photo_tells_everything_that_is_known_of_it(owner: Caller) -> None:
    photo = await owner.get(f"/photos/{DOG.photo_id}")

    assert photo["taken_at"] == {"value": "2024-06-15T23:30:00+01:00", "source": "exif", "confidence": 1.0}
    assert photo["location"]["place"]["city"] == "Lisbon"
    assert [label["name"] for label in photo["labels"]] == ["dog", "Beach"]
    assert photo["camera"] == {"make": "FUJIFILM", "model": "X-T4", "lens": "XF35"}
    assert photo["thumbnail_url"] == (await owner.get("/search"))["items"][1]["thumbnail_url"]
    assert (await owner.get(f"/photos/{BROKEN.photo_id}"))["failure"]["code"] == "truncated-image"
    waiting = await owner.get(f"/photos/{EXPECTED.photo_id}")
    assert (waiting["status"], waiting["thumbnail_url"], waiting["taken_at"]) == ("awaiting_upload", None, None)


@pytest.mark.usefixtures("library")
async def test_what_a_person_says_moves_the_photo_to_where_it_belongs(owner: Caller) -> None:
    photo = await owner.call(
        "PATCH",
        f"/photos/{DOG.photo_id}",
        json={
            "caption": "Walking with Bruno",
            "taken_at": "2020-02-29T10:00:00+09:00",
            "location": {"latitude": 35.68, "longitude": 139.69},
            "favourite": True,
            "keywords": ["holiday", "holiday"],
        },
    )

    assert photo["taken_at"]["source"] == photo["location"]["source"] == "person"
    assert photo["location"]["place"]["country_code"] == "JP"
    assert photo["keywords"] == ["holiday"]
    assert (await owner.get("/timeline/2024-06"))["photo_id"] == []
    moved = await owner.get("/timeline/2020-02")
    assert (moved["favourite"], moved["taken_at"], moved["offset_minutes"]) == ([0], [1582938000000], [540])
    assert await owner.found(q="bruno holiday japan") == [DOG.photo_id]
    assert await owner.found(near="38.7,-9.1,20") == []

    nowhere = await owner.call("PATCH", f"/photos/{DOG.photo_id}", json={"location": None, "caption": None})
    assert (nowhere["location"], nowhere["caption"]) == (None, None)
    assert await owner.found(q="japan") == []


@pytest.mark.usefixtures("library")
async def test_a_trashed_photo_leaves_every_list_and_comes_back_to_it(owner: Caller) -> None:
    path = f"/photos/{DOG.photo_id}"
    await owner.call("DELETE", path, 204)
    await owner.call("DELETE", path, 204)

    assert await owner.found(label="dog") == [BUS.photo_id]
    assert await owner.found(status="trashed") == [DOG.photo_id]
    assert (await owner.get("/search", status="trashed"))["items"][0]["status"] == "trashed"
    assert (await owner.get("/progress"))["ready"] == 2
    assert (await owner.get(path))["trashed_at"] is not None

    await owner.call("POST", f"{path}/restore")
    assert await owner.found(label="dog") == [DOG.photo_id, BUS.photo_id]
    assert await owner.found(status="trashed") == []


@pytest.mark.usefixtures("library")
async def test_a_failed_photo_is_sent_through_the_pipeline_again(
    owner: Caller, aws: AwsClients, stack: SharedSettings
) -> None:
    photo = await owner.call("POST", f"/photos/{BROKEN.photo_id}/retry")

    assert (photo["status"], photo["failure"]) == ("awaiting_upload", None)
    assert (await owner.get("/progress"))["failed"] == 0
    url = (await aws.sqs.get_queue_url(QueueName=stack.queue_name("photo-uploaded")))["QueueUrl"]
    arrivals = []
    for _ in range(3):
        answer = await aws.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        arrivals += [one for message in answer.get("Messages", []) for one in photos_uploaded(message["Body"])]
        if arrivals:
            break
    assert [arrival.object_key for arrival in arrivals] == [original_key(OWNER, BROKEN.photo_id)]
    problem = await owner.call("POST", f"/photos/{DOG.photo_id}/retry", 409)
    assert problem["code"] == "photo-not-failed"


@pytest.mark.usefixtures("library")
async def test_media_redirect_to_addresses_that_stay_the_same(owner: Caller) -> None:
    for what in ("thumbnail", "preview"):
        first, second = [
            await owner.http.get(f"/api/v1/photos/{DOG.photo_id}/{what}", headers=owner.headers) for _ in range(2)
        ]
        assert first.status_code == 302
        assert first.headers["location"] == second.headers["location"]
        assert first.headers["cache-control"].startswith("private, max-age=")
    original = await owner.http.get(f"/api/v1/photos/{DOG.photo_id}/original", headers=owner.headers)
    assert "lisbon%2520evening.jpg" in original.headers["location"]
    problem = await owner.call("GET", f"/photos/{EXPECTED.photo_id}/thumbnail", 404)
    assert problem["code"] == "not-prepared"


@pytest.mark.usefixtures("library")
async def test_facets_and_suggestions_are_the_library_s_own_words(owner: Caller) -> None:
    labels = (await owner.get("/facets", kind="label"))["items"]
    assert labels[0] == {"value": "dog", "name": "dog", "count": 2, "text": "label:dog"}
    assert {"value": "beach", "name": "Beach", "count": 1, "text": "label:beach"} in labels
    months = (await owner.get("/facets", kind="month"))["items"]
    assert [month["value"] for month in months][:2] == ["2024-07", "2024-06"]
    places = {place["value"]: place["name"] for place in (await owner.get("/facets", kind="place"))["items"]}
    assert places["PT"] == "Portugal"
    assert places["PT/Lisboa/Lisbon"] == "Lisbon, Portugal"

    await owner.call("POST", "/albums", 201, json={"name": "Portraits"})
    suggested = (await owner.get("/suggest", q="Por"))["items"]
    assert [(one["kind"], one["name"], one["count"]) for one in suggested][:1] == [("place", "Portugal", 2)]
    assert (await owner.get("/suggest", q="2024-0"))["items"][0]["kind"] == "month"
    assert (await owner.get("/suggest", q=" "))["items"] == []


@pytest.mark.usefixtures("library")
async def test_an_album_gathers_photos_without_taking_them_away(owner: Caller) -> None:
    album = await owner.call("POST", "/albums", 201, json={"name": " Summer "})
    path = f"/albums/{album['album_id']}"
    assert (album["name"], album["count"], album["cover_thumbnail_url"]) == ("Summer", 0, None)

    filled = await owner.call("PATCH", f"{path}/photos", json={"add": [DOG.photo_id, CAT.photo_id, BUS.photo_id]})
    again = await owner.call("PATCH", f"{path}/photos", json={"add": [DOG.photo_id], "remove": [BUS.photo_id]})

    assert (filled["count"], again["count"]) == (3, 2)
    assert again["cover_thumbnail_url"] == (await owner.get("/search"))["items"][0]["thumbnail_url"]
    listed = await owner.get(f"{path}/photos", limit=1)
    assert [photo["photo_id"] for photo in listed["items"]] == [CAT.photo_id]
    rest = await owner.get(f"{path}/photos", cursor=listed["next_cursor"])
    assert [photo["photo_id"] for photo in rest["items"]] == [DOG.photo_id]
    assert await owner.found(album=album["album_id"], label="dog") == [DOG.photo_id]
    assert await owner.found(q="summer") == [CAT.photo_id, DOG.photo_id]
    assert (await owner.get(f"/photos/{DOG.photo_id}"))["albums"] == [{"album_id": album["album_id"], "name": "Summer"}]

    assert (await owner.call("PATCH", path, json={"name": "Winter"}))["name"] == "Winter"
    assert [(one["name"], one["count"]) for one in (await owner.get("/albums"))["items"]] == [("Winter", 2)]

    await owner.call("DELETE", path, 204)
    await owner.call("GET", path, 404)
    assert (await owner.get("/albums"))["items"] == []
    assert (await owner.get(f"/photos/{DOG.photo_id}"))["albums"] == []
    assert await owner.found(label="cat") == [CAT.photo_id]


@pytest.mark.usefixtures("library")
async def test_an_album_change_with_an_unknown_photo_changes_nothing(owner: Caller) -> None:
    album = await owner.call("POST", "/albums", 201, json={"name": "Summer"})
    path = f"/albums/{album['album_id']}/photos"

    problem = await owner.call("PATCH", path, 404, json={"add": [DOG.photo_id, "a" * 26]})

    assert problem["code"] == "photo-not-found"
    for no_id in ("", "a" * 3000, "\ud800"):
        body = json.dumps({"add": [DOG.photo_id], "remove": [no_id]})
        problem = await owner.call("PATCH", path, 404, content=body, headers={"Content-Type": "application/json"})
        assert problem["code"] == "photo-not-found"
    assert (await owner.get(path))["items"] == []
    too_many = await owner.call("PATCH", path, 422, json={"add": ["a" * 26] * 300, "remove": ["b" * 26] * 201})
    assert too_many["code"] == "invalid-request"


@pytest.mark.usefixtures("library")
async def test_progress_counts_each_state(owner: Caller) -> None:
    assert await owner.get("/progress") == {"awaiting_upload": 1, "prepared": 1, "ready": 3, "failed": 1, "total": 6}


@pytest.mark.usefixtures("library")
async def test_changes_are_told_from_the_last_known_event_on(app: FastAPI, owner: Caller) -> None:
    since = {"Last-Event-ID": "2025-06-15T11:00:00+00:00"}
    app.state.stopping.set()  # the stream ends after its first look
    answer = await owner.http.get("/api/v1/events", headers=owner.headers | since)

    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]
    assert len(events) == 5
    assert (DOG.photo_id, "ready", 2) in {(event["photo_id"], event["status"], event["version"]) for event in events}


async def test_a_stream_of_events_does_not_begin_at_what_is_no_event(owner: Caller) -> None:
    for event_id in (
        "yesterday",
        "2025-06-15T11:00:00",
        "0001-01-01T00:00:00+00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ):
        answer = await owner.http.get("/api/v1/events", headers=owner.headers | {"Last-Event-ID": event_id})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid-cursor")


BAD_REQUESTS: list[tuple[str, dict[str, str], str]] = [
    ("/search", {"near": "1,2"}, "invalid-query"),
    ("/search", {"near": "91,0,1"}, "invalid-query"),
    ("/search", {"near": "0,0,0"}, "invalid-query"),
    ("/search", {"near": "0,0,inf"}, "invalid-query"),
    ("/search", {"from": "yesterday"}, "invalid-query"),
    ("/search", {"from": "2024", "to": "2023"}, "invalid-query"),
    ("/search", {"to": "20240"}, "invalid-query"),
    ("/search", {"from": "٢٠٢٤"}, "invalid-query"),
    ("/search", {"limit": "0"}, "invalid-request"),
    ("/search", {"limit": "201"}, "invalid-request"),
    ("/search", {"min_confidence": "2"}, "invalid-request"),
    ("/search", {"status": "lost"}, "invalid-request"),
    ("/search", {"q": "a" * 10_000}, "invalid-query"),
    ("/search", {"q": "dog \u0000"}, "invalid-query"),
    ("/search", {"q": 'album:"Summer'}, "invalid-query"),
    ("/search", {"sort": "size"}, "invalid-request"),
    ("/search/facets", {"q": "("}, "invalid-query"),
    ("/suggest", {"q": "a" * 10_000}, "invalid-request"),
    ("/facets", {"kind": "label", "cursor": "made up"}, "invalid-cursor"),
    ("/timeline/2024-13", {}, "invalid-request"),
    ("/timeline/soon", {}, "invalid-request"),
    ("/timeline/2024-06/days/15", {}, "not-found"),
    ("/timeline/2024-00/days", {}, "invalid-request"),
    ("/timeline/2024-06", {"day": "2024-06-31"}, "invalid-query"),
    ("/timeline/2024-06", {"day": "2024-07-01"}, "invalid-query"),
    ("/timeline/2024-06", {"from": "15"}, "invalid-query"),
    ("/timeline/2024-06", {"from": "2024-06-16", "to": "2024-06-15"}, "invalid-query"),
    ("/timeline/2024-06", {"limit": "1001"}, "invalid-request"),
    ("/timeline/2024-06", {"cursor": "made-up"}, "invalid-cursor"),
    ("/facets", {"kind": "tile04"}, "invalid-request"),
    ("/photos/..%2F..", {}, "not-found"),
    ("/photos/nothing", {}, "photo-not-found"),
]


async def test_a_host_that_can_be_none_gets_no_addresses(owner: Caller) -> None:
    problem = await owner.call("GET", "/search", 400, headers={"Host": "a" * 300})

    assert problem["code"] == "invalid-query"


async def test_a_bad_request_gets_one_specific_problem(owner: Caller) -> None:
    for path, parameters, code in BAD_REQUESTS:
        assert await owner.refused(path, **parameters) == code, (path, parameters)


SENSELESS_EDITS: list[dict[str, Any]] = [
    {"taken_at": None},
    {"taken_at": "2024-06-15T12:00:00"},
    {"taken_at": "12024-06-15T12:00:00Z"},
    {"location": {"latitude": 91, "longitude": 0}},
    {"location": {"latitude": 0}},
    {"favourite": None},
    {"keywords": [""]},
    {"keywords": ["x"] * 51},
    {"caption": "x" * 2001},
    {"status": "ready"},
]


@pytest.mark.usefixtures("library")
async def test_a_cursor_that_somebody_made_up_is_refused(owner: Caller) -> None:
    page = await owner.get("/search", limit="1")
    of, _ = json.loads(urlsafe_b64decode(page["next_cursor"] + "=="))
    for place in ("", "\x01", "\ud800", "é"):
        made_up = urlsafe_b64encode(json.dumps([of, place]).encode()).decode()
        assert await owner.refused("/search", limit="1", cursor=made_up) == "invalid-cursor"


@pytest.mark.usefixtures("library")
async def test_an_edit_that_makes_no_sense_is_refused(owner: Caller) -> None:
    for body in SENSELESS_EDITS:
        problem = await owner.call("PATCH", f"/photos/{DOG.photo_id}", 422, json=body)
        assert problem["code"] == "invalid-request", body


@pytest.mark.parametrize("expires", ["+5", "-5", " 5", "5.0", "1e3", "0x5", "\u0665", "", "9" * 13])
async def test_a_thumbnail_s_address_ends_at_a_time_in_digits_alone(owner: Caller, expires: str) -> None:
    answer = await owner.http.get(
        f"/api/v1/thumbnails/{OWNER}/{DOG.photo_id}", params={"expires": expires, "signature": "x"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


async def test_without_a_token_nothing_is_answered(app: FastAPI, owner: Caller) -> None:
    by_address = ("/api/v1/shared/", "/api/v1/thumbnails/")  # whose addresses are the key
    paths = {path: one for path, one in app.openapi()["paths"].items() if not path.startswith(by_address)}
    assert len(paths) > 40
    for path, operations in paths.items():
        for method in operations:
            answer = await owner.http.request(
                method, path.format_map(defaultdict(lambda: "x", photo_id="a" * 26, month="2024-06"))
            )
            assert answer.status_code == 401, path
