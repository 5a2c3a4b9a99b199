"""The auth service over HTTP, against the stand-in."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from jose import jwt

from heliograph.identity import KeySet, TokenVerifier
from heliograph.settings import SharedSettings
from heliograph_auth import admin
from heliograph_auth.domain.errors import EmailTakenError
from heliograph_auth.main import create_app
from heliograph_auth.settings import AuthSettings

OLD = {"password": "correct horse"}
ADA = {"email": "Ada@example.com", "password": "correct horse", "name": "Ada"}


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://auth") as client,
    ):
        yield client


@pytest.fixture
def environment(stack: SharedSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIOGRAPH_STACK_NAME", stack.stack_name)
    monkeypatch.setenv("HELIOGRAPH_AUTH_KEYRING_FILE", str(tmp_path / "auth" / "keyring.json"))
    monkeypatch.setenv("HELIOGRAPH_MAIL_FOLDER", str(tmp_path / "mail"))
    monkeypatch.setenv("HELIOGRAPH_PUBLIC_URL", "https://photos.example.org/")


@pytest.fixture
async def auth(environment: None) -> AsyncIterator[httpx.AsyncClient]:
    async with running(create_app()) as client:
        yield client


async def signed_in(auth: httpx.AsyncClient) -> dict[str, Any]:
    response = await auth.post("/api/v1/accounts", json=ADA)
    assert response.status_code == 201, response.text
    return await tokens(auth)


async def tokens(auth: httpx.AsyncClient, **headers: str) -> dict[str, Any]:
    form = {"grant_type": "password", "username": "ada@EXAMPLE.com", "password": ADA["password"]}
    response = await auth.post("/api/v1/tokens", data=form, headers=headers)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def bearing(pair: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {pair['access_token']}"}


async def test_it_is_ready_when_its_table_answers_and_its_key_is_loaded(auth: httpx.AsyncClient) -> None:
    response = await auth.get("/readyz")

    assert response.status_code == 200
    assert set(response.json()["checks"]) == {"accounts", "access", "signing_key", "mail"}


async def test_without_its_table_it_is_not_ready_and_says_so_to_callers(
    environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELIOGRAPH_STACK_NAME", "nothing-there")
    async with running(create_app()) as auth:
        assert (await auth.get("/readyz")).status_code == 503
        response = await auth.post("/api/v1/accounts", json=ADA)

    assert (response.status_code, response.json()["code"]) == (503, "unavailable")


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


async def test_another_service_verifies_a_token_by_the_published_keys(auth: httpx.AsyncClient) -> None:
    pair = await signed_in(auth)
    verifier = TokenVerifier(
        KeySet("http://auth/.well-known/jwks.json", auth), issuer="heliograph", audience="heliograph-api"
    )

    principal = await verifier.principal(pair["access_token"])

    me = await auth.get("/api/v1/me", headers=bearing(pair))
    assert principal.account_id == me.json()["account_id"]


async def test_two_processes_of_the_service_are_one(environment: None) -> None:
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(running(create_app()))
        other = await stack.enter_async_context(running(create_app()))
        pair = await signed_in(one)

        assert (await one.get("/.well-known/jwks.json")).json() == (await other.get("/.well-known/jwks.json")).json()
        assert (await other.get("/api/v1/me", headers=bearing(pair))).status_code == 200
        refresh = {"refresh_token": pair["refresh_token"]}
        answers = await asyncio.gather(*(each.post("/api/v1/tokens/refresh", json=refresh) for each in (one, other)))
        assert len({answer.json()["refresh_token"] for answer in answers}) == 1


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


async def test_keys_are_rotated_while_it_runs(
    auth: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pair = await signed_in(auth)
    jwks = "/.well-known/jwks.json"
    [before] = (await auth.get(jwks)).json()["keys"]

    monkeypatch.setattr(sys, "argv", ["heliograph-admin", "keys", "rotate"])
    assert admin.main() == 0
    keys = (await auth.get(jwks)).json()["keys"]
    assert keys[0]["kid"] == before["kid"]
    assert len(keys) == 2
    assert (await auth.get("/api/v1/me", headers=bearing(pair))).status_code == 200

    monkeypatch.setattr(sys, "argv", ["heliograph-admin", "keys", "rotate", "--compromised"])
    assert admin.main() == 0
    [only] = (await auth.get(jwks)).json()["keys"]
    assert only["kid"] not in {key["kid"] for key in keys}
    assert (await auth.get("/api/v1/me", headers=bearing(pair))).status_code == 401
    assert only["kid"] in capsys.readouterr().out


async def test_where_registration_is_closed_only_the_operator_opens_accounts(
    environment: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HELIOGRAPH_REGISTRATION_IS_OPEN", "false")
    async with running(create_app()) as auth:
        refused = await auth.post("/api/v1/accounts", json=ADA)
        assert (refused.status_code, refused.json()["code"]) == (403, "registration-closed")
        assert await admin.open_account(AuthSettings(), email=ADA["email"], name="Ada") == 0
        password = capsys.readouterr().out.partition("password ")[2].split()[0]
        form = {"username": ADA["email"], "password": password}
        assert (await auth.post("/api/v1/tokens", data=form)).status_code == 200
        with pytest.raises(EmailTakenError):
            await admin.open_account(AuthSettings(), email=ADA["email"], name="Ada")


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


async def test_the_service_describes_itself_without_being_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    described = create_app().openapi()

    assert set(described["paths"]) == {
        "/api/v1/accounts",
        "/api/v1/tokens",
        "/api/v1/tokens/refresh",
        "/api/v1/tokens/second-factor",
        "/api/v1/tokens/ways",
        "/api/v1/tokens/oidc",
        "/api/v1/tokens/oidc/callback",
        "/api/v1/me/identities",
        "/api/v1/me/identities/{identity_id}/removal",
        "/api/v1/tokens/passkey",
        "/api/v1/tokens/passkey-options",
        "/api/v1/me/passkeys",
        "/api/v1/me/passkeys/{passkey_id}",
        "/api/v1/me/passkeys/{passkey_id}/removal",
        "/api/v1/me/passkey-options",
        "/api/v1/me/second-factor",
        "/api/v1/me/second-factor/on",
        "/api/v1/me/second-factor/off",
        "/api/v1/me/second-factor/recovery-codes",
        "/api/v1/sessions",
        "/api/v1/sessions/current",
        "/api/v1/sessions/{session_id}",
        "/api/v1/me",
        "/api/v1/me/password",
        "/api/v1/me/email",
        "/api/v1/me/security-log",
        "/api/v1/me/deletion",
        "/api/v1/admin/accounts",
        "/api/v1/admin/accounts/{account_id}/close",
        "/api/v1/admin/accounts/{account_id}/reopen",
        "/api/v1/admin/accounts/{account_id}/deletion",
        "/api/v1/admin/invitations",
        "/api/v1/admin/invitations/{invitation_id}",
        "/api/v1/me/export",
        "/api/v1/me/export/access",
        "/api/v1/verifications",
        "/api/v1/verifications/confirm",
        "/api/v1/password-resets",
        "/api/v1/password-resets/complete",
        "/api/v1/api-keys",
        "/api/v1/api-keys/{key_id}",
        "/.well-known/jwks.json",
    }
    operations = [operation for path in described["paths"].values() for operation in path.values()]
    assert all(operation["summary"] and operation["description"] and operation["tags"] for operation in operations)
    assert described["paths"]["/api/v1/accounts"]["post"]["operationId"] == "create_account"
    flows = described["components"]["securitySchemes"]["OAuth2PasswordBearer"]["flows"]
    assert flows["password"]["tokenUrl"] == "/api/v1/tokens"


def token_in(folder: Path, page: str) -> str:
    """Return what is behind the # of the link to that page in the latest letter."""
    letter = message_from_bytes(max(folder.glob("*.eml")).read_bytes(), policy=policy.default)
    body = letter.get_body(("plain",))
    assert body
    found = re.search(rf"https://photos\.example\.org/{page}#(\S+)", body.get_content())
    assert found
    return found[1]


