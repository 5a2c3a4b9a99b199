"""An account with everything in it is deleted from the running system: at once nobody gets in, then nothing is left.

The worker, and with it everything, is killed in the middle of it. Every item of every table and every object is
looked at for what names the account; the other accounts' items are compared with what they were.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.bench.system import System, free_port
from tests.client import PASSWORD
from tests.integration.access.principals import bearer
from tests.integration.access.world import Account, World, trusting
from tests.photos import a_jpeg, hex_sha256, unlike

_WITHIN_SECONDS = 120.0
_SETTLES_SECONDS = "45"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A system of this test's own, in which nothing comes later than some seconds after it was sent."""
    monkeypatch.setenv("HELIOGRAPH_DEPARTURES_EVERY_SECONDS", "1")
    monkeypatch.setenv("HELIOGRAPH_DEPARTURE_SETTLES_SECONDS", _SETTLES_SECONDS)
    system = System(free_port(), tmp_path / "data", tls=True)
    with system, httpx.Client(base_url=system.url, timeout=60, trust_env=False, verify=trusting(system)) as http:
        yield World(system, http)


def items(world: World) -> dict[str, list[str]]:
    """Return every item of every table, as sorted text."""
    storage = world.system.storage
    client: Any = storage.client("dynamodb")
    found: dict[str, list[str]] = {}
    for name in client.list_tables()["TableNames"]:
        pages = client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
        found[name] = sorted(json.dumps(item, sort_keys=True, default=repr) for page in pages for item in page["Items"])
    return found


def keys(world: World) -> list[str]:
    """Return the key of every object, and of every upload in parts that was begun."""
    client: Any = world.system.storage.client("s3")
    pages = client.get_paginator("list_objects_v2").paginate(Bucket="heliograph-photos")
    uploads = client.list_multipart_uploads(Bucket="heliograph-photos").get("Uploads", [])
    return [one["Key"] for page in pages for one in page.get("Contents", [])] + [one["Key"] for one in uploads]


def naming(world: World, *names: str) -> dict[str, list[str]]:
    """Return the items and objects that name somebody, without what expires within hours and is found by no name."""
    found = {
        table: [one for one in there if any(name in one for name in names) and '"visit#' not in one]
        for table, there in items(world).items()
    }
    found["objects"] = [key for key in keys(world) if any(name in key for name in names)]
    return {table: there for table, there in found.items() if there}


def as_somebody(world: World, account: Account, method: str, path: str, **request: Any) -> httpx.Response:
    return world.http.request(method, f"/api/v1{path}", headers=account.headers, **request)


def contributed_to_eves(world: World) -> str:
    """Let Ada put photos into an album of Eve's, the first of which becomes its cover; return the album's id."""
    made = as_somebody(world, world.eve, "POST", "/albums", json={"name": "Eve's", "sort": "manual"}).json()
    album_id = str(made["album_id"])
    said = {"role": "contributor", "name": "Ada", "owner_name": "Eve"}
    invited = as_somebody(world, world.eve, "POST", f"/albums/{album_id}/invitations", json=said).json()
    world.call("POST", "/invitations/accept", json={"secret": invited["secret"]})
    first, second = world.photo(), world.photo()
    world.call("PATCH", f"/albums/{album_id}/photos", json={"add": [first, second]})
    moved = {"photo_ids": [second], "before": first}
    assert as_somebody(world, world.eve, "POST", f"/albums/{album_id}/photos/move", json=moved).is_success
    covered = {"cover_photo_id": second}
    assert as_somebody(world, world.eve, "PATCH", f"/albums/{album_id}", json=covered).is_success
    return album_id


def announced(world: World, content: bytes) -> dict[str, Any]:
    """Announce a photo of Ada's and return how it is uploaded; its bytes are not sent."""
    file = {"filename": "late.jpg", "content_type": "image/jpeg", "size_bytes": len(content)}
    said = world.call("POST", "/uploads", json={"files": [file | {"sha256": hex_sha256(content)}]})
    return dict(said["files"][0]["upload"])


