"""What people do with API keys: make one, see which there are, revoke one."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from heliograph.audit import AuditEvent, AuditKind, AuditLog
from heliograph.identity import ApiKeySecret, Principal, Scope
from heliograph.photos import OwnerId
from heliograph.visits import Visit
from heliograph_auth.domain.accounts import utc_now
from heliograph_auth.domain.api_keys import (
    ApiKey,
    ApiKeyNotFoundError,
    TooManyApiKeysError,
    clean_key_name,
    scopes_for_key,
)
from heliograph_auth.service.second_factor import SecondFactorService


class ApiKeyStore(Protocol):
    """Where keys are kept. tests/contract/test_api_key_store.py is its specification."""

    async def add(self, key: ApiKey, *, digest: str) -> bool:
        """Store a new key, and let every service know it; return False where its account has `MAX_KEYS` already.

        Of many that are added at once no more are stored than of as many one after the other.
        """

    async def of_account(self, account_id: OwnerId) -> list[ApiKey]:
        """Return an account's keys with when they were used last; what changed a moment ago may not show yet."""

    async def get(self, key_id: str) -> ApiKey | None:
        """Return the key of that id."""

    async def remove(self, key_id: str) -> None:
        """Forget a key: from now on no service takes it; nothing happens where there is none."""


class ApiKeyService:
    """The use cases of API keys."""

    def __init__(
        self,
        store: ApiKeyStore,
        second_factors: SecondFactorService,
        audit: AuditLog,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._second_factors = second_factors
        self._audit = audit
        self._clock = clock

    async def make(
        self,
        principal: Principal,
        *,
        name: str,
        scopes: Sequence[Scope],
        lives: timedelta | None,
        password: str,
        code: str | None,
        visit: Visit,
    ) -> tuple[ApiKey, ApiKeySecret]:
        """Make a key and return it with its secret, which is told this once.

        Raises:
            InvalidKeyNameError: The name is none.
            InsufficientScopeError: The key would be allowed more than its maker, or than any key.
            WrongPasswordError, CodeNeededError, WrongCodeError and others: See `SecondFactorService.proven`.
            TooManyApiKeysError: There are enough.
        """
        now = self._clock()
        allowed = scopes_for_key(frozenset(scopes), principal)
        cleaned = clean_key_name(name)
        await self._second_factors.proven(principal, password=password, code=code, visit=visit)
        secret = ApiKeySecret.new()
        expires_at = (now + lives).replace(microsecond=0) if lives else None
        key = ApiKey(secret.key_id, principal.account_id, cleaned, allowed, now, expires_at)
        if not await self._store.add(key, digest=secret.digest):
            raise TooManyApiKeysError
        await self._record(AuditKind.API_KEY_MADE, key, visit)
        return key, secret

    async def keys(self, principal: Principal) -> list[ApiKey]:
        """Return the caller's keys, the newest first."""
        found = await self._store.of_account(principal.account_id)
        return sorted(found, key=lambda key: key.created_at, reverse=True)

    async def revoke(self, principal: Principal, key_id: str, visit: Visit) -> None:
        """Revoke one of the caller's keys, at once.

        Raises:
            ApiKeyNotFoundError: The caller has none of that id.
        """
        key = await self._store.get(key_id)
        if key is None or key.account_id != principal.account_id:
            raise ApiKeyNotFoundError
        await self._store.remove(key_id)
        await self._record(AuditKind.API_KEY_REVOKED, key, visit)

    async def _record(self, kind: AuditKind, key: ApiKey, visit: Visit) -> None:
        about = {"key": key.name, "scopes": " ".join(sorted(key.scopes))}
        await self._audit.record(AuditEvent(key.account_id, self._clock(), kind, visit.address, visit.device, about))
