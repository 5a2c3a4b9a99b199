"""Sharing over HTTP and the real tables: what links and members see, do, and don't."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from heliograph.audit import AuditKind
from heliograph.aws import AwsClients
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_auth.dynamodb.audit import DynamoAuditReader
from heliograph_auth.signing import SigningKey
from tests.builders import LISBON, NOON, OWNER, a_photo
from tests.integration.metadata.conftest import calling
from tests.integration.metadata.library import STRANGER, Caller, Shelf

IN_LISBON = NOON.replace(tzinfo=timezone(timedelta(hours=1)))
SHELF = [
    a_photo(
        number,
        labels=["dog", "Rex"],
        keywords=("aquarelle",),
        taken_at=IN_LISBON - timedelta(days=number),
        location=LISBON,
        caption="At the sea",
        favourite=True,
        filename="Anna at the clinic.jpg",
    )
    for number in range(3)
]
IDS = [photo.photo_id for photo in SHELF]
OUTSIDE = a_photo(9, location=LISBON)
THEIRS = [a_photo(number, owner_id=STRANGER, location=LISBON, taken_at=NOON - timedelta(1.5)) for number in (20, 21)]
TELLING = ("Lisb", "38.7", "-9.14", "clinic", "Rex", "aquarelle", "+01:00", "FUJI", '"dog"')


class Visitor:
    """Somebody without an account."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.token = ""

    async def open(self, secret: str, expect: int = 201, address: str = "192.0.2.1", **body: Any) -> Any:
        response = await self.http.post(
            "/api/v1/shared/visits", json={"secret": secret, **body}, headers={"X-Forwarded-For": address}
        )
        assert response.status_code == expect, response.text
        if expect == 201:
            self.token = response.json()["token"]
        return response.json()

    async def get(self, path: str, expect: int = 200, **parameters: Any) -> Any:
        response = await self.http.get(
            f"/api/v1/shared{path}", headers={"Authorization": f"Bearer {self.token}"}, params=parameters
        )
        assert response.status_code == expect, response.text
        if expect == 200:
            assert response.headers["cache-control"] == "private, no-store"
        return response.json()


@pytest.fixture
async def visitor(app: FastAPI, key: SigningKey) -> AsyncIterator[Visitor]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://photos.test:8080") as http:
        yield Visitor(http)


@pytest.fixture
async def third(app: FastAPI, key: SigningKey) -> AsyncIterator[Caller]:
    async with calling(app, key, OwnerId("third")) as caller:
        yield caller


@pytest.fixture
async def album(owner: Caller, shelf: Shelf) -> str:
    """The path of an album with three photos; a fourth is not in it."""
    await shelf.put(*SHELF, OUTSIDE, *THEIRS)
    made = await owner.call("POST", "/albums", 201, json={"name": "Sea", "description": "Summer"})
    path = f"/albums/{made['album_id']}"
    await owner.call("PATCH", f"{path}/photos", json={"add": IDS})
    return path


async def join(owner: Caller, album: str, caller: Caller, role: str, **said: Any) -> str:
    """Invite a caller and have them accept; return the invitation's secret."""
    offer = {"role": role, "name": "Sam", "owner_name": "Olga", **said}
    made = await owner.call("POST", f"{album}/invitations", 201, json=offer)
    joined = await caller.call("POST", "/invitations/accept", json={"secret": made["secret"]})
    assert album == f"/albums/{joined['album_id']}"
    return str(made["secret"])


async def seen(caller: Caller, album: str) -> list[str]:
    return [photo["photo_id"] for photo in (await caller.get(f"{album}/photos"))["items"]]


