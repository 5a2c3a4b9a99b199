"""The auth service as it runs: ready or not, its keys, its operator, its description."""

import asyncio
import sys
from contextlib import AsyncExitStack

import httpx
import pytest

from heliograph.identity import KeySet, TokenVerifier
from heliograph_auth import admin
from heliograph_auth.domain.errors import EmailTakenError
from heliograph_auth.main import create_app
from heliograph_auth.settings import AuthSettings
from tests.integration.auth.ada import ADA, bearing, running, signed_in


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
