"""Albums and folders over HTTP and the real tables: ordered, nested, searched, and a stranger's of nobody else."""

import json
from datetime import timedelta
from typing import Any

import pytest

from heliograph_metadata.domain.photo import Photo
from tests.builders import NOON, a_photo
from tests.integration.metadata.library import Caller, Shelf

SHELF = [
    a_photo(number, labels=["dog" if number % 2 else "cat"], taken_at=NOON - timedelta(days=number))
    for number in range(6)
]
IDS = [photo.photo_id for photo in SHELF]


@pytest.fixture
async def wall(owner: Caller, shelf: Shelf) -> str:
    """The path of an album with all six photos, of which number 0 is the newest."""
    await shelf.put(*SHELF)
    made = await owner.call("POST", "/albums", 201, json={"name": "Wall"})
    path = f"/albums/{made['album_id']}"
    await owner.call("PATCH", f"{path}/photos", json={"add": IDS})
    return path


async def seen(caller: Caller, path: str, *, limit: int = 60) -> list[str]:
    """Return an album's photos, page by page."""
    found: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(50):
        page = await caller.get(f"{path}/photos", limit=limit, **cursor)
        found += [photo["photo_id"] for photo in page["items"]]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}
    raise AssertionError("the pages have no end")


def in_order(numbers: str) -> list[str]:
    return [IDS[int(number)] for number in numbers]


async def test_an_album_is_shown_by_date_in_either_direction_and_in_an_order_of_its_own(
    owner: Caller, wall: str
) -> None:
    assert await seen(owner, wall, limit=2) == in_order("012345")
    oldest = await owner.call("PATCH", wall, json={"sort": "oldest"})
    assert oldest["sort"] == "oldest"
    assert await seen(owner, wall, limit=4) == in_order("543210")

    await owner.call("PATCH", wall, json={"sort": "manual"})
    assert await seen(owner, wall, limit=2) == in_order("543210")
    await owner.call("POST", f"{wall}/photos/move", 204, json={"photo_ids": in_order("02"), "before": IDS[5]})
    for _ in range(2):
        await owner.call("POST", f"{wall}/photos/move", 204, json={"photo_ids": [IDS[4]], "after": IDS[1]})

    for limit in (1, 2, 60):
        assert await seen(owner, wall, limit=limit) == in_order("025314")
    listed = await owner.get(wall)
    assert listed["cover_thumbnail_url"] == (await owner.get(f"{wall}/photos"))["items"][0]["thumbnail_url"]


async def test_a_photo_keeps_its_place_while_it_lies_in_the_trash(owner: Caller, wall: str) -> None:
    await owner.call("PATCH", wall, json={"sort": "manual"})
    await owner.call("POST", f"{wall}/photos/move", 204, json={"photo_ids": [IDS[5]], "before": IDS[0]})

    await owner.call("DELETE", f"/photos/{IDS[5]}", 204)
    assert await seen(owner, wall) == in_order("01234")
    await owner.call("POST", f"/photos/{IDS[5]}/restore")
    assert await seen(owner, wall) == in_order("501234")


async def test_an_album_is_described_and_has_the_cover_that_was_chosen(owner: Caller, wall: str) -> None:
    changed = await owner.call("PATCH", wall, json={"description": " Six\nphotos ", "cover_photo_id": IDS[3]})

    assert (changed["name"], changed["description"], changed["cover_photo_id"]) == ("Wall", "Six\nphotos", IDS[3])
    third = (await owner.get(f"/photos/{IDS[3]}"))["thumbnail_url"]
    assert changed["cover_thumbnail_url"] == third == (await owner.get("/albums"))["items"][0]["cover_thumbnail_url"]
    automatic = await owner.call("PATCH", wall, json={"cover_photo_id": None})
    assert automatic["cover_thumbnail_url"] == (await owner.get(f"/photos/{IDS[0]}"))["thumbnail_url"]
    assert (await owner.call("PATCH", wall, json={}))["updated_at"] == automatic["updated_at"]