async def test_a_link_shows_its_album_without_an_account_and_nothing_else(
    owner: Caller, album: str, visitor: Visitor
) -> None:
    link = await owner.call("POST", f"{album}/links", 201, json={"name": "For Grandma"})
    opened = await visitor.open(link["secret"])
    first = await visitor.get("/photos", limit=2)
    rest = await visitor.get("/photos", limit=2, cursor=first["next_cursor"])
    one = await visitor.get(f"/photos/{IDS[0]}")

    assert [photo["photo_id"] for photo in first["items"] + rest["items"]] == IDS
    assert opened["album"] == await visitor.get("/album") | {
        "cover_thumbnail_url": opened["album"]["cover_thumbnail_url"]
    }
    assert (opened["album"]["name"], opened["album"]["count"]) == ("Sea", 3)
    assert one["caption"] == "At the sea"
    assert one["taken_at"] == "2024-06-15T12:00:00Z"
    everything = f"{opened} {first} {rest} {one}"
    assert not [word for word in TELLING if word in everything]
    await visitor.get(f"/photos/{OUTSIDE.photo_id}", 404)
    await visitor.get("/photos/none", 404)
    token = {"Authorization": f"Bearer {visitor.token}"}
    for path in ("/timeline", "/albums", f"/photos/{IDS[0]}", album, f"{album}/photos", f"{album}/shares"):
        assert (await visitor.http.get(f"/api/v1{path}", headers=token)).status_code == 401


async def test_who_gets_at_an_album_is_in_the_security_logs_of_those_who_changed_it(
    owner: Caller, stranger: Caller, album: str, aws: AwsClients, stack: SharedSettings
) -> None:
    link = await owner.call("POST", f"{album}/links", 201, json={"name": "For Grandma"})
    await owner.call("PATCH", f"{album}/links/{link['link_id']}", json={"name": "For Gran"})
    await owner.call("DELETE", f"{album}/links/{link['link_id']}", 204)
    secret = await join(owner, album, stranger, "viewer")
    await stranger.call("DELETE", f"{album}/members/me", 204)
    reader = DynamoAuditReader(aws.dynamodb, stack.table_name("audit"))

    owners = await reader.page(OWNER, before=None, limit=10)
    members = await reader.page(STRANGER, before=None, limit=10)

    kinds = [AuditKind.INVITATION_MADE, AuditKind.LINK_REMOVED, AuditKind.LINK_CHANGED, AuditKind.LINK_MADE]
    assert [event.kind for event in owners.events] == kinds
    assert [event.kind for event in members.events] == [AuditKind.MEMBER_REMOVED, AuditKind.ALBUM_JOINED]
    assert owners.events[-1].about == {"album": album.rpartition("/")[2], "name": "For Grandma"}
    assert not any(each in f"{owners}{members}" for each in (secret, link["secret"]))


async def test_a_download_is_the_original_only_where_it_may_say_where_it_was_taken(
    owner: Caller, album: str, visitor: Visitor
) -> None:
    link = await owner.call("POST", f"{album}/links", 201, json={})
    path = f"{album}/links/{link['link_id']}"
    await visitor.open(link["secret"])

    hidden = await visitor.get(f"/photos/{IDS[0]}")
    await owner.call("PATCH", path, json={"shows_location": True})
    shown = await visitor.get(f"/photos/{IDS[0]}")
    await owner.call("PATCH", path, json={"allows_download": False})
    kept = await visitor.get(f"/photos/{IDS[0]}")

    assert "/preview.jpg?" in hidden["download_url"]
    assert "originals" not in str(hidden)
    assert (hidden["location"], hidden["download_is_original"]) == (None, False)
    assert "/originals/" in shown["download_url"]
    assert "clinic" not in shown["download_url"]
    assert shown["location"]["place"]["city"] == "Lisbon"
    assert shown["taken_at"] == "2024-06-15T12:00:00+01:00"
    assert (kept["download_url"], kept["download_is_original"]) == (None, False)


async def test_addresses_of_shared_photos_are_short_lived_and_kept_by_no_shared_cache(
    owner: Caller, album: str, visitor: Visitor
) -> None:
    link = await owner.call("POST", f"{album}/links", 201, json={})
    await visitor.open(link["secret"])

    [photo, *_] = (await visitor.get("/photos"))["items"]
    asked = httpx.URL(photo["thumbnail_url"]).params

    assert int(asked["X-Amz-Expires"]) == 1200
    assert asked["response-cache-control"] == "private, max-age=600"
    assert photo["photo_id"] in photo["thumbnail_url"]


