"""Bulk edits and the trash through the HTTP API and the real worker, both with the metadata role's keys only."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from heliograph.aws import AwsClients
from heliograph.photos import original_key, preview_key, thumbnail_key
from heliograph.settings import SharedSettings
from heliograph_metadata import worker as worker_root
from heliograph_metadata.domain.photo import Photo, Source, Sourced
from heliograph_metadata.dynamodb.photo_store import DynamoPhotoStore
from tests.builders import LISBON, NOON, a_photo
from tests.integration.metadata.library import Caller, Shelf
from tests.standin import free_ports
from tools.access import apply_access
from tools.standin import Standin

SHIFT = {"shift_seconds": -3 * 3600}


@pytest.fixture(autouse=True)
def as_metadata(standin: Standin, aws: AwsClients, stack: SharedSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the service and the worker hold the metadata role's keys only (the test's own clients are open already)."""
    keys = apply_access(standin.endpoint, {}, stack_name=stack.stack_name)["metadata-worker"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys.secret_access_key)
    monkeypatch.setenv("HELIOGRAPH_STACK_NAME", stack.stack_name)
    monkeypatch.setenv("HELIOGRAPH_READER_PROCESSES", "1")
    monkeypatch.setenv("HELIOGRAPH_RECONCILE_AT_START_AFTER_SECONDS", "0.1")
    monkeypatch.setenv("HELIOGRAPH_RECONCILE_EVERY_SECONDS", "0.1")
    monkeypatch.setenv("HELIOGRAPH_RECONCILE_AFTER_SECONDS", "1")
    monkeypatch.setenv("HELIOGRAPH_ADMISSION_LIVES_SECONDS", "1e9")  # the shelf's photos were admitted long ago


def a_worker() -> AbstractAsyncContextManager[object]:
    app = worker_root.create_app()
    return app.router.lifespan_context(app)


@pytest.fixture
async def worker(as_metadata: None) -> AsyncIterator[None]:
    async with a_worker():
        yield


async def started(caller: Caller, edit: dict[str, Any], **asked: Any) -> Any:
    return await caller.call("POST", "/jobs", 202, json={"edit": edit, **asked})


async def through(caller: Caller, job: dict[str, Any]) -> Any:
    """Return the job once nothing is left to be done."""
    async with asyncio.timeout(90):
        while True:
            there = await caller.get(f"/jobs/{job['job_id']}")
            if there["status"] in {"done", "cancelled", "undone"}:
                return there
            await asyncio.sleep(0.05)


def photos_taken_at_noon(count: int, **changes: Any) -> list[Photo]:
    return [a_photo(number, taken_at=Sourced(NOON, Source.FILE_NAME, 0.7), **changes) for number in range(count)]


def ids(photos: list[Photo]) -> list[str]:
    return [photo.photo_id for photo in photos]


async def test_a_date_is_shifted_and_comes_back_with_its_source_and_confidence(
    owner: Caller, shelf: Shelf, worker: None
) -> None:
    photos = photos_taken_at_noon(120, location=LISBON, labels=["dog"])
    await asyncio.gather(*map(shelf.put, photos))

    job = await started(owner, SHIFT | {"favourite": True, "add_keywords": ["süd"]}, photo_ids=ids(photos))
    assert (job["status"], job["total"], job["edit"]["shift_seconds"]) == ("running", 120, -10800)
    job = await through(owner, job)

    assert (job["status"], job["done"], job["changed"], job["failures"]) == ("done", 120, 120, [])
    assert job["can_undo"]
    photo = await owner.get(f"/photos/{photos[7].photo_id}")
    assert photo["taken_at"] == {"value": "2024-06-15T09:00:00Z", "source": "person", "confidence": 1.0}
    assert (photo["favourite"], photo["keywords"]) == (True, ["süd"])
    assert len(await owner.found(q="süd", limit=200)) == 120

    job = await through(owner, await owner.call("POST", f"/jobs/{job['job_id']}/undo", 202))

    assert (job["status"], job["changed"], job["failures"], job["can_undo"]) == ("undone", 120, [], False)
    photo = await owner.get(f"/photos/{photos[7].photo_id}")
    assert photo["taken_at"] == {"value": "2024-06-15T12:00:00Z", "source": "file_name", "confidence": 0.7}
    assert (photo["favourite"], photo["keywords"]) == (False, [])
    assert await owner.found(q="süd") == []
    assert [listed["job_id"] for listed in (await owner.get("/jobs"))["items"]] == [job["job_id"]]


