"""What goes by letter: a forgotten password, a verified address, another address."""

from pathlib import Path

import pytest

from heliograph_auth.main import create_app
from tests.integration.auth.ada import ADA, bearing, running, signed_in, token_in


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
