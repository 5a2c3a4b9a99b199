"""Saying one's password again, through nginx: what it takes, what comes of it, and when that ends."""

from http import HTTPStatus
from typing import Any

import httpx
import pytest
from jose import jwt

from tests.client import PASSWORD
from tests.integration.access.principals import bearer, forged
from tests.integration.access.world import PROOF, Account, World

ACCESS = "/api/v1/me/export/access"


@pytest.fixture(scope="module")
def link(world: World) -> str:
    """Where the address of a part of Ada's export is asked for."""
    return f"/api/v1/exports/{world.export()}/parts/1/link"


def told(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json().get("code", "")


def opened(world: World, account: Account, **said: Any) -> httpx.Response:
    return world.http.post(ACCESS, json=PROOF | said, headers=account.headers)


def test_an_export_is_opened_for_ten_minutes_and_by_nothing_that_a_session_gives_by_itself(
    world: World, link: str
) -> None:
    ada = world.signed_in(world.ada)
    answered = opened(world, ada)
    claims = jwt.get_unverified_claims(answered.json()["access_token"])
    own = jwt.get_unverified_claims(ada.access_token)

    assert claims["exp"] - claims["iat"] == answered.json()["expires_in"] == 600
    assert set(claims["scope"].split()) - set(own["scope"].split()) == {"exports:read"}
    assert [claims[name] == own[name] for name in ("sub", "sid", "gen")] == [True] * 3
    assert told(world.http.post(link, headers=ada.headers)) == (403, "insufficient-scope")
    refreshed = world.http.post("/api/v1/tokens/refresh", json={"refresh_token": ada.refresh_token}).json()
    assert told(world.http.post(link, headers=dict(bearer(refreshed["access_token"])))) == (403, "insufficient-scope")
    address = world.http.post(link, headers=dict(bearer(answered.json()["access_token"]))).json()["url"]
    assert world.http.get(address).content.startswith(b"PK")
    events = world.call("GET", "/me/security-log")["events"]
    assert [one["kind"] for one in events][:2] == ["export-downloaded", "export-opened"]


def test_it_ends_with_its_time_its_session_and_the_password(world: World, link: str) -> None:
    gone, changed = world.signed_in(world.ada), world.new_account()
    late = forged(world, scope="account:read account:write exports:read library:write", iat=1, exp=600)
    first, second = (opened(world, one).json()["access_token"] for one in (gone, changed))
    assert world.http.post(link, headers=dict(bearer(first))).is_success
    assert world.http.post(link, headers=dict(bearer(second))).status_code == 404

    assert world.http.delete("/api/v1/sessions/current", headers=gone.headers).is_success
    change = {"current_password": PASSWORD, "new_password": f"another {PASSWORD}"}
    assert world.http.put("/api/v1/me/password", headers=changed.headers, json=change).is_success

    assert {world.http.post(link, headers=dict(bearer(one))).status_code for one in (first, second, late)} == {401}


def test_no_key_opens_an_export_and_none_is_made_that_could(world: World, link: str) -> None:
    widest = ("library:read", "library:write", "uploads:write", "shares:write", "account:read")
    headers = dict(bearer(world.api_key(*widest)["api_key"]))
    wanted = {"name": "Phone", "scopes": ["exports:read"]} | PROOF
    by_a_wide_token = dict(bearer(world.proved(world.ada.headers)))

    assert told(world.http.post(ACCESS, json=PROOF, headers=headers)) == (403, "insufficient-scope")
    assert told(world.http.post(link, headers=headers)) == (403, "insufficient-scope")
    assert world.http.post("/api/v1/api-keys", json=wanted, headers=by_a_wide_token).status_code == 422


def test_where_two_step_sign_in_is_on_a_code_is_asked_for_and_good_once(world: World) -> None:
    careful, codes = world.careful()
    doing = {
        ACCESS: {},
        "/api/v1/me/export": {},
        "/api/v1/api-keys": {"name": "Phone", "scopes": ["library:read"]},
        "/api/v1/me/deletion": {},
    }

    for path, said in doing.items():
        for code, problem in ((None, "code-needed"), ("000-000", "wrong-code")):
            asked = world.http.post(path, json=PROOF | said | {"code": code}, headers=careful.headers)
            assert told(asked) == (HTTPStatus.FORBIDDEN, problem), path
    first = codes.pop()
    assert opened(world, careful, code=first).is_success
    assert told(opened(world, careful, code=first)) == (403, "wrong-code")
    said = doing["/api/v1/api-keys"] | PROOF | {"code": codes.pop()}
    assert world.http.post("/api/v1/api-keys", json=said, headers=careful.headers).status_code == 201