async def test_all_that_a_search_finds_is_edited_and_a_place_is_known_by_its_name(
    owner: Caller, shelf: Shelf, worker: None
) -> None:
    await shelf.put(*photos_taken_at_noon(3), a_photo(99, taken_at=NOON.replace(year=2020)))

    job = await started(
        owner, {"location": {"latitude": 38.71, "longitude": -9.14}}, search={"from": "2024", "to": "2024"}
    )
    job = await through(owner, job)

    assert (job["total"], job["changed"]) == (3, 3)
    assert len(await owner.found(place="PT")) == 3


@contextmanager
def a_worker_process(port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "uvicorn", "--factory", "heliograph_metadata.worker:create_app"]
    process = subprocess.Popen([*command, "--port", str(port), "--log-level", "warning"], stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def test_a_worker_that_is_killed_halfway_is_taken_over_from(
    owner: Caller, shelf: Shelf, aws: AwsClients, stack: SharedSettings
) -> None:
    photos = photos_taken_at_noon(220)
    await asyncio.gather(*map(shelf.put, photos))
    url = (await aws.sqs.get_queue_url(QueueName=stack.queue_name("job-step")))["QueueUrl"]
    await aws.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "3"})
    job = await started(owner, SHIFT, photo_ids=ids(photos))
    first, second = free_ports(2)

    with a_worker_process(first) as process:
        async with asyncio.timeout(60):
            while True:
                if (await owner.get(f"/jobs/{job['job_id']}"))["done"] > 0:
                    break
                await asyncio.sleep(0.02)
        process.kill()
        process.wait()
    halfway = (await owner.get(f"/jobs/{job['job_id']}"))["done"]
    with a_worker_process(second):
        job = await through(owner, job)

    assert halfway < 220
    assert (job["status"], job["changed"], job["failures"]) == ("done", 220, [])
    [month] = (await owner.get("/timeline"))["months"]
    assert (month["month"], month["count"]) == ("2024-06", 220)
    times = {item["taken_at"] for item in (await owner.get("/search", limit=200))["items"]}
    assert times == {"2024-06-15T09:00:00Z"}
    job = await owner.call("POST", f"/jobs/{job['job_id']}/undo", 202)
    with a_worker_process(first):
        job = await through(owner, job)
    assert (job["status"], job["changed"], job["failures"]) == ("undone", 220, [])


async def test_the_same_key_begins_the_job_once(owner: Caller, shelf: Shelf, worker: None) -> None:
    [photo] = photos_taken_at_noon(1)
    await shelf.put(photo)
    body = {"edit": SHIFT, "photo_ids": [photo.photo_id]}
    key = {"Idempotency-Key": "once"}

    first = await owner.call("POST", "/jobs", 202, json=body, headers=key)
    await through(owner, first)
    again = await owner.call("POST", "/jobs", 202, json=body, headers=key)

    assert again["job_id"] == first["job_id"]
    assert (await owner.get(f"/photos/{photo.photo_id}"))["taken_at"]["value"] == "2024-06-15T09:00:00Z"
    other = {"edit": {"favourite": True}, "photo_ids": [photo.photo_id]}
    problem = await owner.call("POST", "/jobs", 422, json=other, headers=key)
    assert problem["code"] == "idempotency-key-reused"


