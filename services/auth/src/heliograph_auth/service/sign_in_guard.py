"""Stands before every look at a password: counts the tries, and makes those who guess wait."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Protocol

from heliograph.audit import AuditEvent, AuditKind, AuditLog
from heliograph.photos import OwnerId
from heliograph.visits import Visit
from heliograph_auth.domain.accounts import Account, email_key, utc_now
from heliograph_auth.domain.errors import SignInsThrottledError
from heliograph_auth.domain.throttling import Throttle, Tries, throttles

_RACES: Final = 8
"""How often a count is tried to be raised that others raise at the same moment."""


class TryStore(Protocol):
    """Where tries are counted. tests/contract/test_try_store.py is its specification."""

    async def get(self, keys: Sequence[str]) -> dict[str, Tries]:
        """Return what is known under each key; no tries, where nothing is."""

    async def replace(self, key: str, tries: Tries, *, expected: Tries, forget_at: datetime) -> bool:
        """Keep `tries`; return False, changing nothing, where others than `expected` are there."""

    async def forget(self, key: str) -> None:
        """Know nothing of a key any more."""


class Attempt:
    """One look at a password that was let through; say how it went."""

    def __init__(self, guard: "SignInGuard", counted: list[Throttle], email: str, visit: Visit) -> None:
        self._guard = guard
        self._counted = counted
        self._email = email
        self._visit = visit

    async def failed(self, account: Account | None) -> None:
        """Count it. The same is written whether there is an account or not: the time that takes tells nothing."""
        for throttle in self._counted:
            if not throttle.is_cleared_by_success:
                await self._guard.count(throttle)
        await self._guard.record_failure(account, self._email, self._visit)

    async def succeeded(self) -> None:
        """Forget the tries of this account from this address."""
        for throttle in self._counted:
            if throttle.is_cleared_by_success:
                await self._guard.forget(throttle)


class SignInGuard:
    """Lets tries through, or not yet."""

    def __init__(self, store: TryStore, audit: AuditLog, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock

    async def attempt(self, email: str, visit: Visit) -> Attempt:
        """Let a try through.

        What counts one account at one address is raised here, before the password is looked at: of many tries at
        once no more are let through than of as many one after the other.

        Raises:
            SignInsThrottledError: Not yet.
        """
        counted = throttles(email_key(email), visit.address)
        known = await self._store.get([throttle.key for throttle in counted])
        now = self._clock()
        if pause := max((known[throttle.key].pause(now) for throttle in counted), default=timedelta(0)):
            raise SignInsThrottledError(pause)
        for throttle in counted:
            if throttle.is_cleared_by_success and not await self.count(throttle, known[throttle.key]):
                raise SignInsThrottledError(timedelta(seconds=1))
        return Attempt(self, counted, email, visit)

    async def count(self, throttle: Throttle, known: Tries | None = None) -> bool:
        """Raise a count; return False where a pause began meanwhile, or too many others raise it."""
        for _ in range(_RACES):
            tries = known if known is not None else (await self._store.get([throttle.key]))[throttle.key]
            known = None
            now = self._clock()
            if tries.pause(now):
                return False
            more = tries.with_one_more(throttle.limit, now)
            forget_at = now + throttle.limit.forgets_after + throttle.limit.longest_pause
            if await self._store.replace(throttle.key, more, expected=tries, forget_at=forget_at):
                return True
        return False

    async def forget(self, throttle: Throttle) -> None:
        """Begin a count anew."""
        await self._store.forget(throttle.key)

    async def record_failure(self, account: Account | None, email: str, visit: Visit) -> None:
        """Write it into the log of the account; of an address without one, into a log that nobody reads."""
        owner_id = account.account_id if account else _nobody(email)
        await self._audit.record(
            AuditEvent(owner_id, self._clock(), AuditKind.SIGN_IN_FAILED, visit.address, visit.device)
        )


def _nobody(email: str) -> OwnerId:
    return OwnerId(f"nobody#{sha256(email_key(email).encode()).hexdigest()[:32]}")
