"""Passkeys over HTTP, against the stand-in, with an authenticator in software."""

from collections.abc import AsyncIterator

import httpx
import pytest

from heliograph_auth.main import create_app
from tests.fakes.authenticator import Authenticator
from tests.integration.auth.ada import ADA, bearing, running, signed_in

PASSWORD = {"password": ADA["password"]}
BY_COOKIE = {"X-Heliograph-Session": "cookie"}


@pytest.fixture
async def auth(environment: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setenv("HELIOGRAPH_PASSKEY_URL", "http://localhost:8080/")
    async with running(create_app()) as client:
        yield client


async def test_the_whole_way_of_a_passkey(auth: httpx.AsyncClient) -> None:
    pair = await signed_in(auth)
    key = Authenticator()
    ways = (await auth.get("/api/v1/tokens/ways")).json()
    assert ways["passkeys"] == {"origin": "http://localhost:8080"}

    wrong = await auth.post("/api/v1/me/passkey-options", headers=bearing(pair), json={"password": "no"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong-password")
    begun = await auth.post("/api/v1/me/passkey-options", headers=bearing(pair), json=PASSWORD)
    made = {"credential": key.made(begun.json()["options"]), "name": "Phone"}
    added = await auth.post("/api/v1/me/passkeys", headers=bearing(pair), json=made)
    assert (added.status_code, added.json()["name"]) == (201, "Phone")
    again = await auth.post("/api/v1/me/passkeys", headers=bearing(pair), json=made)
    assert (again.status_code, again.json()["code"]) == (401, "invalid-challenge")

    options = (await auth.post("/api/v1/tokens/passkey-options", json={})).json()["options"]
    signed = {"credential": key.signed(options)}
    tokens = await auth.post("/api/v1/tokens/passkey", json=signed, headers=BY_COOKIE)
    assert (tokens.status_code, tokens.json()["refresh_token"]) == (200, None)
    assert "heliograph_refresh" in tokens.headers["Set-Cookie"]
    assert (await auth.get("/api/v1/me", headers=bearing(tokens.json()))).json()["email"] == ADA["email"]
    replayed = await auth.post("/api/v1/tokens/passkey", json=signed)
    assert (replayed.status_code, replayed.json()["code"]) == (401, "invalid-challenge")

    path = f"/api/v1/me/passkeys/{added.json()['passkey_id']}"
    renamed = await auth.patch(path, headers=bearing(pair), json={"name": "Old phone"})
    assert renamed.json()["name"] == "Old phone"
    listed = (await auth.get("/api/v1/me/passkeys", headers=bearing(pair))).json()["passkeys"]
    assert [(one["name"], one["last_used_at"] is not None) for one in listed] == [("Old phone", True)]
    refused = await auth.post(f"{path}/removal", headers=bearing(pair), json={"password": "no"})
    assert (refused.status_code, refused.json()["code"]) == (403, "wrong-password")
    assert (await auth.post(f"{path}/removal", headers=bearing(pair), json=PASSWORD)).status_code == 204
    options = (await auth.post("/api/v1/tokens/passkey-options", json={})).json()["options"]
    gone = await auth.post("/api/v1/tokens/passkey", json={"credential": key.signed(options)})
    assert (gone.status_code, gone.json()["code"]) == (401, "invalid-passkey")
    log = (await auth.get("/api/v1/me/security-log", headers=bearing(pair))).json()["events"]
    kinds = [event["kind"] for event in reversed(log)]
    assert kinds[2:] == ["sign-in-failed", "passkey-added", "signed-in", "sign-in-failed", "passkey-removed"]


async def test_the_host_that_a_request_names_makes_no_site(auth: httpx.AsyncClient) -> None:
    options = await auth.post("/api/v1/tokens/passkey-options", json={}, headers={"Host": "evil.example"})

    assert options.json()["options"]["rpId"] == "localhost"


async def test_without_a_public_address_there_are_no_passkeys(
    environment: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HELIOGRAPH_PUBLIC_URL", "http://127.0.0.1:8080")
    async with running(create_app()) as auth:
        assert (await auth.get("/api/v1/tokens/ways")).json()["passkeys"] is None
        refused = await auth.post("/api/v1/tokens/passkey-options", json={})
        assert (refused.status_code, refused.json()["code"]) == (404, "passkeys-off")
