"""Asks somebody who is signed in for the password once more, before what a stolen session must not do."""

from heliograph.identity import Principal
from heliograph.visits import Visit
from heliograph_auth.domain.accounts import Account
from heliograph_auth.domain.errors import AccountNotFoundError, WrongPasswordError
from heliograph_auth.service.ports import AccountStore, Passwords
from heliograph_auth.service.sign_in_guard import SignInGuard


class Reauthentication:
    """Compares the password, as throttled as signing in is."""

    def __init__(self, accounts: AccountStore, passwords: Passwords, guard: SignInGuard) -> None:
        self._accounts = accounts
        self._passwords = passwords
        self._guard = guard

    async def account(self, principal: Principal, password: str, visit: Visit) -> Account:
        """Return the caller's account, where that is its password.

        Raises:
            AccountNotFoundError: The account is gone.
            SignInsThrottledError: Too many wrong passwords came before.
            WrongPasswordError: It is not.
        """
        account = await self._accounts.get(principal.account_id)
        if account is None:
            raise AccountNotFoundError
        async with self._guard.attempt_within(principal, account, visit) as attempt:
            if not await self._passwords.match(password, account.password_hash):
                await attempt.failed(account)
                raise WrongPasswordError
            await attempt.succeeded()
        return account