async def test_a_password_guards_everything_and_wrong_ones_are_slowed_down(
    owner: Caller, album: str, visitor: Visitor
) -> None:
    link = await owner.call("POST", f"{album}/links", 201, json={"password": "sand and salt"})
    assert link["has_password"]
    assert "sand" not in str(link)

    assert (await visitor.open(link["secret"], 401))["code"] == "share-password-needed"
    wrong = await visitor.open(link["secret"], 401, password="sand")
    assert wrong["code"] == "wrong-share-password"
    assert "Sea" not in str(wrong)
    for path in ("/album", "/photos", f"/photos/{IDS[0]}"):
        await visitor.get(path, 404)
    for _ in range(9):
        await visitor.open(link["secret"], 401, password="sand")
    assert (await visitor.open(link["secret"], 429, password="sand and salt"))["code"] == "too-many-tries"
    await visitor.open(link["secret"], address="192.0.2.2", password="sand and salt")
    assert len((await visitor.get("/photos"))["items"]) == 3


async def test_another_password_and_taking_a_link_back_end_what_is_open(
    owner: Caller, album: str, visitor: Visitor
) -> None:
    link = await owner.call("POST", f"{album}/links", 201, json={})
    path = f"{album}/links/{link['link_id']}"
    await visitor.open(link["secret"])
    await owner.call("PATCH", path, json={"password": "sand and salt"})
    assert (await visitor.get("/photos", 404))["code"] == "share-not-found"

    await visitor.open(link["secret"], password="sand and salt")
    await visitor.get("/photos")
    [listed] = (await owner.get(f"{album}/shares"))["links"]
    assert listed["views"] == 2
    await owner.call("DELETE", path, 204)

    await visitor.get("/photos", 404)
    await visitor.get("/album", 404)
    assert (await visitor.open(link["secret"], 404))["code"] == "share-not-found"
    assert (await owner.get(f"{album}/shares"))["links"] == []
    await owner.call("DELETE", path, 404)


async def test_a_link_runs_out(owner: Caller, album: str, visitor: Visitor, app: FastAPI) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    link = await owner.call("POST", f"{album}/links", 201, json={"ends_at": soon.isoformat()})
    await visitor.open(link["secret"])

    later = soon + timedelta(seconds=1)
    app.state.share_links._now = app.state.album_service.access._now = lambda: later
    await visitor.get("/photos", 404)
    await visitor.open(link["secret"], 404)
    past = await owner.call("POST", f"{album}/links", 422, json={"ends_at": soon.isoformat()})
    assert past["code"] == "ends-in-the-past"


async def test_what_is_trashed_or_taken_out_is_shared_no_more_and_a_deleted_album_not_at_all(
    owner: Caller, stranger: Caller, album: str, visitor: Visitor
) -> None:
    link = await owner.call("POST", f"{album}/links", 201, json={})
    await join(owner, album, stranger, "viewer")
    await visitor.open(link["secret"])
    await owner.call("DELETE", f"/photos/{IDS[0]}", 204)
    await owner.call("PATCH", f"{album}/photos", json={"remove": [IDS[1]]})

    assert [photo["photo_id"] for photo in (await visitor.get("/photos"))["items"]] == IDS[2:]
    for photo_id in IDS[:2]:
        await visitor.get(f"/photos/{photo_id}", 404)
        await stranger.call("GET", f"{album}/photos/{photo_id}", 404)

    await owner.call("DELETE", album, 204)
    await visitor.get("/photos", 404)
    await visitor.open(link["secret"], 404)
    assert await stranger.refused(album) == "album-not-found"
    assert (await stranger.get("/shared-albums"))["items"] == []


async def test_a_smart_album_is_not_shared(owner: Caller, album: str) -> None:
    made = await owner.call("POST", "/albums", 201, json={"name": "Dogs", "query": "dog"})
    path = f"/albums/{made['album_id']}"
    offer = {"role": "viewer", "name": "Sam", "owner_name": "Olga"}

    assert (await owner.call("POST", f"{path}/links", 409, json={}))["code"] == "smart-album"
    assert (await owner.call("POST", f"{path}/invitations", 409, json=offer))["code"] == "smart-album"