async def test_a_stranger_s_jobs_and_photos_are_not_there(
    owner: Caller, stranger: Caller, shelf: Shelf, worker: None
) -> None:
    [photo] = photos_taken_at_noon(1)
    await shelf.put(photo)
    job = await through(owner, await started(owner, SHIFT, photo_ids=[photo.photo_id]))

    for method, path in (("GET", ""), ("POST", "/undo"), ("POST", "/cancel")):
        problem = await stranger.call(method, f"/jobs/{job['job_id']}{path}", 404)
        assert problem["code"] == "job-not-found"
    assert (await stranger.get("/jobs"))["items"] == []
    theirs = await through(stranger, await started(stranger, {"trashed": True}, photo_ids=[photo.photo_id]))
    assert [failure["code"] for failure in theirs["failures"]] == ["photo-not-found"]
    await stranger.call("DELETE", f"/photos/{photo.photo_id}?permanently=true", 404)
    assert await owner.found() == [photo.photo_id]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"edit": {}, "photo_ids": ["a" * 26]}, "invalid-edit"),
        ({"edit": SHIFT}, "invalid-edit"),
        ({"edit": SHIFT, "photo_ids": ["a" * 26], "search": {}}, "invalid-edit"),
        ({"edit": {"time_zone": {"name": "Mars/Olympus"}}, "photo_ids": ["a" * 26]}, "invalid-edit"),
        ({"edit": {"favourite": True, "delete_permanently": True}, "photo_ids": ["a" * 26]}, "invalid-edit"),
        ({"edit": {"add_to_albums": ["none"]}, "photo_ids": ["a" * 26]}, "album-not-found"),
        ({"edit": SHIFT, "search": {"near": "1,2"}}, "invalid-query"),
        ({"edit": SHIFT, "photo_ids": ["../etc"]}, None),
        ({"edit": SHIFT, "photo_ids": ["a" * 26] * 10_001}, None),
        ({"edit": {"shift_seconds": 10**12}, "photo_ids": ["a" * 26]}, None),
        ({"edit": {"location": {"latitude": 91, "longitude": 0}}, "photo_ids": ["a" * 26]}, None),
        ({"edit": {"colour": "red"}, "photo_ids": ["a" * 26]}, None),
    ],
)
async def test_what_cannot_be_meant_is_refused_and_begins_nothing(
    owner: Caller, body: dict[str, Any], code: str | None
) -> None:
    response = await owner.http.post("/api/v1/jobs", headers=owner.headers, json=body)

    assert 400 <= response.status_code < 500, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert code is None or response.json()["code"] == code
    assert (await owner.get("/jobs"))["items"] == []


async def keys_in(aws: AwsClients, stack: SharedSettings) -> set[str]:
    response = await aws.s3.list_objects_v2(Bucket=stack.bucket_name)
    return {content["Key"] for content in response.get("Contents", [])}


async def with_objects(aws: AwsClients, stack: SharedSettings, *photos: Photo) -> set[str]:
    keys = {
        key(photo.owner_id, photo.photo_id) for photo in photos for key in (original_key, preview_key, thumbnail_key)
    }
    for key in keys:
        await aws.s3.put_object(Bucket=stack.bucket_name, Key=key, Body=b"bytes")
    return keys


async def test_the_trash_is_emptied_with_the_files_in_s3(
    owner: Caller, shelf: Shelf, worker: None, aws: AwsClients, stack: SharedSettings
) -> None:
    gone, kept = photos_taken_at_noon(2)
    await shelf.put(gone, kept)
    await with_objects(aws, stack, gone)
    there = await with_objects(aws, stack, kept)
    await owner.call("DELETE", f"/photos/{gone.photo_id}", 204)

    job = await through(owner, await owner.call("DELETE", "/trash", 202))

    assert (job["status"], job["changed"], job["can_undo"]) == ("done", 1, False)
    assert await keys_in(aws, stack) == there
    assert await owner.found(status="trashed") == []
    await owner.call("GET", f"/photos/{gone.photo_id}", 404)
    await shelf.put(gone)  # uploaded again
    assert set(await owner.found()) == {gone.photo_id, kept.photo_id}


async def test_one_photo_of_the_trash_is_deleted_for_good(
    owner: Caller, shelf: Shelf, aws: AwsClients, stack: SharedSettings
) -> None:
    [photo] = photos_taken_at_noon(1)
    await shelf.put(photo)
    await with_objects(aws, stack, photo)
    path = f"/photos/{photo.photo_id}"

    problem = await owner.call("DELETE", f"{path}?permanently=true", 409)
    assert problem["code"] == "photo-not-trashed"
    await owner.call("DELETE", path, 204)
    await owner.call("DELETE", f"{path}?permanently=true", 204)

    assert await keys_in(aws, stack) == set()
    await owner.call("GET", path, 404)


async def test_what_was_in_the_trash_for_thirty_days_goes_by_itself(
    owner: Caller, shelf: Shelf, aws: AwsClients, stack: SharedSettings
) -> None:
    now = datetime.now(UTC)
    old = a_photo(1, taken_at=NOON, trashed_at=now - timedelta(days=30, minutes=1))
    new = a_photo(2, taken_at=NOON, trashed_at=now - timedelta(days=29))
    await shelf.put(old, new)
    await with_objects(aws, stack, old)
    there = await with_objects(aws, stack, new)
    store = DynamoPhotoStore(
        aws.dynamodb, photos_table=stack.table_name("photos"), terms_table=stack.table_name("terms")
    )

    async with a_worker(), asyncio.timeout(20):
        while True:
            if await store.get(old.photo_id) is None:
                break
            await asyncio.sleep(0.05)

    assert await keys_in(aws, stack) == there
    assert await owner.found(status="trashed") == [new.photo_id]
