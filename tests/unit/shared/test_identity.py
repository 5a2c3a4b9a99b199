"""Only what auth signed, for this API, for now, says who is calling."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jose import jwk

from heliograph.errors import UnavailableError
from heliograph.identity import (
    AccessRecord,
    InvalidTokenError,
    KeySet,
    MethodScopes,
    Principal,
    Scope,
    TokenVerifier,
)
from heliograph.photos import OwnerId
from heliograph_auth.signing import SigningKey
from tests.fakes.known_keys import KnownKeys

ADA = Principal(account_id=OwnerId("ada"), session_id="s1")
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def a_pem() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def a_signing_key(pem: bytes | None = None, *, issuer: str = "auth", audience: str = "api") -> SigningKey:
    return SigningKey(pem or a_pem(), issuer=issuer, audience=audience)


def a_token(key: SigningKey, *, ago: timedelta = timedelta(0)) -> str:
    return key.issue(ADA, now=datetime.now(UTC) - ago, lives=10 * MINUTE)


def verifier_of(*keys: SigningKey) -> TokenVerifier:
    return TokenVerifier(KnownKeys(*(key.public_jwk for key in keys)), issuer="auth", audience="api")


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def parts_of(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, claims, _ = token.split(".")
    return tuple(json.loads(base64.urlsafe_b64decode(part + "==")) for part in (header, claims))


def signing_input(header: object, claims: object) -> str:
    return ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))


def es256(key: SigningKey, header: object, claims: object) -> str:
    """Sign whatever claims and header, as `SigningKey` never would."""
    signed = signing_input(header, claims)
    return f"{signed}.{base64url(key._private.sign(signed.encode()))}"


async def refusal(verifier: TokenVerifier, token: str) -> str:
    with pytest.raises(InvalidTokenError) as refused:
        await verifier.principal(token)
    assert refused.value.code == "invalid-token"
    assert refused.value.status == 401
    return str(refused.value)


async def test_a_token_of_auth_s_says_who_is_calling() -> None:
    key = a_signing_key()

    assert await verifier_of(key).principal(a_token(key)) == ADA


async def test_a_token_that_has_expired_is_refused_as_such() -> None:
    key = a_signing_key()

    assert "expired" in await refusal(verifier_of(key), a_token(key, ago=11 * MINUTE))


async def test_a_token_of_a_stranger_s_key_is_refused() -> None:
    ours, strangers = a_signing_key(), a_signing_key()

    assert "unknown key" in await refusal(verifier_of(ours), a_token(strangers))


async def test_a_stranger_s_signature_under_our_key_s_id_is_refused() -> None:
    ours, strangers = a_signing_key(), a_signing_key()
    header, claims = parts_of(a_token(ours))

    assert "not valid" in await refusal(verifier_of(ours), es256(strangers, header, claims))


@pytest.mark.parametrize("wrong", [{"issuer": "another"}, {"audience": "another"}])
async def test_a_token_of_another_issuer_or_for_another_api_is_refused(wrong: dict[str, str]) -> None:
    pem = a_pem()

    assert "another" in await refusal(verifier_of(a_signing_key(pem)), a_token(a_signing_key(pem, **wrong)))


async def test_an_unsigned_token_is_refused() -> None:
    key = a_signing_key()
    _, claims = parts_of(a_token(key))

    for algorithm in ("none", "None", ""):
        token = signing_input({"alg": algorithm, "kid": key.key_id}, claims) + "."
        assert "algorithm" in await refusal(verifier_of(key), token)


@pytest.mark.parametrize(
    "secret_of",
    [
        lambda key: json.dumps(key.public_jwk).encode(),
        lambda key: jwk.construct(key.public_jwk, "ES256").to_pem(),
    ],
    ids=["jwk", "pem"],
)
async def test_the_public_key_is_no_secret_to_sign_with(secret_of: Callable[[SigningKey], bytes]) -> None:
    key = a_signing_key()
    _, claims = parts_of(a_token(key))
    signed = signing_input({"alg": "HS256", "typ": "JWT", "kid": key.key_id}, claims)
    signature = hmac.digest(secret_of(key), signed.encode(), hashlib.sha256)

    assert "algorithm" in await refusal(verifier_of(key), f"{signed}.{base64url(signature)}")


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "sid", "iat", "exp", "jti", "scope", "gen"])
async def test_a_token_without_one_of_its_claims_is_refused(claim: str) -> None:
    key = a_signing_key()
    header, claims = parts_of(a_token(key))
    del claims[claim]

    await refusal(verifier_of(key), es256(key, header, claims))


@pytest.mark.parametrize("change", [{"kid": None}, {"kid": ["x"]}, {"kid": "unknown"}])
async def test_a_token_that_names_no_key_of_ours_is_refused(change: dict[str, object]) -> None:
    key = a_signing_key()
    header, claims = parts_of(a_token(key))

    await refusal(verifier_of(key), es256(key, header | change, claims))


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a.b.c", "ü.ü.ü", "e30.e30.", f"{base64url(b'[]')}.e30.e30", base64url(b"[" * 5000) + ".e30.e30"],
)
async def test_what_is_no_token_at_all_is_refused(token: str) -> None:
    await refusal(verifier_of(a_signing_key()), token)


async def test_a_changed_byte_is_noticed() -> None:
    key = a_signing_key()
    header, claims = parts_of(a_token(key))
    forged = signing_input(header, claims | {"sub": "eve"})

    await refusal(verifier_of(key), f"{forged}.{a_token(key).split('.')[2]}")


@pytest.mark.parametrize(
    "change",
    [
        {"typ": "JWT"},
        {"typ": None},
        {"jku": "https://evil.example/keys.json"},
        {"jwk": {"kty": "EC"}},
        {"x5u": "https://evil.example/key.pem"},
        {"crit": ["exp"]},
    ],
)
async def test_a_header_with_anything_but_algorithm_type_and_key_id_is_refused(change: dict[str, object]) -> None:
    key = a_signing_key()
    header, claims = parts_of(a_token(key))

    await refusal(verifier_of(key), es256(key, header | change, claims))


@pytest.mark.parametrize(
    "change",
    [
        {"exp": 99_999_999_999},
        {"exp": "99999999999"},
        {"exp": 1e12},
        {"iat": 99_999_999_000, "exp": 99_999_999_999},
        {"aud": ["api", "another"]},
        {"sub": 1},
        {"nbf": 99_999_999_999},
        {"nbf": "now"},
        {"sub": ""},
        {"gen": True},
        {"scope": "everything"},
        {"scope": ""},
    ],
)
async def test_a_signed_token_whose_claims_are_not_as_auth_makes_them_is_refused(change: dict[str, object]) -> None:
    key = a_signing_key()
    header, claims = parts_of(a_token(key))

    await refusal(verifier_of(key), es256(key, header, claims | change))


async def test_clocks_may_be_half_a_minute_apart_and_no_more() -> None:
    key = a_signing_key()
    verifier = verifier_of(key)

    assert await verifier.principal(a_token(key, ago=-20 * SECOND)) == ADA
    assert await verifier.principal(a_token(key, ago=10 * MINUTE + 20 * SECOND)) == ADA
    await refusal(verifier, a_token(key, ago=-40 * SECOND))
    await refusal(verifier, a_token(key, ago=10 * MINUTE + 31 * SECOND))


async def test_every_single_bit_of_a_token_matters() -> None:
    key = a_signing_key()
    verifier = verifier_of(key)
    token = a_token(key)
    for position, letter in enumerate(token):
        for bit in range(7):
            await refusal(verifier, token[:position] + chr(ord(letter) ^ (1 << bit)) + token[position + 1 :])
    assert await verifier.principal(token) == ADA


@pytest.mark.parametrize("addition", ["=", "==", "!", "\n", " ", ".", "A", "+"])
async def test_a_token_is_spelt_in_one_way_only(addition: str) -> None:
    key = a_signing_key()
    token = a_token(key)

    await refusal(verifier_of(key), token + addition)
    await refusal(verifier_of(key), addition + token)


@pytest.mark.parametrize(
    ("record", "is_admitted"),
    [
        (AccessRecord(), True),
        (AccessRecord(generation=3), True),
        (AccessRecord(generation=4), False),
        (AccessRecord(has_session_ended=True), False),
    ],
)
def test_what_was_taken_back_is_good_for_nothing(record: AccessRecord, *, is_admitted: bool) -> None:
    principal = Principal(account_id=OwnerId("ada"), session_id="s1", generation=3)
    if is_admitted:
        record.admit(principal)
    else:
        with pytest.raises(InvalidTokenError):
            record.admit(principal)


@pytest.mark.parametrize(
    ("method", "scope"),
    [("GET", "library:read"), ("HEAD", "library:read"), ("POST", "library:write"), ("X", "library:write")],
)
def test_a_route_needs_the_scope_to_write_unless_it_only_looks(method: str, scope: str) -> None:
    assert MethodScopes(read=Scope.LIBRARY_READ, write=Scope.LIBRARY_WRITE).needed(method) == scope


class Jwks:
    """Auth's endpoint, whose answer a test can change."""

    def __init__(self, *keys: SigningKey) -> None:
        self.keys = [*keys]
        self.asked = 0
        self.is_up = True
        self.now = 0.0

    def key_set(self) -> KeySet:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        return KeySet("http://auth/jwks.json", client, clock=lambda: self.now)

    async def _answer(self, _request: httpx.Request) -> httpx.Response:
        self.asked += 1
        await asyncio.sleep(0)  # others come in the meantime
        if not self.is_up:
            return httpx.Response(503)
        return httpx.Response(200, json={"keys": [key.public_jwk for key in self.keys]})


