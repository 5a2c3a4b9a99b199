"""Accounts and sessions over HTTP, against the stand-in."""

import httpx
import pytest
from jose import jwt

from heliograph_auth.main import create_app
from tests.integration.auth.ada import ADA, OLD, bearing, running, signed_in, tokens


async def test_the_whole_way_of_an_account(auth: httpx.AsyncClient) -> None:
    pair = await signed_in(auth)
    assert pair["token_type"] == "bearer"
    assert pair["expires_in"] == 600

    me = await auth.get("/api/v1/me", headers=bearing(pair))
    assert me.json()["email"] == "Ada@example.com"
    assert set(me.json()) == {"account_id", "email", "email_verified", "name", "created_at", "is_admin"}
    assert me.json()["created_at"].endswith("Z")
    renamed = await auth.patch("/api/v1/me", headers=bearing(pair), json={"name": "Countess"})
    assert renamed.json() == me.json() | {"name": "Countess"}

    refreshed = await auth.post("/api/v1/tokens/refresh", json={"refresh_token": pair["refresh_token"]})
    assert refreshed.headers["Cache-Control"] == "no-store"
    ended = await auth.delete("/api/v1/sessions/current", headers=bearing(refreshed.json()))
    assert (ended.status_code, ended.content) == (204, b"")
    refused = await auth.post("/api/v1/tokens/refresh", json={"refresh_token": refreshed.json()["refresh_token"]})
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid-refresh-token")


async def test_an_address_in_use_is_a_conflict_and_wrong_credentials_are_all_alike(auth: httpx.AsyncClient) -> None:
    await signed_in(auth)

    again = await auth.post("/api/v1/accounts", json=ADA | {"email": "ADA@example.com"})
    assert (again.status_code, again.json()["code"]) == (409, "email-taken")
    answers = [
        await auth.post("/api/v1/tokens", data={"username": username, "password": "wrong password"})
        for username in ("ada@example.com", "nobody@example.com")
    ]
    assert {(answer.status_code, answer.json()["code"], answer.json()["detail"]) for answer in answers} == {
        (401, "wrong-credentials", "The email address or the password is wrong.")
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"email": "ada"}, "invalid-email"),
        ({"password": "too short"}, "invalid-request"),
        ({"password": "x" * 257}, "invalid-request"),
        ({"password": "Password123!"}, "weak-password"),
        ({"name": ""}, "invalid-request"),
        ({"name": " "}, "invalid-name"),
        ({"email": None}, "invalid-request"),
    ],
)
async def test_what_is_wrong_with_a_new_account_is_said(
    auth: httpx.AsyncClient, change: dict[str, object], code: str
) -> None:
    response = await auth.post("/api/v1/accounts", json=ADA | change)

    assert (response.status_code, response.json()["code"]) == (422, code)
    assert str(change.get("password", "no password")) not in response.text


async def test_a_password_is_changed_and_everything_before_it_is_good_for_nothing_at_once(
    auth: httpx.AsyncClient,
) -> None:
    here, elsewhere = await signed_in(auth), await tokens(auth)
    change = {"current_password": ADA["password"], "new_password": "a better horse for staples"}

    wrong = await auth.put(
        "/api/v1/me/password", headers=bearing(here), json=change | {"current_password": "not the password"}
    )
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong-password")
    weak = await auth.put("/api/v1/me/password", headers=bearing(here), json=change | {"new_password": "Password123!"})
    assert (weak.status_code, weak.json()["code"]) == (422, "weak-password")
    changed = await auth.put("/api/v1/me/password", headers=bearing(here), json=change)

    for pair in (here, elsewhere):
        assert (await auth.get("/api/v1/me", headers=bearing(pair))).status_code == 401
        refused = await auth.post("/api/v1/tokens/refresh", json={"refresh_token": pair["refresh_token"]})
        assert refused.status_code == 401
    assert (await auth.get("/api/v1/me", headers=bearing(changed.json()))).status_code == 200
    assert (await auth.post("/api/v1/tokens", data={"username": ADA["email"], **OLD})).status_code == 401
    events = (await auth.get("/api/v1/me/security-log", headers=bearing(changed.json()))).json()["events"]
    kinds = ["sign-in-failed", "password-changed", "sign-in-failed", "signed-in", "signed-in", "account-opened"]
    assert [event["kind"] for event in events] == kinds


