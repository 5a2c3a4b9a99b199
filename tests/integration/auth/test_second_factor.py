"""The second step at sign-in over HTTP, against the stand-in: what an authenticator app and a client see of it."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pyotp
import pytest

from heliograph.aws import AwsClients
from heliograph.settings import SharedSettings
from tests.integration.auth.ada import ADA, bearing, signed_in

PASSWORD = {"password": ADA["password"]}
BY_COOKIE = {"X-Heliograph-Session": "cookie"}


class App:
    """An authenticator app; a code that is used up is followed by the next one, as a patient person does."""

    def __init__(self, secret: str) -> None:
        self._totp = pyotp.TOTP(secret)
        self._steps = -1

    def code(self) -> str:
        """Of the earliest step that is good still: three are, of those around now."""
        self._steps += 1
        return self._totp.at(datetime.now(UTC) + timedelta(seconds=30 * (self._steps - 1)))

    def later(self) -> str:
        return self._totp.at(datetime.now(UTC) + timedelta(hours=1))


async def post(auth: httpx.AsyncClient, path: str, pair: dict[str, Any], **body: str) -> httpx.Response:
    return await auth.post(f"/api/v1/me/second-factor{path}", headers=bearing(pair), json=body)


async def password_alone(auth: httpx.AsyncClient, **headers: str) -> httpx.Response:
    return await auth.post("/api/v1/tokens", data={"username": ADA["email"], **PASSWORD}, headers=headers)


async def test_the_whole_way_of_a_second_factor(
    auth: httpx.AsyncClient, aws: AwsClients, stack: SharedSettings
) -> None:
    pair = await signed_in(auth)
    status = (await auth.get("/api/v1/me/second-factor", headers=bearing(pair))).json()
    assert status == {"is_on": False, "turned_on_at": None, "recovery_codes_left": 0}
    wrong = await post(auth, "", pair, password="not the password")
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong-password")

    begun = await post(auth, "", pair, **PASSWORD)
    assert begun.status_code == 201
    assert begun.headers["Cache-Control"] == "no-store"
    secret = begun.json()["secret"]
    assert f"secret={secret}" in begun.json()["otpauth_uri"]
    assert re.match(r"<svg [^>]*viewBox", begun.json()["qr_svg"])
    assert "style" not in begun.json()["qr_svg"]
    app = App(secret)
    assert (await post(auth, "/on", pair, code="00000")).json()["code"] == "wrong-code"
    on = await post(auth, "/on", pair, code=app.code())
    codes = on.json()["recovery_codes"]
    assert (on.status_code, len(codes)) == (200, 10)

    first = await password_alone(auth)
    assert first.status_code == 202
    assert set(first.json()) == {"challenge", "expires_in", "factors"}
    refused = await auth.post("/api/v1/tokens/second-factor", json={"challenge": "no challenge", "code": codes[0]})
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid-challenge")
    step = {"challenge": first.json()["challenge"]}
    wrong = await auth.post("/api/v1/tokens/second-factor", json=step | {"code": app.later()})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong-second-step")
    again = await auth.post("/api/v1/tokens/second-factor", json=step | {"code": app.code()}, headers=BY_COOKIE)
    assert (again.status_code, again.json()["refresh_token"]) == (200, None)
    assert "heliograph_refresh" in again.headers["Set-Cookie"]
    spent = await auth.post("/api/v1/tokens/second-factor", json=step | {"code": codes[0]})
    assert (spent.status_code, spent.json()["code"]) == (401, "invalid-challenge")

    renewed = await post(auth, "/recovery-codes", pair, **PASSWORD, code=codes[0])
    assert renewed.status_code == 201
    status = (await auth.get("/api/v1/me/second-factor", headers=bearing(pair))).json()
    assert (status["is_on"], status["recovery_codes_left"]) == (True, 10)
    kept = await aws.dynamodb.scan(TableName=stack.table_name("accounts"))
    told = json.dumps(kept["Items"], default=repr) + repr(kept["Items"])
    assert not [one for one in (secret, step["challenge"], *renewed.json()["recovery_codes"]) if one in told]

    off = await post(auth, "/off", pair, **PASSWORD, code=renewed.json()["recovery_codes"][0])
    assert off.status_code == 204
    assert (await password_alone(auth)).status_code == 200
    log = (await auth.get("/api/v1/me/security-log", headers=bearing(pair))).json()["events"]
    kinds = [event["kind"] for event in reversed(log)]
    assert kinds == [
        "account-opened",
        "signed-in",
        "sign-in-failed",
        "second-factor-on",
        "code-asked",
        "code-wrong",
        "signed-in",
        "recovery-code-used",
        "recovery-codes-made",
        "recovery-code-used",
        "second-factor-off",
        "signed-in",
    ]


async def test_guesses_of_codes_are_throttled_and_say_for_how_long(auth: httpx.AsyncClient) -> None:
    pair = await signed_in(auth)
    app = App((await post(auth, "", pair, **PASSWORD)).json()["secret"])
    await post(auth, "/on", pair, code=app.code())
    step = {"challenge": (await password_alone(auth)).json()["challenge"]}

    answers = [
        await auth.post(
            "/api/v1/tokens/second-factor",
            json=step | {"code": "aaaa-bbbb"},
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
        )
        for number in range(6)
    ]

    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert answers[-1].json()["code"] == "codes-throttled"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 2


async def test_another_origin_gets_no_cookie_by_a_second_step(auth: httpx.AsyncClient) -> None:
    refused = await auth.post(
        "/api/v1/tokens/second-factor",
        json={"challenge": "c", "code": "123456"},
        headers=BY_COOKIE | {"Origin": "http://evil.example"},
    )

    assert (refused.status_code, refused.json()["code"]) == (403, "foreign-origin")


@pytest.mark.parametrize("code", ["", "x" * 41])
async def test_what_can_be_no_code_is_said_so(auth: httpx.AsyncClient, code: str) -> None:
    response = await auth.post("/api/v1/tokens/second-factor", json={"challenge": "c", "code": code})

    assert (response.status_code, response.json()["code"]) == (422, "invalid-request")
