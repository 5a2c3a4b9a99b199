"""API keys: secrets that programs hold for as long as their person lets them; how one is read, and what is kept of it.

hgk_<16 hex digits: which key>_<43 letters: the secret, 256 random bits>
"""

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from heliograph.audit import AuditEvent, AuditKind, AuditLog
from heliograph.errors import UnavailableError
from heliograph.identity.principal import InvalidTokenError, Principal, Scope
from heliograph.photos import OwnerId
from heliograph.visits import Visit

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

PREFIX: Final = "hgk_"
"""What tells a key from an access token, and lets scanners of public code find one that got there."""

_FORM: Final = re.compile(r"hgk_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")
_NOTED_EVERY_SECONDS: Final = 60.0
_USES_KEPT_SECONDS: Final = 400 * 24 * 3600
"""As long as the security log: what is known of a key that is gone goes in time, too."""


@dataclass(frozen=True)
class ApiKeySecret:
    """A key as its holder has it."""

    key_id: str
    secret: str

    @classmethod
    def new(cls) -> "ApiKeySecret":
        """Return a key that nobody has."""
        return cls(secrets.token_hex(8), secrets.token_urlsafe(32))

    @classmethod
    def parse(cls, text: str) -> "ApiKeySecret":
        """Return the key of that text.

        Raises:
            InvalidTokenError: It is none.
        """
        found = _FORM.fullmatch(text)
        if found is None:
            raise InvalidTokenError("This is no API key.")
        return cls(found[1], found[2])

    def __str__(self) -> str:
        return f"{PREFIX}{self.key_id}_{self.secret}"

    def __repr__(self) -> str:
        return f"ApiKeySecret({self.key_id}, …)"

    @property
    def digest(self) -> str:
        """What is stored of it; 256 random bits need no salt and no slow hash."""
        return hashlib.sha256(b"api key:" + str(self).encode()).hexdigest()


@dataclass(frozen=True)
class ApiKeyRecord:
    """What every service knows of a key."""

    key_id: str
    digest: str
    account_id: OwnerId
    scopes: frozenset[Scope]
    expires_at: datetime | None = None

    def principal(self, key: ApiKeySecret, now: datetime) -> Principal:
        """Return whom the key speaks for.

        Raises:
            InvalidTokenError: The secret is another, or the key's time is over.
        """
        if not hmac.compare_digest(self.digest, key.digest) or (self.expires_at and self.expires_at <= now):
            raise InvalidTokenError("The API key is unknown, revoked or expired.")
        return Principal(
            account_id=self.account_id, session_id=f"key:{self.key_id}", scopes=self.scopes, key_id=self.key_id
        )


def use_key(key_id: str) -> dict[str, Any]:
    """Return the key of the item that says when a key was used last."""
    return {"owner_id": {"S": f"key#{key_id}"}, "event": {"S": "last-use"}}


class KeyRefusals:
    """Tells a key's owner, in the security log, that it was refused: its time is over, or its secret is another."""

    def __init__(self, log: AuditLog, *, clock: Callable[[], float] = time.time) -> None:
        self._log = log
        self._clock = clock
        self._noted: dict[str, datetime] = {}

    async def note(self, record: ApiKeyRecord, visit: Visit) -> None:
        """Note it, once a minute for each key however many services refuse it; a note that fails is left out."""
        minute = datetime.fromtimestamp(self._clock(), UTC).replace(second=0, microsecond=0)
        if self._noted.get(record.key_id) == minute:
            return
        self._noted = {key: at for key, at in self._noted.items() if at == minute} | {record.key_id: minute}
        about = {"key": record.key_id}
        event = AuditEvent(record.account_id, minute, AuditKind.API_KEY_REFUSED, visit.address, visit.device, about)
        with suppress(UnavailableError):
            await self._log.record(event, mark=record.key_id)


class KeyUses(Protocol):
    """Where it is noted when a key was used last. tests/contract/test_api_key_store.py is its specification."""

    async def note(self, key_id: str) -> None:
        """Note that a key is used now; a note that fails, or was made less than a minute ago, is left out."""


class DynamoKeyUses:
    """`KeyUses` over the DynamoDB table `audit`, which every service may add to."""

    def __init__(self, client: "DynamoDBClient", table: str, *, clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._table = table
        self._clock = clock
        self._noted: dict[str, float] = {}

    async def note(self, key_id: str) -> None:
        """See `KeyUses.note`."""
        now = self._clock()
        if now - self._noted.get(key_id, float("-inf")) < _NOTED_EVERY_SECONDS:
            return
        self._noted = {key: at for key, at in self._noted.items() if now - at < _NOTED_EVERY_SECONDS} | {key_id: now}
        moment = datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds")
        try:
            forgotten_at = {"expires_at": {"N": str(int(now) + _USES_KEPT_SECONDS)}}
            await self._client.put_item(
                TableName=self._table, Item=use_key(key_id) | {"last_used_at": {"S": moment}} | forgotten_at
            )
        except (ClientError, BotoCoreError):
            self._noted.pop(key_id, None)