async def test_keys_are_fetched_once_for_many_tokens() -> None:
    key = a_signing_key()
    jwks = Jwks(key)
    keys = jwks.key_set()

    assert [await keys.key(key.key_id) for _ in range(3)] == [key.public_jwk] * 3
    assert jwks.asked == 1


async def test_a_stream_of_unknown_keys_does_not_become_a_stream_of_requests() -> None:
    jwks = Jwks(a_signing_key())
    keys = jwks.key_set()

    for number in range(5):
        with pytest.raises(InvalidTokenError):
            await keys.key(f"unknown {number}")

    assert jwks.asked == 1


async def test_keys_are_asked_for_again_after_half_a_minute_and_one_that_was_taken_back_is_unknown_then() -> None:
    stolen, new = a_signing_key(), a_signing_key()
    jwks = Jwks(stolen)
    keys = jwks.key_set()
    await keys.key(stolen.key_id)
    jwks.keys = [new]
    jwks.now += 31

    with pytest.raises(InvalidTokenError):
        await keys.key(stolen.key_id)


async def test_without_auth_no_key_is_believed_for_longer_than_a_minute() -> None:
    key = a_signing_key()
    jwks = Jwks(key)
    keys = jwks.key_set()
    await keys.key(key.key_id)
    jwks.is_up = False

    jwks.now += 60
    assert await keys.key(key.key_id) == key.public_jwk
    jwks.now += 1
    with pytest.raises(UnavailableError):
        await keys.key(key.key_id)
    jwks.is_up = True
    jwks.now += 11
    assert await keys.key(key.key_id) == key.public_jwk


async def test_known_keys_outlive_auth_for_a_while() -> None:
    key = a_signing_key()
    jwks = Jwks(key)
    keys = jwks.key_set()
    await keys.refresh()
    jwks.is_up = False

    await keys.refresh()

    assert await keys.key(key.key_id) == key.public_jwk


async def test_without_auth_and_without_keys_nobody_is_known_and_nobody_is_blamed() -> None:
    jwks = Jwks()
    jwks.is_up = False

    with pytest.raises(UnavailableError):
        await jwks.key_set().key("any")


async def test_all_who_wait_for_an_auth_that_does_not_answer_learn_it_at_once() -> None:
    jwks = Jwks()
    jwks.is_up = False
    keys = jwks.key_set()

    answers = await asyncio.gather(*(keys.key("any") for _ in range(5)), return_exceptions=True)

    assert [type(answer) for answer in answers] == [UnavailableError] * 5
    assert jwks.asked == 1
    jwks.is_up = True
    jwks.keys = [key := a_signing_key()]
    assert await keys.key(key.key_id) == key.public_jwk
