"""Stacks over HTTP and the real tables: how they are reviewed, decided and taken back, and what is refused."""

from datetime import timedelta
from typing import Any

import pytest

from heliograph.aws import AwsClients
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.looks import Look
from heliograph_metadata.domain.photo import Camera
from heliograph_metadata.dynamodb.library_index import DynamoLibraryIndex
from heliograph_metadata.dynamodb.photo_store import DynamoPhotoStore
from heliograph_metadata.dynamodb.stack_store import DynamoStackStore
from heliograph_metadata.service.lookalikes import LookalikeService
from tests.builders import LISBON, NOON, a_photo
from tests.integration.metadata.library import Caller, Shelf


def looking(bits: int, *, sharpness: float = 10.0) -> Look:
    return Look(f"{(0xBEEF << 240) ^ bits:064x}", (3, 9), sharpness)


ORIGINAL = a_photo(
    1, look=looking(0), camera=Camera("FUJIFILM", "X-T4"), taken_at=NOON, location=LISBON, filename="DSCF2041.JPG"
)
COPY = a_photo(
    2, look=looking(0b111), width_px=1600, height_px=1200, taken_at=NOON + timedelta(days=3), filename="IMG-WA0001.jpg"
)
OTHER = a_photo(3, look=Look("5" * 64, (1,), 4.0), taken_at=NOON + timedelta(seconds=1))
LATER = a_photo(4, look=looking(0b1010), taken_at=NOON + timedelta(days=9))


@pytest.fixture
def lookalikes(aws: AwsClients, stack: SharedSettings) -> LookalikeService:
    tables: Any = {"photos_table": stack.table_name("photos"), "terms_table": stack.table_name("terms")}
    return LookalikeService(
        DynamoPhotoStore(aws.dynamodb, **tables),
        DynamoLibraryIndex(aws.dynamodb, **tables),
        DynamoStackStore(aws.dynamodb, stack.table_name("stacks")),
        now=lambda: NOON,
    )


@pytest.fixture
async def library(shelf: Shelf, lookalikes: LookalikeService) -> None:
    await shelf.put(ORIGINAL, COPY, OTHER)
    for photo in (ORIGINAL, COPY, OTHER):
        await lookalikes.look_for(photo)


async def the_stack(caller: Caller, status: str = "open") -> Any:
    [stack] = (await caller.get("/stacks", status=status))["items"]
    return stack


@pytest.mark.usefixtures("library")
async def test_a_stack_shows_its_photos_with_what_differs_the_best_first(owner: Caller) -> None:
    stack = await the_stack(owner)

    assert (stack["kind"], stack["status"]) == ("duplicate", "open")
    best, copy = stack["photos"]
    assert (best["photo_id"], best["is_kept"], best["camera"]) == (ORIGINAL.photo_id, True, "FUJIFILM X-T4")
    assert (copy["photo_id"], copy["is_kept"], copy["camera"]) == (COPY.photo_id, False, None)
    assert best["taken_source"] == "exif"
    assert (best["width_px"], copy["width_px"]) == (4000, 1600)
    assert (best["has_location"], copy["has_location"]) == (True, False)
    assert sorted([best["difference"], copy["difference"]]) == [0.0, 0.012]
    assert best["preview_url"].startswith("http://photos.test:8080/")
    assert await owner.get(f"/stacks/{stack['stack_id']}") == stack


