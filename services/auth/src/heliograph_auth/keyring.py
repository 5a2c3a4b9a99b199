"""The keys that sign access tokens, in a file: one signs, the one before it is still believed, the next is published.

    made ──► published (6 minutes, so that everyone has fetched it) ──► signs ──► believed (1 hour) ──► gone

The file is read again when it has changed, so that `heliograph-admin keys rotate` works while services run.
"""

import fcntl
import json
import os
import secrets
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from heliograph.identity import InvalidTokenError, Principal
from heliograph_auth.domain.accounts import utc_now
from heliograph_auth.signing import SigningKey, new_signing_key, refresh_secret_of, sealing_secret_of

PUBLISHED_AHEAD: Final = timedelta(minutes=6)
"""Verifiers ask for the keys every half minute, and whoever else does may keep them as long; a restart takes longer."""
BELIEVED_FOR: Final = timedelta(hours=1)
"""After another key signs: longer than any access token lives."""
_LEGACY_NAME: Final = "signing-key.pem"
_SECRET_BYTES: Final = 32


@dataclass(frozen=True)
class KeptKey:
    """A private key, and from when on it signs."""

    pem: bytes
    signs_from: datetime

    def __repr__(self) -> str:
        return f"KeptKey(signs_from={self.signs_from.isoformat()})"


@dataclass(frozen=True)
class Keyring:
    """All keys, in the order in which they sign."""

    keys: tuple[KeptKey, ...]
    refresh_secret: bytes
    sealing_secret: bytes
    """Never changes: what is sealed with it is read for as long as there are accounts."""

    def __repr__(self) -> str:
        return f"Keyring({self.keys})"

    def signing(self, now: datetime) -> KeptKey:
        """Return the key that signs now; the first, where none does yet."""
        return next((key for key in reversed(self.keys) if key.signs_from <= now), self.keys[0])

    def live(self, now: datetime) -> tuple[KeptKey, ...]:
        """Return those that are published: the one that signs, those after it, and what came before for a while."""
        successors = (*self.keys[1:], None)
        return tuple(
            key
            for key, successor in zip(self.keys, successors, strict=True)
            if successor is None or now < successor.signs_from + BELIEVED_FOR
        )

    def rotated(self, pem: bytes, now: datetime) -> "Keyring":
        """Return the ring with one more key, which signs as soon as everyone can know of it."""
        return Keyring((*self.live(now), KeptKey(pem, now + PUBLISHED_AHEAD)), self.refresh_secret, self.sealing_secret)

    def replaced(self, pem: bytes, now: datetime) -> "Keyring":
        """Return a ring of one new key: what the others have signed is believed no more."""
        return Keyring((KeptKey(pem, now),), secrets.token_bytes(_SECRET_BYTES), self.sealing_secret)


class KeyringFile:
    """A keyring in a file (mode 600), made where there is none; the single key of earlier times is taken into it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int] | None = None
        self._ring: Keyring | None = None

    def ring(self, now: datetime) -> Keyring:
        """Return the ring as the file has it at this moment.

        Raises:
            ValueError: It is no keyring.
        """
        if not self.path.exists():
            with self._alone():
                if not self.path.exists():
                    self._write(self._first(now))
        found = self.path.stat()
        seen = (found.st_mtime_ns, found.st_ino, found.st_size)
        if self._ring is None or seen != self._seen:
            self._ring = _ring(json.loads(self.path.read_bytes()))
            self._seen = seen
            # It is in the ring. Were that ever lost, an old key, maybe a stolen one, would be taken for the first.
            (self.path.parent / _LEGACY_NAME).unlink(missing_ok=True)
        return self._ring

    def change(self, change: Callable[[Keyring], Keyring], now: datetime) -> Keyring:
        """Write what `change` makes of the ring; two at once come one after the other."""
        self.ring(now)
        with self._alone():
            changed = change(_ring(json.loads(self.path.read_bytes())))
            self._write(changed)
        return changed

    def _first(self, now: datetime) -> Keyring:
        legacy = self.path.parent / _LEGACY_NAME
        if legacy.exists():
            pem = legacy.read_bytes()
            return Keyring((KeptKey(pem, now),), refresh_secret_of(pem), secrets.token_bytes(_SECRET_BYTES))
        made = (secrets.token_bytes(_SECRET_BYTES), secrets.token_bytes(_SECRET_BYTES))
        return Keyring((KeptKey(new_signing_key(), now),), *made)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, ring: Keyring) -> None:
        descriptor, written = tempfile.mkstemp(dir=self.path.parent, prefix=self.path.name)  # mode 600
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(_document(ring), file)
                file.flush()
                os.fsync(file.fileno())
            Path(written).replace(self.path)
        except BaseException:
            Path(written).unlink(missing_ok=True)
            raise


class SigningKeys:
    """Signs with the ring's present key (`AccessTokens`), verifies by all live ones (`PublicKeys`)."""

    def __init__(
        self, file: KeyringFile, *, issuer: str, audience: str, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._file = file
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._parsed: dict[bytes, SigningKey] = {}
        self.public_jwks()

    @property
    def refresh_key(self) -> bytes:
        """See `AccessTokens.refresh_key`."""
        return self._file.ring(self._clock()).refresh_secret

    def issue(self, principal: Principal, *, now: datetime, lives: timedelta) -> str:
        """See `AccessTokens.issue`."""
        return self._key(self._file.ring(now).signing(now).pem).issue(principal, now=now, lives=lives)

    def public_jwks(self) -> list[dict[str, str]]:
        """Return the public halves of all live keys."""
        now = self._clock()
        return [self._key(key.pem).public_jwk for key in self._file.ring(now).live(now)]

    async def key(self, key_id: str) -> dict[str, Any]:
        """See `PublicKeys.key`."""
        for public in self.public_jwks():
            if public["kid"] == key_id:
                return dict(public)
        raise InvalidTokenError("The access token was signed with an unknown key.")

    async def refresh(self) -> None:
        """See `PublicKeys.refresh`; the keys are at hand."""

    def _key(self, pem: bytes) -> SigningKey:
        if pem not in self._parsed:
            self._parsed[pem] = SigningKey(pem, issuer=self._issuer, audience=self._audience)
        return self._parsed[pem]


def _document(ring: Keyring) -> dict[str, Any]:
    return {
        "refresh_secret": b64encode(ring.refresh_secret).decode(),
        "sealing_secret": b64encode(ring.sealing_secret).decode(),
        "keys": [{"pem": key.pem.decode(), "signs_from": key.signs_from.isoformat()} for key in ring.keys],
    }


def _ring(document: dict[str, Any]) -> Keyring:
    try:
        keys = tuple(
            KeptKey(entry["pem"].encode(), datetime.fromisoformat(entry["signs_from"])) for entry in document["keys"]
        )
        secret = b64decode(document["refresh_secret"], validate=True)
        sealing = b64decode(document.get("sealing_secret", ""), validate=True) or sealing_secret_of(secret)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("this is no keyring") from error
    if not keys or min(len(secret), len(sealing)) < _SECRET_BYTES:
        raise ValueError("this keyring holds no key, or no secret for refresh tokens")
    return Keyring(keys, secret, sealing)