async def test_a_forgotten_password_is_replaced_by_a_letter(environment: None, tmp_path: Path) -> None:
    new = {"new_password": "a better horse for staples"}
    async with running(create_app()) as auth:
        pair = await signed_in(auth)
        assert (await auth.get("/api/v1/me", headers=bearing(pair))).json()["email_verified"] is False
        answers = [
            await auth.post(
                "/api/v1/password-resets", json={"email": email}, headers={"Host": "evil.example", "Origin": "null"}
            )
            for email in ("nobody@example.com", "ADA@example.com")
        ]
    assert [(answer.status_code, answer.text) for answer in answers] == [(202, "null")] * 2

    async with running(create_app()) as auth:  # whatever was in hand has been done before it stopped
        token = token_in(tmp_path / "mail", "reset-password")
        weak = await auth.post(
            "/api/v1/password-resets/complete", json={"token": token, "new_password": "Password123!"}
        )
        assert (weak.status_code, weak.json()["code"]) == (422, "weak-password")
        done = await auth.post("/api/v1/password-resets/complete", json={"token": token} | new)
        assert done.status_code == 204
        again = await auth.post("/api/v1/password-resets/complete", json={"token": token} | new)
        assert (again.status_code, again.json()["code"]) == (422, "invalid-link")
        assert (await auth.get("/api/v1/me", headers=bearing(pair))).status_code == 401
        form = {"username": ADA["email"], "password": new["new_password"]}
        signed = (await auth.post("/api/v1/tokens", data=form)).json()
        assert (await auth.get("/api/v1/me", headers=bearing(signed))).json()["email_verified"] is True
        verified = await auth.post("/api/v1/verifications", headers=bearing(signed))
        assert (verified.status_code, verified.json()["code"]) == (409, "email-verified")


