"""Stands before every look at a code: counts the tries for an account, and makes those who guess wait."""

from collections.abc import Callable
from datetime import datetime

from heliograph.photos import OwnerId
from heliograph_auth.domain.accounts import utc_now
from heliograph_auth.domain.second_factor import CODE_TRIES, CodesThrottledError
from heliograph_auth.service.sign_in_guard import TryStore


class CodeGuard:
    """Lets tries through, or not yet. Each is counted before the code is looked at."""

    def __init__(self, store: TryStore, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._clock = clock

    async def attempt(self, account_id: OwnerId) -> None:
        """Let a try through.

        Raises:
            CodesThrottledError: Not yet.
        """
        now = self._clock()
        counted = await self._store.count(_key(account_id), CODE_TRIES, now)
        if counted.after is None:
            raise CodesThrottledError(counted.before.pause(now))

    async def succeeded(self, account_id: OwnerId) -> None:
        """Begin the count anew."""
        await self._store.forget(_key(account_id))


def _key(account_id: OwnerId) -> str:
    return f"code:{account_id}"
