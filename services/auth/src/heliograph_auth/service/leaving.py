"""Deleting an account: at once nobody gets in, then what is left of it goes, then what came late."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from heliograph.departures import Departure, Departures, Half
from heliograph.errors import UnavailableError
from heliograph.identity import Principal
from heliograph.photos import OwnerId
from heliograph.visits import Visit
from heliograph_auth.domain.accounts import Account, utc_now
from heliograph_auth.domain.errors import WrongPasswordError
from heliograph_auth.service.second_factor import SecondFactorService

_logger = logging.getLogger(__name__)


class AccountRemoval(Protocol):
    """Takes accounts out of auth's tables. tests/contract/test_account_removal.py is its specification."""

    async def begin(self, account: Account, *, at: datetime) -> bool:
        """Remove an account with its address, close it for every service, and note that it leaves: all or nothing.

        Return False, changing nothing, where it is gone or its password or address was changed meanwhile.
        """

    async def remove_rest(self, account_id: OwnerId) -> None:
        """Remove what belongs to an account: sessions, keys, its security log. Again changes nothing."""

    async def end(self, account_id: OwnerId) -> None:
        """Forget that an account was closed: nothing that was given out for it can be good any more."""


class Leaving:
    """The use cases of whoever leaves."""

    def __init__(
        self,
        removal: AccountRemoval,
        departures: Departures,
        second_factors: SecondFactorService,
        *,
        settles_after: timedelta,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._removal = removal
        self._departures = departures
        self._second_factors = second_factors
        self._settles_after = settles_after
        self._clock = clock

    async def delete(self, principal: Principal, *, password: str, code: str | None, visit: Visit) -> None:
        """Delete the caller's account. From now on nothing of it is good for anything; all else goes in time.

        Raises:
            AccountNotFoundError: It is gone.
            WrongPasswordError, CodeNeededError, WrongCodeError and others: See `SecondFactorService.proven`.
        """
        account = await self._second_factors.proven(principal, password=password, code=code, visit=visit)
        if not await self.remove(account):
            raise WrongPasswordError("The password or the address was changed by somebody else just now.")

    async def remove(self, account: Account) -> bool:
        """Delete an account; return False where it was changed or deleted by somebody else meanwhile."""
        at = self._clock()
        if not await self._removal.begin(account, at=at):
            return False
        _logger.info("an account is being deleted", extra={"account_id": account.account_id})
        return True

    async def look(self, _: timedelta = timedelta()) -> None:
        """Remove auth's half of those who leave, and forget those who have left; one that fails is tried again."""
        for departure in await self._departures.all():
            try:
                await self._look_at(departure)
            except UnavailableError as error:
                _logger.warning("an account is removed later", extra={"reason": str(error)})

    async def _look_at(self, departure: Departure) -> None:
        begun_at = self._clock()
        if departure.is_over(self._settles_after):
            await self._removal.end(departure.account_id)
            await self._departures.forget(departure.account_id)
            _logger.info("an account is deleted", extra={"account_id": departure.account_id})
        elif departure.is_due(Half.ACCOUNT, begun_at, self._settles_after):
            await self._removal.remove_rest(departure.account_id)
            await self._departures.note_removed(departure.account_id, Half.ACCOUNT, begun_at)
