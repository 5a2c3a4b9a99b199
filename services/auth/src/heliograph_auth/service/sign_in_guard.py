"""Stands before every look at a password: counts the tries, and makes those who guess wait."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from types import TracebackType
from typing import Protocol, Self

from heliograph.audit import AuditEvent, AuditKind, AuditLog
from heliograph.identity import Principal
from heliograph.photos import OwnerId
from heliograph.visits import Visit
from heliograph_auth.domain.accounts import Account, email_key, utc_now
from heliograph_auth.domain.errors import SignInsThrottledError, TooManyTriesError
from heliograph_auth.domain.throttling import (
    KNOWN_FOR,
    Counted,
    Limit,
    Throttle,
    Tries,
    deed_throttle,
    place_of,
    session_throttle,
    site_of,
    throttles,
)


class TryStore(Protocol):
    """Where tries are counted. tests/contract/test_try_store.py is its specification."""

    async def get(self, keys: Sequence[str]) -> dict[str, Tries]:
        """Return what is known under each key; no tries, where nothing is."""

    async def count(self, key: str, limit: Limit, now: datetime) -> Counted:
        """Count one more try, unless a pause lasts; of many at once each is counted for itself."""

    async def give_back(self, key: str, counted: Counted) -> None:
        """Count a try no more, and end the pause that it began."""

    async def forget(self, key: str) -> None:
        """Know nothing of a key any more."""

    async def is_known(self, place: str, now: datetime) -> bool:
        """Whether a place was noted, and the time it was noted for is not over."""

    async def note(self, place: str, until: datetime) -> None:
        """Know a place until then."""


class Attempt:
    """A look at a password that has to be let through first: `async with guard.attempt(…) as attempt`.

    Say inside how it went. Where nothing is said (too many are waiting, a table does not answer), the try was none.
    """

    def __init__(self, guard: "SignInGuard", email: str, visit: Visit, session_id: str | None = None) -> None:
        self._guard = guard
        self._email = email
        self._visit = visit
        self._session_id = session_id
        self._taken: list[tuple[Throttle, Counted]] = []

    async def __aenter__(self) -> Self:
        self._taken = await self._guard.admit(self._email, self._visit, self._session_id)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._guard.give_back(self._taken)
        self._taken = []

    async def failed(self, account: Account | None) -> None:
        """Leave it counted. The same is written whether there is an account or not: its time tells nothing."""
        pause = self._guard.longest_pause(self._taken)
        self._taken = []
        await self._guard.record_failure(account, self._email, self._visit, pause)

    async def succeeded(self) -> None:
        """Forget the tries of this account from this address, and know the address as the account's from now on."""
        await self._guard.welcome(self._email, self._visit, self._taken)
        self._taken = []


class SignInGuard:
    """Lets tries through, or not yet."""

    def __init__(self, store: TryStore, audit: AuditLog, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock

    def attempt(self, email: str, visit: Visit) -> Attempt:
        """Return a try to sign in; `SignInsThrottledError` on entering it: not yet."""
        return Attempt(self, email, visit)

    def attempt_within(self, principal: Principal, account: Account, visit: Visit) -> Attempt:
        """Return a look at the password of somebody who is signed in: counted by the session, whatever others do."""
        return Attempt(self, account.email, visit, principal.session_id)

    async def admit(self, email: str, visit: Visit, session_id: str | None) -> list[tuple[Throttle, Counted]]:
        """Count a try before the password is looked at, and return what it was counted towards.

        Of many tries at once no more are let through than of as many one after the other.

        Raises:
            SignInsThrottledError: Not yet; nothing was counted.
        """
        now = self._clock()
        key = email_key(email)
        if session_id is None:
            is_known = await self._store.is_known(place_of(key, visit.address), now)
            counting = throttles(key, visit.address, is_known=is_known)
        else:
            counting = [session_throttle(session_id)]
        known = await self._store.get([throttle.key for throttle in counting])
        if pause := max(known[throttle.key].pause(now) for throttle in counting):
            raise SignInsThrottledError(pause)
        taken: list[tuple[Throttle, Counted]] = []
        for throttle in counting:
            counted = await self._store.count(throttle.key, throttle.limit, now)
            if counted.after is None:
                await self.give_back(taken)
                raise SignInsThrottledError(counted.before.pause(now))
            taken.append((throttle, counted))
        return taken

    async def give_back(self, taken: Sequence[tuple[Throttle, Counted]]) -> None:
        """Count a try no more."""
        for throttle, counted in taken:
            await self._store.give_back(throttle.key, counted)

    async def welcome(self, email: str, visit: Visit, taken: Sequence[tuple[Throttle, Counted]] = ()) -> None:
        """Let whoever has just proved that an account is theirs go on from where they are."""
        for throttle, counted in taken:
            if throttle.is_cleared_by_success:
                await self._store.forget(throttle.key)
            else:
                await self._store.give_back(throttle.key, counted)
        await self._store.note(place_of(email_key(email), visit.address), self._clock() + KNOWN_FOR)

    async def count_deed(self, deed: str, whose: str, limit: Limit) -> None:
        """Count something that is throttled by itself, such as registering.

        Args:
            deed: What it is, in a word.
            whose: An address of the network or of mail; of an IPv6 address its site counts.
            limit: How often is free.

        Raises:
            TooManyTriesError: Not yet.
        """
        now = self._clock()
        throttle = deed_throttle(deed, site_of(whose), limit)
        counted = await self._store.count(throttle.key, throttle.limit, now)
        if counted.after is None:
            raise TooManyTriesError(counted.before.pause(now))

    def longest_pause(self, taken: Sequence[tuple[Throttle, Counted]]) -> timedelta:
        """Return how long the next try has to wait after this one."""
        now = self._clock()
        return max((counted.after.pause(now) for _, counted in taken if counted.after), default=timedelta(0))

    async def record_failure(self, account: Account | None, email: str, visit: Visit, pause: timedelta) -> None:
        """Write it into the log of the account; of an address without one, into a log that nobody reads.

        The one event says of the pause that the failure began; the tries that are refused meanwhile leave none.
        """
        owner_id = account.account_id if account else _nobody(email)
        about = {"pause_seconds": str(round(pause.total_seconds()))} if pause else {}
        await self._audit.record(
            AuditEvent(owner_id, self._clock(), AuditKind.SIGN_IN_FAILED, visit.address, visit.device, about)
        )


def _nobody(email: str) -> OwnerId:
    return OwnerId(f"nobody#{sha256(email_key(email).encode()).hexdigest()[:32]}")
