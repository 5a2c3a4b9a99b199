"""The keyring: made once, whoever is first; rotated while it is in use."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jose import jwt

from heliograph.identity import InvalidTokenError, Principal, TokenVerifier
from heliograph.photos import OwnerId
from heliograph_auth.keyring import BELIEVED_FOR, PUBLISHED_AHEAD, KeyringFile, SigningKeys
from heliograph_auth.signing import SigningKey, new_signing_key, refresh_secret_of

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ADA = Principal(account_id=OwnerId("ada"), session_id="s1")
MINUTE = timedelta(minutes=1)


class Auth:
    """The keys of a process, and a clock that a test can move."""

    def __init__(self, file: KeyringFile) -> None:
        self.now = NOON
        self.file = file
        self.keys = SigningKeys(file, issuer="auth", audience="api", clock=lambda: self.now)

    def rotate(self) -> None:
        self.file.change(lambda ring: ring.rotated(new_signing_key(), self.now), self.now)

    def token(self) -> str:
        return self.keys.issue(ADA, now=self.now, lives=10 * MINUTE)

    def key_id(self) -> str:
        return str(jwt.get_unverified_header(self.token())["kid"])

    def published(self) -> list[str]:
        return [key["kid"] for key in self.keys.public_jwks()]

    def verifier(self) -> TokenVerifier:
        return TokenVerifier(self.keys, issuer="auth", audience="api", clock=lambda: self.now.timestamp())  # noqa: PLW0108 - the clock moves


@pytest.fixture
def auth(tmp_path: Path) -> Auth:
    return Auth(KeyringFile(tmp_path / "auth" / "keyring.json"))


def test_a_keyring_is_made_on_the_first_start_and_read_on_the_next(auth: Auth) -> None:
    path = auth.file.path

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Auth(KeyringFile(path)).published() == auth.published()
    assert len(auth.published()) == 1


def test_processes_that_start_at_once_have_the_same_keys(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"

    with ThreadPoolExecutor(16) as starting:
        rings = set(starting.map(lambda _: KeyringFile(path).ring(NOON).refresh_secret, range(64)))

    assert len(rings) == 1


def test_the_single_key_of_earlier_times_goes_on_signing(tmp_path: Path) -> None:
    pem = new_signing_key()
    (tmp_path / "signing-key.pem").write_bytes(pem)

    auth = Auth(KeyringFile(tmp_path / "keyring.json"))

    assert auth.published() == [SigningKey(pem, issuer="auth", audience="api").key_id]
    assert auth.keys.refresh_key == refresh_secret_of(pem)


def test_a_keyring_that_is_lost_is_made_anew_and_not_of_the_key_of_earlier_times(tmp_path: Path) -> None:
    (tmp_path / "signing-key.pem").write_bytes(new_signing_key())
    path = tmp_path / "keyring.json"
    before = Auth(KeyringFile(path)).published()
    path.unlink()

    assert not (tmp_path / "signing-key.pem").exists()
    assert Auth(KeyringFile(path)).published() != before


async def test_a_new_key_is_published_first_signs_then_and_the_one_before_is_believed_for_a_while(auth: Auth) -> None:
    first = auth.key_id()
    auth.rotate()
    second = auth.published()[1]

    assert auth.key_id() == first
    auth.now += PUBLISHED_AHEAD - MINUTE
    early = auth.token()
    auth.now += MINUTE
    assert auth.key_id() == second
    assert auth.published() == [first, second]
    assert await auth.verifier().principal(early) == ADA
    auth.now += BELIEVED_FOR
    assert auth.published() == [second]
    with pytest.raises(InvalidTokenError, match="unknown key"):
        await auth.verifier().principal(early)


def test_refresh_tokens_outlive_a_rotation(auth: Auth) -> None:
    before = auth.keys.refresh_key
    auth.rotate()

    assert auth.keys.refresh_key == before


def test_rotating_twice_at_once_keeps_the_key_that_signs(auth: Auth) -> None:
    signing = auth.key_id()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: auth.rotate(), range(4)))

    assert len(auth.published()) == 5
    assert auth.key_id() == signing


async def test_a_compromised_key_is_believed_by_nobody_at_once(auth: Auth) -> None:
    stolen = auth.token()

    auth.file.change(lambda ring: ring.replaced(new_signing_key(), auth.now), auth.now)

    with pytest.raises(InvalidTokenError, match="unknown key"):
        await auth.verifier().principal(stolen)
    assert await auth.verifier().principal(auth.token()) == ADA


@pytest.mark.parametrize("content", ["{}", '{"keys": [], "refresh_secret": ""}', "[]", "null", "no json"])
def test_what_is_no_keyring_is_not_taken_for_one(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keyring.json"
    path.write_text(content)

    with pytest.raises(ValueError, match=r"keyring|Expecting"):
        KeyringFile(path).ring(NOON)
    assert path.read_text() == content


def test_no_secret_is_shown_where_a_ring_is_printed(auth: Auth) -> None:
    ring = auth.file.ring(NOON)

    assert "PRIVATE" not in repr(ring)
    assert "PRIVATE" in json.loads(auth.file.path.read_text())["keys"][0]["pem"]