async def test_a_viewer_looks_and_changes_nothing(owner: Caller, stranger: Caller, album: str) -> None:
    await join(owner, album, stranger, "viewer")
    [listed] = (await stranger.get("/shared-albums"))["items"]
    page = await stranger.get(f"{album}/photos")
    one = await stranger.get(f"{album}/photos/{IDS[0]}")

    assert (listed["name"], listed["role"], listed["owner_name"], listed["count"]) == ("Sea", "viewer", "Olga", 3)
    assert (await stranger.get("/albums"))["items"] == []
    assert [photo["photo_id"] for photo in page["items"]] == IDS
    assert not [word for word in TELLING if word in f"{listed} {page} {one}"]
    assert "/preview.jpg?" in one["download_url"]
    refused: list[tuple[str, str, Any]] = [
        ("PATCH", album, {"name": "Mine"}),
        ("PATCH", f"{album}/photos", {"add": [THEIRS[0].photo_id]}),
        ("PATCH", f"{album}/photos", {"remove": [IDS[0]]}),
        ("POST", f"{album}/photos/move", {"photo_ids": [IDS[0]], "after": IDS[1]}),
        ("DELETE", album, None),
        ("GET", f"{album}/shares", None),
        ("POST", f"{album}/links", {}),
        ("POST", f"{album}/invitations", {"role": "editor", "name": "Me", "owner_name": "Me"}),
        ("PATCH", f"{album}/members/{STRANGER}", {"role": "editor"}),
        ("DELETE", f"{album}/members/third", None),
    ]
    for method, path, body in refused:
        assert (await stranger.call(method, path, 403, json=body))["code"] == "not-allowed", path
    for path in (f"/photos/{IDS[0]}", f"/photos/{IDS[0]}/original", f"/photos/{IDS[0]}/preview"):
        assert await stranger.refused(path) == "photo-not-found"


async def test_a_contributor_adds_photos_of_their_own_which_stay_theirs(
    owner: Caller, stranger: Caller, third: Caller, album: str, visitor: Visitor
) -> None:
    mine = [photo.photo_id for photo in THEIRS]
    await join(owner, album, stranger, "contributor")
    await join(owner, album, third, "viewer", shows_location=True)
    link = await owner.call("POST", f"{album}/links", 201, json={"shows_location": True})
    await visitor.open(link["secret"])

    added = await stranger.call("PATCH", f"{album}/photos", json={"add": mine})
    assert added["count"] == 5
    order = [IDS[0], IDS[1], *sorted(mine, reverse=True), IDS[2]]
    assert await seen(owner, album) == await seen(stranger, album) == await seen(third, album) == order
    assert [photo["photo_id"] for photo in (await visitor.get("/photos"))["items"]] == order

    for one in (
        await owner.get(f"{album}/photos/{mine[0]}"),
        await third.get(f"{album}/photos/{mine[0]}"),
        await visitor.get(f"/photos/{mine[0]}"),
    ):
        assert (one["location"], one["is_own"], one["download_is_original"]) == (None, False, False)
    assert (await third.get(f"{album}/photos/{IDS[0]}"))["location"]["place"]["city"] == "Lisbon"
    assert (await stranger.get(f"{album}/photos/{mine[0]}"))["download_is_original"]
    assert await owner.refused(f"/photos/{mine[0]}") == "photo-not-found"

    await stranger.call("PATCH", f"{album}/photos", 403, json={"remove": [IDS[0]]})
    await stranger.call("PATCH", f"{album}/photos", 404, json={"add": [IDS[0]]})
    await stranger.call("PATCH", album, 403, json={"name": "Mine"})
    await stranger.get("/albums")
    await stranger.call("PATCH", f"{album}/photos", json={"remove": [mine[0]]})
    assert await seen(owner, album) == [one for one in order if one != mine[0]]
    await owner.call("PATCH", f"{album}/photos", json={"remove": [mine[1]]})
    assert await seen(stranger, album) == IDS
    assert sorted(await stranger.found()) == sorted(mine)


async def test_who_leaves_takes_their_photos_along(owner: Caller, stranger: Caller, album: str) -> None:
    mine = THEIRS[0].photo_id
    secret = await join(owner, album, stranger, "contributor")
    await stranger.call("PATCH", f"{album}/photos", json={"add": [mine]})
    assert mine in await seen(owner, album)

    await stranger.call("DELETE", f"{album}/members/me", 204)

    assert await seen(owner, album) == IDS
    assert (await owner.get(album))["count"] == 3
    assert await stranger.refused(album) == "album-not-found"
    assert (await stranger.call("POST", "/invitations/accept", 404, json={"secret": secret}))[
        "code"
    ] == "invitation-not-found"
    await stranger.get("/albums")
    await join(owner, album, stranger, "contributor")
    assert await seen(owner, album) == IDS


