"""Changing an account's address: asked for with the password, done by a letter to the new one, told to the old one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from heliograph.audit import AuditEvent, AuditKind, AuditLog
from heliograph.errors import ConflictError
from heliograph.identity import Principal
from heliograph.visits import Visit
from heliograph_auth.domain.accounts import Account, email_key, normalised_email, utc_now
from heliograph_auth.domain.confirmations import Confirmation, InvalidLinkError, LinkSecret, Purpose
from heliograph_auth.domain.letters import EMAIL_CHANGE_LIVES
from heliograph_auth.domain.throttling import LETTERS_FROM_ONE, LETTERS_TO_ONE, Limit
from heliograph_auth.service.confirmations import ConfirmationStore, Writing
from heliograph_auth.service.ports import AccountStore
from heliograph_auth.service.second_factor import SecondFactorService
from heliograph_auth.service.sign_in_guard import SignInGuard


class EmailUnchangedError(ConflictError):
    """That is your address already."""

    code = "email-unchanged"


@dataclass(frozen=True)
class Counting:
    """How many letters may be asked for, and who counts them."""

    guard: SignInGuard
    from_one: Limit = LETTERS_FROM_ONE


class EmailChange:
    """The use cases of changing an address. `ConfirmationService` is told of the link; it asks `moved` to do it."""

    def __init__(
        self,
        accounts: AccountStore,
        store: ConfirmationStore,
        second_factors: SecondFactorService,
        counting: Counting,
        audit: AuditLog,
        writing: Writing,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._accounts = accounts
        self._store = store
        self._second_factors = second_factors
        self._counting = counting
        self._audit = audit
        self._mail = writing.mail
        self._letters = writing.letters
        self._postbox = writing.postbox
        self._clock = clock

    async def ask(self, principal: Principal, *, email: str, password: str, code: str | None, visit: Visit) -> None:
        """Write to a new address; nothing changes before the link in the letter was followed.

        Whether the address has an account already is told to its holder alone, by another letter.

        Raises:
            InvalidEmailError: It is no address.
            AccountNotFoundError: The account is gone.
            WrongPasswordError, CodeNeededError, WrongCodeError and others: See `SecondFactorService.proven`.
            EmailUnchangedError: It is the account's, letter for letter.
            TooManyTriesError: There were enough letters to that address, or from there.
        """
        wanted = normalised_email(email)
        account = await self._second_factors.proven(principal, password=password, code=code, visit=visit)
        if wanted == account.email:
            raise EmailUnchangedError
        guard = self._counting.guard
        await guard.count_deed("letters-from", visit.address, self._counting.from_one)
        await guard.count_deed("letters-to", email_key(wanted), LETTERS_TO_ONE)
        await self._record(account, AuditKind.EMAIL_CHANGE_ASKED, visit, email=wanted)

        async def write() -> None:
            holder = await self._accounts.with_email(email_key(wanted))
            if holder and holder.account_id != account.account_id:
                await self._mail.send(self._letters.to_a_holder(holder.email))
                return
            secret = LinkSecret.new()
            await self._store.keep(
                secret.digest,
                Confirmation(
                    Purpose.EMAIL_CHANGE,
                    wanted,
                    self._clock() + EMAIL_CHANGE_LIVES,
                    account.account_id,
                    account.generation,
                    former_email=account.email,
                ),
            )
            await self._mail.send(self._letters.to_change_address(wanted, secret.text))

        self._postbox.later(write)

    async def moved(self, found: Confirmation, account: Account, visit: Visit) -> Account:
        """Give an account the address that a letter has reached, and tell the former one.

        Raises:
            InvalidLinkError: The account has changed since it was asked for, or somebody else has the address by now.
        """
        if not found.holds_for(account):
            raise InvalidLinkError
        changed = await self._accounts.change_email(account, found.email, self._clock())
        if changed is None:
            raise InvalidLinkError
        await self._record(changed, AuditKind.EMAIL_CHANGED, visit, email=changed.email)
        self._postbox.later(lambda: self._mail.send(self._letters.of_a_changed_address(account.email)))
        return changed

    async def _record(self, account: Account, kind: AuditKind, visit: Visit, **about: str) -> None:
        await self._audit.record(
            AuditEvent(account.account_id, self._clock(), kind, visit.address, visit.device, about)
        )
