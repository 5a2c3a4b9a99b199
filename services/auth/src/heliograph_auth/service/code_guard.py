"""Stands before every look at a code: counts the tries for an account, and makes those who guess wait."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from heliograph.photos import OwnerId
from heliograph_auth.domain.accounts import utc_now
from heliograph_auth.domain.second_factor import CODE_TRIES, CodesThrottledError
from heliograph_auth.service.sign_in_guard import TryStore

_RACES: Final = 8
"""How often a count is tried to be raised that others raise at the same moment."""


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
        key = _key(account_id)
        for _ in range(_RACES):
            known = (await self._store.get([key]))[key]
            now = self._clock()
            if pause := known.pause(now):
                raise CodesThrottledError(pause)
            forget_at = now + CODE_TRIES.forgets_after + CODE_TRIES.longest_pause
            more = known.with_one_more(CODE_TRIES, now)
            if await self._store.replace(key, more, expected=known, forget_at=forget_at):
                return
        raise CodesThrottledError(timedelta(seconds=1))

    async def succeeded(self, account_id: OwnerId) -> None:
        """Begin the count anew."""
        await self._store.forget(_key(account_id))


def _key(account_id: OwnerId) -> str:
    return f"code:{account_id}"