async def test_a_smart_album_is_its_search(owner: Caller, shelf: Shelf, wall: str) -> None:
    made = await owner.call("POST", "/albums", 201, json={"name": "Dogs", "query": "dog"})
    path = f"/albums/{made['album_id']}"

    assert (made["query"], made["count"], made["count_at_least"]) == ("dog", 3, 3)
    assert await seen(owner, path, limit=2) == in_order("135")
    new: Photo = a_photo(9, labels=["dog"], taken_at=NOON + timedelta(days=1))
    await shelf.put(new)
    assert await seen(owner, path) == [new.photo_id, *in_order("135")]
    assert (await owner.call("PATCH", path, json={"query": "cat"}))["count"] == 3
    assert await seen(owner, path) == in_order("024")

    for method, to, body in (
        ("PATCH", f"{path}/photos", {"add": [IDS[0]]}),
        ("POST", f"{path}/photos/move", {"photo_ids": [IDS[0]], "after": IDS[1]}),
        ("PATCH", path, {"sort": "manual"}),
    ):
        assert (await owner.call(method, to, 409, json=body))["code"] == "smart-album"
    assert (await owner.call("PATCH", wall, 409, json={"query": "dog"}))["code"] == "not-a-smart-album"


async def test_albums_and_folders_lie_in_folders(owner: Caller, wall: str) -> None:
    trips = await owner.call("POST", "/album-folders", 201, json={"name": " Trips "})
    lisbon = await owner.call("POST", "/album-folders", 201, json={"name": "Lisbon", "parent_id": trips["folder_id"]})
    await owner.call("PATCH", wall, json={"parent_id": lisbon["folder_id"]})

    listed = (await owner.get("/album-folders"))["items"]
    assert [(one["name"], one["albums"], one["folders"]) for one in listed] == [("Lisbon", 1, 0), ("Trips", 0, 1)]
    inside = (await owner.get("/albums", parent_id=lisbon["folder_id"]))["items"]
    assert [album["name"] for album in inside] == ["Wall"]
    assert (await owner.get("/albums", parent_id="top"))["items"] == []
    loop = await owner.call(
        "PATCH", f"/album-folders/{trips['folder_id']}", 409, json={"parent_id": lisbon["folder_id"]}
    )
    assert loop["code"] == "folder-loop"

    await owner.call("DELETE", f"/album-folders/{lisbon['folder_id']}", 204)
    assert (await owner.get(wall))["parent_id"] == trips["folder_id"]
    await owner.call("DELETE", f"/album-folders/{trips['folder_id']}", 204, params={"albums": "delete"})
    assert (await owner.get("/albums"))["items"] == (await owner.get("/album-folders"))["items"] == []
    assert (await owner.get(f"/photos/{IDS[0]}"))["albums"] == []
    assert len(await owner.found()) == len(SHELF)


async def test_asking_again_with_the_same_key_makes_nothing_more(owner: Caller) -> None:
    key = {"Idempotency-Key": "k"}
    albums = [await owner.call("POST", "/albums", 201, json={"name": "A"}, headers=key) for _ in range(2)]
    folders = [await owner.call("POST", "/album-folders", 201, json={"name": "F"}, headers=key) for _ in range(2)]

    assert albums[0] == albums[1]
    assert folders[0] == folders[1]
    assert len((await owner.get("/albums"))["items"]) == len((await owner.get("/album-folders"))["items"]) == 1