def test_an_account_with_everything_in_it_leaves_nothing_behind_and_nobody_else_loses_anything(world: World) -> None:
    ada, eve = world.ada, world.eve
    album_id = contributed_to_eves(world)
    key = world.api_key("library:read", "uploads:write")["api_key"]
    world.trashed_photo()
    world.job()
    world.answer()
    world.stack()
    world.folder()
    late = unlike(a_jpeg("bus.jpg"), 7)
    upload = announced(world, late)
    client: Any = world.system.storage.client("s3")
    begun = f"originals/{ada.account_id}/in-parts"
    client.create_multipart_upload(Bucket="heliograph-photos", Key=begun)
    eves = as_somebody(world, eve, "POST", "/photos", files={"file": ("eve.jpg", unlike(late, 8), "image/jpeg")})
    assert eves.status_code == 201
    eves_photo = eves.json()["photo_id"]
    _eventually(lambda: as_somebody(world, eve, "GET", f"/photos/{eves_photo}").json()["status"] == "ready")
    others = {table: _of(there, eve.account_id, eve.email) for table, there in items(world).items()}

    wrong = as_somebody(world, ada, "POST", "/me/deletion", json={"password": "not the password"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong-password")
    assert as_somebody(world, ada, "GET", "/me").is_success
    assert world.http.post("/api/v1/me/deletion", json={"password": PASSWORD}, headers=bearer(key)).status_code == 403
    assert as_somebody(world, ada, "POST", "/me/deletion", json={"password": PASSWORD}).status_code == 202

    # At once, in every service.
    for path in ("/me", "/timeline", "/albums", "/questions"):
        assert as_somebody(world, ada, "GET", path).status_code == 401
        assert world.http.get(f"/api/v1{path}", headers=bearer(key)).status_code in {401, 403}
    assert as_somebody(world, ada, "POST", "/uploads", json={"files": []}).status_code in {401, 422}
    refreshed = world.http.post("/api/v1/tokens/refresh", json={"refresh_token": ada.refresh_token})
    assert refreshed.status_code == 401
    form = {"grant_type": "password", "username": ada.email, "password": PASSWORD}
    assert world.http.post("/api/v1/tokens", data=form).status_code == 401
    assert world.http.get("/api/v1/shared/album", headers=bearer(world.visit)).status_code == 404
    assert world.http.post("/api/v1/shared/visits", json={"secret": world.link_secret}).status_code == 404
    assert as_somebody(world, world.members["editor"], "GET", "/shared-albums").json()["items"] == []

    # What was given out before may still come; and processes may die.
    world.system.kill("metadata worker")
    world.system.wait_stopped()
    world.system.start()
    sent = httpx.request(
        upload["method"], upload["url"], content=late, headers=upload["headers"], verify=trusting(world.system)
    )
    assert sent.status_code in {200, 403}
    _eventually(lambda: not items(world)["heliograph-departures"])

    assert naming(world, ada.account_id, ada.email) == {}
    assert world.system.operate("orphans") == ""
    assert world.system.operate("verify-index") == ""

    # Everybody else's is as it was, but that Ada's photos are in none of their albums.
    after = {table: _of(there, eve.account_id, eve.email) for table, there in items(world).items()}
    changed = {table: (others[table], after[table]) for table in others if others[table] != after[table]}
    assert changed.keys() <= {"heliograph-albums", "heliograph-shares", "heliograph-audit", "heliograph-terms"}
    assert as_somebody(world, eve, "GET", f"/photos/{eves_photo}").json()["status"] == "ready"
    assert as_somebody(world, eve, "GET", f"/albums/{album_id}/photos").json()["items"] == []
    assert as_somebody(world, eve, "GET", f"/albums/{album_id}").json()["cover_photo_id"] is None
    again = {"email": ada.email, "password": PASSWORD, "name": "Ada"}
    assert world.http.post("/api/v1/accounts", json=again).status_code == 201


def _of(there: list[str], *names: str) -> list[str]:
    return [one for one in there if any(name in one for name in names)]


def _eventually(is_so: Any) -> None:
    until = time.monotonic() + _WITHIN_SECONDS
    while not is_so():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.2)