async def test_where_addresses_are_verified_registering_tells_nothing_and_a_letter_opens_the_account(
    environment: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HELIOGRAPH_EMAIL_VERIFICATION", "required")
    async with running(create_app()) as auth:
        first = await auth.post("/api/v1/accounts", json=ADA)
        form = {"username": ADA["email"], "password": ADA["password"]}
        assert (await auth.post("/api/v1/tokens", data=form)).status_code == 401
    async with running(create_app()) as auth:
        token = token_in(tmp_path / "mail", "verify")
        link = {"token": token, "password": ADA["password"]}
        wrong = await auth.post("/api/v1/verifications/confirm", json=link | {"password": "somebody else's horse"})
        assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong-password")
        opened = await auth.post("/api/v1/verifications/confirm", json=link)
        assert (opened.status_code, opened.json()) == (200, {"email": ADA["email"]})
        assert (await auth.post("/api/v1/tokens", data=form)).status_code == 200
        second = await auth.post("/api/v1/accounts", json=ADA | {"password": "somebody else's horse"})

    assert (first.status_code, first.json()) == (second.status_code, second.json()) == (202, {"email": ADA["email"]})
    subjects = [path.stem.partition(" ")[2] for path in sorted((tmp_path / "mail").iterdir())]
    assert subjects == ["Open your Heliograph account", "You have a Heliograph account already"]


async def test_an_address_is_changed_by_the_letter_to_the_new_one(environment: None, tmp_path: Path) -> None:
    wanted = {"email": "ada@example.net", "password": ADA["password"]}
    async with running(create_app()) as auth:
        pair = await signed_in(auth)
        await auth.post("/api/v1/accounts", json=ADA | {"email": "eve@example.com"})
        refused = await auth.post("/api/v1/me/email", headers=bearing(pair), json=wanted | {"password": "a guess"})
        same = await auth.post("/api/v1/me/email", headers=bearing(pair), json=wanted | {"email": ADA["email"]})
        answers = [
            await auth.post("/api/v1/me/email", headers=bearing(pair), json=wanted | {"email": email})
            for email in ("EVE@example.com", wanted["email"])
        ]
    assert [one.json()["code"] for one in (refused, same)] == ["wrong-password", "email-unchanged"]
    assert [(answer.status_code, answer.text) for answer in answers] == [(202, "null")] * 2

    async with running(create_app()) as auth:
        link = {"token": token_in(tmp_path / "mail", "verify"), "password": ADA["password"]}
        done = await auth.post("/api/v1/verifications/confirm", json=link)
        assert (done.status_code, done.json()) == (200, {"email": wanted["email"]})
        again = await auth.post("/api/v1/verifications/confirm", json=link)
        assert (again.status_code, again.json()["code"]) == (422, "invalid-link")
        me = (await auth.get("/api/v1/me", headers=bearing(pair))).json()
        assert (me["email"], me["email_verified"]) == (wanted["email"], True)
        assert (await auth.post("/api/v1/accounts", json=ADA)).status_code == 201
    subjects = [path.stem.partition(" ")[2] for path in sorted((tmp_path / "mail").iterdir())]
    assert "Your address was changed" in subjects