async def test_a_stranger_finds_neither_the_album_nor_the_folder(owner: Caller, stranger: Caller, wall: str) -> None:
    folder_id = (await owner.call("POST", "/album-folders", 201, json={"name": "Trips"}))["folder_id"]
    move = {"photo_ids": [IDS[0]], "before": IDS[1]}

    assert (await stranger.call("POST", f"{wall}/photos/move", 404, json=move))["code"] == "album-not-found"
    assert (await stranger.get("/album-folders"))["items"] == []
    attempts: list[tuple[str, str, Any]] = [
        ("GET", f"/album-folders/{folder_id}", None),
        ("PATCH", f"/album-folders/{folder_id}", {"name": "Mine"}),
        ("DELETE", f"/album-folders/{folder_id}", None),
        ("POST", "/album-folders", {"name": "Mine", "parent_id": folder_id}),
        ("POST", "/albums", {"name": "Mine", "parent_id": folder_id}),
    ]
    for method, path, body in attempts:
        assert (await stranger.call(method, path, 404, json=body))["code"] == "folder-not-found"
    mine = await stranger.call("POST", "/albums", 201, json={"name": "Mine", "sort": "manual"})
    for body in (move, {"photo_ids": [IDS[0]], "after": "a" * 26}):
        problem = await stranger.call("POST", f"/albums/{mine['album_id']}/photos/move", 404, json=body)
        assert problem["code"] == "photo-not-found"
    problem = await stranger.call("PATCH", f"/albums/{mine['album_id']}", 404, json={"cover_photo_id": IDS[0]})
    assert problem["code"] == "photo-not-found"


SENSELESS: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("POST", "/albums", {"name": " "}, 422, "invalid-request"),
    ("POST", "/albums", {"name": "A", "sort": "random"}, 422, "invalid-request"),
    ("POST", "/albums", {"name": "A", "description": "x" * 2001}, 422, "invalid-request"),
    ("POST", "/albums", {"name": "A", "query": ""}, 422, "invalid-request"),
    ("POST", "/albums", {"name": "A", "query": "x" * 2001}, 422, "invalid-request"),
    ("POST", "/albums", {"name": "A", "query": "dog AND"}, 400, "invalid-query"),
    ("POST", "/albums", {"name": "A", "query": "near:91,0,5km"}, 400, "invalid-query"),
    ("POST", "/albums", {"name": "A", "query": "dog", "sort": "manual"}, 409, "smart-album"),
    ("POST", "/albums", {"name": "A", "parent_id": "nowhere"}, 404, "folder-not-found"),
    ("POST", "/albums", {"name": "A", "parent_id": "\ud800"}, 422, "invalid-request"),
    ("POST", "/album-folders", {"name": "F", "parent_id": "nowhere"}, 404, "folder-not-found"),
    ("PATCH", "{wall}", {"name": None}, 422, "invalid-request"),
    ("PATCH", "{wall}", {"colour": "red"}, 422, "invalid-request"),
    ("PATCH", "{wall}", {"parent_id": "nowhere"}, 404, "folder-not-found"),
    ("PATCH", "{wall}", {"cover_photo_id": "a" * 26}, 404, "photo-not-found"),
    ("PATCH", "{wall}", {"cover_photo_id": "x" * 3000}, 404, "photo-not-found"),
    ("POST", "{wall}/photos/move", {"photo_ids": [], "after": IDS[0]}, 422, "invalid-request"),
    ("POST", "{wall}/photos/move", {"photo_ids": [IDS[0]]}, 422, "invalid-request"),
    ("POST", "{wall}/photos/move", {"photo_ids": [IDS[0]], "after": IDS[1], "before": IDS[2]}, 422, "invalid-request"),
    ("POST", "{wall}/photos/move", {"photo_ids": ["a" * 26] * 501, "after": IDS[1]}, 422, "invalid-request"),
    ("POST", "{wall}/photos/move", {"photo_ids": [IDS[0]], "after": IDS[1]}, 409, "not-in-manual-order"),
]


async def test_what_makes_no_sense_is_refused_with_one_problem_and_changes_nothing(owner: Caller, wall: str) -> None:
    before = await owner.get(wall)
    for method, path, body, status, code in SENSELESS:
        content, headers = json.dumps(body), {"Content-Type": "application/json"}
        problem = await owner.call(method, path.format(wall=wall), status, content=content, headers=headers)
        assert problem["code"] == code, (path, body)

    assert await owner.get(wall) == before
    assert (await owner.get("/album-folders"))["items"] == []
    assert len((await owner.get("/albums"))["items"]) == 1
