"""What people do with an account: open it, look at it, change its name and password."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from heliograph.audit import AuditEvent, AuditKind, AuditLog
from heliograph.identity import Principal
from heliograph.visits import Visit
from heliograph_auth.domain.accounts import (
    Account,
    EmailVerification,
    clean_name,
    new_account_id,
    normalised_email,
    utc_now,
)
from heliograph_auth.domain.errors import (
    AccountNotFoundError,
    InvalidInvitationError,
    RegistrationClosedError,
    TooManyTriesError,
    WeakPasswordError,
    WrongPasswordError,
)
from heliograph_auth.domain.invitations import invitation_digest
from heliograph_auth.domain.sessions import TokenPair
from heliograph_auth.domain.throttling import REGISTRATIONS, Limit
from heliograph_auth.service.confirmations import ConfirmationService
from heliograph_auth.service.opening import opened
from heliograph_auth.service.ports import AccountStore, Passwords
from heliograph_auth.service.second_factor import SecondFactorService
from heliograph_auth.service.sessions import SessionService
from heliograph_auth.service.sign_in_guard import SignInGuard


class AccountService:
    """The use cases of accounts."""

    def __init__(
        self,
        store: AccountStore,
        passwords: Passwords,
        sessions: SessionService,
        second_factors: SecondFactorService,
        guard: SignInGuard,
        audit: AuditLog,
        confirmations: ConfirmationService,
        *,
        verification: EmailVerification = EmailVerification.OFFERED,
        registration_is_open: bool = True,
        registrations: Limit = REGISTRATIONS,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._sessions = sessions
        self._second_factors = second_factors
        self._guard = guard
        self._audit = audit
        self._confirmations = confirmations
        self._verification = verification
        self._registration_is_open = registration_is_open
        self._registrations = registrations
        self._clock = clock

    async def register(
        self, *, email: str, password: str, name: str, visit: Visit, invitation: str | None = None
    ) -> Account | None:
        """Open an account; or, where its address has to be verified, write there, and return None whosever it is.

        With an invitation's secret it is opened also where people can't do that by themselves.

        Raises:
            RegistrationClosedError: People can't do that by themselves here.
            InvalidInvitationError: The invitation is not good, or not for this address.
            InvalidEmailError, InvalidNameError, WeakPasswordError: What was given is none, or too weak.
            TooManyTriesError: Many have registered from there just now, or got letters at that address.
            EmailTakenError: Somebody has it, in whatever case. Never where it has to be verified.
        """
        if not self._registration_is_open and not invitation:
            raise RegistrationClosedError
        address, cleaned = normalised_email(email), clean_name(name)
        await self._guard.count_deed("registration", visit.address, self._registrations)
        await self._refuse_a_weak(password, address, cleaned)
        password_hash = await self._passwords.hashed(password)
        account = Account(new_account_id(), address, cleaned, password_hash, self._clock())
        digest = invitation_digest(invitation) if invitation else ""
        if digest and not await self._store.admits(digest, account):
            raise InvalidInvitationError
        if self._verification is EmailVerification.REQUIRED:
            await self._confirmations.invite(account, invitation=digest)
            return None
        account = await opened(account, self._store, self._audit, visit, invitation=digest)
        with suppress(TooManyTriesError):  # the account is open all the same, and its page offers to ask again
            await self._confirmations.ask_whether(account)
        return account

    async def account(self, principal: Principal) -> Account:
        """Return the caller's account.

        Raises:
            AccountNotFoundError: It is gone.
        """
        account = await self._store.get(principal.account_id)
        if account is None:
            raise AccountNotFoundError
        return account

    async def rename(self, principal: Principal, name: str, visit: Visit) -> Account:
        """Give the caller another name.

        Raises:
            InvalidNameError: It is none.
            AccountNotFoundError: The account is gone.
        """
        account = await self._store.rename(principal.account_id, clean_name(name))
        if account is None:
            raise AccountNotFoundError
        await self._audit.record(
            AuditEvent(account.account_id, self._clock(), AuditKind.NAME_CHANGED, visit.address, visit.device)
        )
        return account

    async def change_password(
        self, principal: Principal, *, current: str, new: str, code: str | None, visit: Visit
    ) -> TokenPair:
        """Change the password, and sign out everyone but the caller, who gets new tokens: all others end here.

        Raises:
            AccountNotFoundError: The account is gone.
            WeakPasswordError: `new` is too easy to guess.
            WrongPasswordError, CodeNeededError, WrongCodeError and others: See `SecondFactorService.proven`.
        """
        account = await self.account(principal)
        await self._refuse_a_weak(new, account.email, account.name)
        account = await self._second_factors.proven(principal, password=current, code=code, visit=visit)
        changed = await self._store.change_password(account, await self._passwords.hashed(new))
        if changed is None:
            raise WrongPasswordError("The password was changed by somebody else just now.")
        await self._audit.record(
            AuditEvent(account.account_id, self._clock(), AuditKind.PASSWORD_CHANGED, visit.address, visit.device)
        )
        return await self._sessions.begin_alone(changed, visit)

    async def _refuse_a_weak(self, password: str, address: str, name: str) -> None:
        if weakness := await self._passwords.weakness(password, [address, *address.split("@"), *name.split()]):
            raise WeakPasswordError(weakness)