async def test_an_editor_names_orders_and_takes_out(owner: Caller, stranger: Caller, album: str) -> None:
    mine = THEIRS[0].photo_id
    await join(owner, album, stranger, "editor")
    await stranger.call("PATCH", f"{album}/photos", json={"add": [mine]})
    renamed = await stranger.call("PATCH", album, json={"name": "Coast", "sort": "manual", "cover_photo_id": mine})
    assert (renamed["name"], renamed["role"]) == ("Coast", "editor")
    await stranger.call("POST", f"{album}/photos/move", 204, json={"photo_ids": [mine], "before": IDS[0]})
    await stranger.call("POST", f"{album}/photos/move", 204, json={"photo_ids": [IDS[2]], "before": IDS[0]})

    assert await seen(owner, album) == await seen(stranger, album) == [mine, IDS[2], IDS[0], IDS[1]]
    cover = (await owner.get(album))["cover_thumbnail_url"]
    assert f"/{STRANGER}/{mine}/" in cover
    assert (await owner.get("/albums"))["items"][0]["count"] == 4
    await stranger.call("PATCH", f"{album}/photos", json={"remove": [IDS[1]]})
    assert await seen(owner, album) == [mine, IDS[2], IDS[0]]
    await stranger.call("PATCH", album, 403, json={"parent_id": None})
    await stranger.call("DELETE", album, 403)
    await stranger.call("POST", f"{album}/links", 403, json={})

    await owner.call("PATCH", f"{album}/members/{STRANGER}", json={"role": "viewer"})
    assert await seen(owner, album) == [IDS[2], IDS[0]]
    await stranger.call("PATCH", album, 403, json={"name": "Sand"})
    await owner.call("DELETE", f"{album}/members/{STRANGER}", 204)
    assert await stranger.refused(album) == "album-not-found"
    assert (await owner.get(f"{album}/shares"))["members"] == []


async def test_an_invitation_is_taken_up_once_by_somebody_who_is_signed_in(
    owner: Caller, stranger: Caller, third: Caller, album: str, visitor: Visitor
) -> None:
    offer = {"role": "viewer", "name": "Sam", "owner_name": "Olga"}
    made = await owner.call("POST", f"{album}/invitations", 201, json=offer)
    said = {"secret": made["secret"]}
    for path in ("look", "accept"):
        assert (await visitor.http.post(f"/api/v1/invitations/{path}", json=said)).status_code == 401
    assert (await owner.call("POST", "/invitations/accept", 409, json=said))["code"] == "own-album"
    looked = await stranger.call("POST", "/invitations/look", json=said)
    assert looked == {"album_name": "Sea", "owner_name": "Olga", "role": "viewer"}
    assert await stranger.refused(album) == "album-not-found"

    for _ in range(2):
        await stranger.call("POST", "/invitations/accept", json=said)

    await third.call("POST", "/invitations/accept", 404, json=said)
    await third.call("POST", "/invitations/look", 404, json=said)
    shares = await owner.get(f"{album}/shares")
    assert shares["invitations"] == []
    assert [(one["name"], one["role"]) for one in shares["members"]] == [("Sam", "viewer")]
    again = await owner.call("POST", f"{album}/invitations", 201, json=offer)
    await owner.call("DELETE", f"{album}/invitations/{again['invitation_id']}", 204)
    await third.call("POST", "/invitations/accept", 404, json={"secret": again["secret"]})


async def test_what_is_shared_with_nobody_is_nobody_s(owner: Caller, stranger: Caller, album: str) -> None:
    made = await owner.call("POST", f"{album}/links", 201, json={})
    link = f"{album}/links/{made['link_id']}"
    calls: list[tuple[str, str, Any]] = [
        ("GET", f"{album}/photos/{IDS[0]}", None),
        ("GET", f"{album}/shares", None),
        ("POST", f"{album}/links", {}),
        ("PATCH", link, {"password": None}),
        ("DELETE", link, None),
        ("POST", f"{album}/invitations", {"role": "editor", "name": "Me", "owner_name": "Me"}),
        ("DELETE", f"{album}/invitations/none", None),
        ("PATCH", f"{album}/members/{STRANGER}", {"role": "editor"}),
        ("DELETE", f"{album}/members/me", None),
    ]
    for method, path, body in calls:
        assert (await stranger.call(method, path, 404, json=body))["code"] == "album-not-found", path