async def test_the_web_app_s_refresh_token_is_in_a_cookie_that_only_its_own_page_can_use(
    auth: httpx.AsyncClient,
) -> None:
    await auth.post("/api/v1/accounts", json=ADA)
    form = {"username": ADA["email"], "password": ADA["password"]}
    by_cookie = {"X-Heliograph-Session": "cookie"}

    assert (await auth.post("/api/v1/tokens/refresh", headers=by_cookie)).status_code == 204
    answer = await auth.post("/api/v1/tokens", data=form, headers=by_cookie)
    assert answer.json()["refresh_token"] is None
    [set_cookie] = answer.headers.get_list("Set-Cookie")
    attributes = {part.strip().partition("=")[0].lower() for part in set_cookie.split(";")[1:]}
    assert {"httponly", "samesite", "path", "max-age"} <= attributes
    assert "SameSite=strict" in set_cookie
    assert "Path=/api/v1/tokens" in set_cookie

    for foreign in (
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://auth:81"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        refused = await auth.post("/api/v1/tokens/refresh", headers=by_cookie | foreign)
        assert (refused.status_code, refused.json()["code"]) == (403, "foreign-origin")
    without_header = await auth.post("/api/v1/tokens/refresh")
    assert (without_header.status_code, without_header.json()["code"]) == (401, "invalid-refresh-token")

    own = by_cookie | {"Origin": "http://auth", "Sec-Fetch-Site": "same-origin"}
    refreshed = await auth.post("/api/v1/tokens/refresh", headers=own)
    assert refreshed.status_code == 200
    ended = await auth.delete("/api/v1/sessions/current", headers=bearing(refreshed.json()) | own)
    assert ended.status_code == 204
    assert (await auth.post("/api/v1/tokens/refresh", headers=own)).status_code == 204


async def test_behind_tls_the_cookie_goes_by_tls_only(auth: httpx.AsyncClient) -> None:
    await auth.post("/api/v1/accounts", json=ADA)
    form = {"username": ADA["email"], "password": ADA["password"]}

    answer = await auth.post(
        "/api/v1/tokens", data=form, headers={"X-Heliograph-Session": "cookie", "X-Forwarded-Proto": "https"}
    )

    assert answer.headers["Set-Cookie"].startswith("__Secure-heliograph_refresh=")
    assert "; Secure" in answer.headers["Set-Cookie"]


async def test_sessions_are_listed_and_ended_from_one_another(auth: httpx.AsyncClient) -> None:
    here = await signed_in(auth)
    elsewhere = await tokens(auth, **{"User-Agent": "curl/8.5", "X-Forwarded-For": "6.6.6.6, 203.0.113.9"})

    listed = (await auth.get("/api/v1/sessions", headers=bearing(here))).json()["sessions"]
    assert [(each["device"], each["address"], each["is_current"]) for each in listed] == [
        ("curl", "203.0.113.9", False),
        ("python-httpx", "127.0.0.1", True),
    ]
    ended = await auth.delete(f"/api/v1/sessions/{listed[0]['session_id']}", headers=bearing(here))
    assert ended.status_code == 204
    assert (await auth.get("/api/v1/me", headers=bearing(elsewhere))).status_code == 401
    assert (await auth.get("/api/v1/me", headers=bearing(here))).status_code == 200
    again = await auth.delete(f"/api/v1/sessions/{listed[0]['session_id']}", headers=bearing(here))
    assert (again.status_code, again.json()["code"]) == (404, "session-not-found")


async def test_who_guesses_has_to_wait_and_is_told_how_long(auth: httpx.AsyncClient) -> None:
    await auth.post("/api/v1/accounts", json=ADA)
    guess = {"username": ADA["email"], "password": "a guess that is wrong"}

    answers = [await auth.post("/api/v1/tokens", data=guess) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert answers[-1].json()["code"] == "sign-ins-throttled"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 2
    elsewhere = await auth.post(
        "/api/v1/tokens",
        data={"username": ADA["email"], "password": ADA["password"]},
        headers={"X-Forwarded-For": "203.0.113.9"},
    )
    assert elsewhere.status_code == 200


async def test_who_registers_again_and_again_has_to_wait(environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIOGRAPH_REGISTRATIONS_FREE", "2")
    async with running(create_app()) as auth:
        answers = [
            await auth.post("/api/v1/accounts", json=ADA | {"email": f"{number}@example.com"}) for number in range(3)
        ]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert (answers[-1].json()["code"], answers[-1].headers["Retry-After"]) == ("too-many-tries", "2")


@pytest.mark.parametrize(("field", "characters"), [("username", 321), ("username", 100_000), ("password", 257)])
async def test_what_is_longer_than_an_address_or_a_password_can_be_is_refused(
    auth: httpx.AsyncClient, field: str, characters: int
) -> None:
    form = {"username": ADA["email"], "password": ADA["password"]} | {field: "ſ" * characters}

    refused = await auth.post("/api/v1/tokens", data=form)

    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-request")
    longest = await auth.post("/api/v1/tokens", data={"username": "ΐ" * 320, "password": "x"})
    assert longest.status_code == 401


async def test_who_brings_no_token_or_a_foreign_one_is_not_let_in(auth: httpx.AsyncClient) -> None:
    pair = await signed_in(auth)
    foreign = jwt.encode(jwt.get_unverified_claims(pair["access_token"]), "a secret of somebody's that is long")
    codes = {
        "": "unauthenticated",
        "Basic YTpi": "unauthenticated",
        "Bearer nonsense": "invalid-token",
        f"Bearer {foreign}": "invalid-token",
    }

    for header, code in codes.items():
        for method, path in (("GET", "/api/v1/me"), ("DELETE", "/api/v1/sessions/current")):
            response = await auth.request(method, path, headers={"Authorization": header})
            assert (response.status_code, response.json()["code"]) == (401, code)