@pytest.mark.usefixtures("library")
async def test_keeping_one_trashes_the_other_and_undo_brings_it_back(owner: Caller) -> None:
    stack = await the_stack(owner)
    path = f"/stacks/{stack['stack_id']}"
    keep = {"photo_ids": [ORIGINAL.photo_id], "version": stack["version"]}

    kept = await owner.call("POST", f"{path}/keep", json=keep)
    assert kept["status"] == "kept"
    assert [(photo["is_kept"], photo["is_trashed"]) for photo in kept["photos"]] == [(True, False), (False, True)]
    assert await owner.call("POST", f"{path}/keep", json=keep) == kept
    assert await owner.found(status="trashed") == [COPY.photo_id]
    assert (await owner.get("/stacks"))["items"] == []
    assert await the_stack(owner, "kept") == kept

    reopened = await owner.call("POST", f"{path}/undo")
    assert reopened["status"] == "open"
    assert await owner.found(status="trashed") == []
    assert (await the_stack(owner))["stack_id"] == stack["stack_id"]


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(("deed", "status"), [("dismiss", "dismissed"), ("stack", "stacked")])
async def test_a_decision_that_keeps_all_is_never_asked_again(
    owner: Caller, lookalikes: LookalikeService, deed: str, status: str
) -> None:
    stack = await the_stack(owner)

    decided = await owner.call("POST", f"/stacks/{stack['stack_id']}/{deed}", json={"version": stack["version"]})
    assert decided["status"] == status
    await owner.call("DELETE", f"/photos/{COPY.photo_id}", 204)
    await owner.call("POST", f"/photos/{COPY.photo_id}/restore")
    for photo in (COPY, ORIGINAL):
        await lookalikes.look_for(photo)

    assert (await owner.get("/stacks"))["items"] == []
    assert (await the_stack(owner, status))["stack_id"] == stack["stack_id"]


@pytest.mark.usefixtures("library")
async def test_what_has_changed_or_been_decided_meanwhile_is_refused(
    owner: Caller, shelf: Shelf, lookalikes: LookalikeService
) -> None:
    seen = await the_stack(owner)
    path = f"/stacks/{seen['stack_id']}"
    await shelf.put(LATER)
    await lookalikes.look_for(LATER)
    keep = {"photo_ids": [ORIGINAL.photo_id], "version": seen["version"]}

    assert (await owner.call("POST", f"{path}/keep", 409, json=keep))["code"] == "stack-changed"
    assert await owner.found(status="trashed") == []

    elsewhere = keep | {"photo_ids": [OTHER.photo_id], "version": None}
    assert (await owner.call("POST", f"{path}/keep", 422, json=elsewhere))["code"] == "not-in-stack"
    await owner.call("POST", f"{path}/dismiss", json={})
    assert (await owner.call("POST", f"{path}/stack", 409, json={}))["code"] == "stack-decided"


@pytest.mark.usefixtures("library")
async def test_a_stranger_finds_no_stack(owner: Caller, stranger: Caller) -> None:
    path = f"/stacks/{(await the_stack(owner))['stack_id']}"

    assert (await stranger.get("/stacks")) == {"items": [], "next_cursor": None}
    assert await stranger.refused(path) == "stack-not-found"
    keep = {"photo_ids": [ORIGINAL.photo_id]}
    for deed, body in (("keep", keep), ("dismiss", {}), ("stack", {}), ("undo", None)):
        assert (await stranger.call("POST", f"{path}/{deed}", 404, json=body))["code"] == "stack-not-found"
    assert (await the_stack(owner))["status"] == "open"


@pytest.mark.usefixtures("library")
async def test_bad_input_is_one_clear_problem(owner: Caller) -> None:
    path = f"/stacks/{(await the_stack(owner))['stack_id']}"

    assert await owner.refused("/stacks", cursor="nonsense") == "invalid-cursor"
    assert await owner.refused("/stacks", status="odd") == "invalid-request"
    assert await owner.refused("/stacks", limit=51) == "invalid-request"
    assert await owner.refused(f"/stacks/{'x' * 65}") == "invalid-request"
    assert await owner.refused("/stacks/made-up") == "stack-not-found"
    bodies: list[Any] = [{}, {"photo_ids": []}, {"photo_ids": ["x"] * 51}, {"photo_ids": ["x"], "more": 1}]
    for body in bodies:
        await owner.call("POST", f"{path}/keep", 422, json=body)
    assert (await owner.call("POST", f"{path}/keep", 422, json={"photo_ids": ["x"]}))["code"] == "not-in-stack"
