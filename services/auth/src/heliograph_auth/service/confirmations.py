"""What people do by mail: open an account, confirm its address, replace a password that they have forgotten.

A link's secret is looked up by its hash. What it does is written under a condition that holds once, and the link is
removed after that: whatever dies in between, nothing is done twice and no link is lost.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from heliograph.audit import AuditEvent, AuditKind, AuditLog
from heliograph.errors import ConflictError
from heliograph.identity import Principal
from heliograph.photos import OwnerId
from heliograph.visits import Visit
from heliograph_auth.domain.accounts import Account, email_key, new_account_id, normalised_email, utc_now
from heliograph_auth.domain.confirmations import Confirmation, InvalidLinkError, LinkSecret, Purpose
from heliograph_auth.domain.errors import (
    AccountNotFoundError,
    EmailTakenError,
    WeakPasswordError,
    WrongPasswordError,
)
from heliograph_auth.domain.letters import REGISTRATION_LIVES, RESET_LIVES, VERIFICATION_LIVES, Letters
from heliograph_auth.domain.throttling import LETTERS_FROM_ONE, LETTERS_TO_ONE, Limit
from heliograph_auth.service.mail import Mail, Postbox
from heliograph_auth.service.opening import opened
from heliograph_auth.service.ports import AccountStore, Passwords
from heliograph_auth.service.sign_in_guard import SignInGuard

_NOT_CHOSEN_HERE: Final = (
    "This is not the password that was chosen when this letter was asked for. If you have two letters, follow the "
    "other one; if somebody else asked for it, do nothing."
)


class EmailVerifiedError(ConflictError):
    """Your address is confirmed already."""

    code = "email-verified"


class ConfirmationStore(Protocol):
    """Where it is kept what links stand for. tests/contract/test_confirmation_store.py is its specification."""

    async def keep(self, digest: str, confirmation: Confirmation) -> None:
        """Keep what the link of that digest stands for, at least until it expires."""

    async def get(self, digest: str) -> Confirmation | None:
        """Return what the link of that digest stands for; one that has expired may or may not be there still."""

    async def remove(self, digest: str) -> None:
        """Know the link no more; nothing happens where there is none."""


class Moving(Protocol):
    """Changes addresses."""

    async def moved(self, found: Confirmation, account: Account, visit: Visit) -> Account:
        """Give an account the address that a letter has reached; raise `InvalidLinkError` where that can't be."""


class OtherWays(Protocol):
    """What opens an account beside its password."""

    async def close(self, account_id: OwnerId) -> None:
        """Remove them all: API keys, and what is asked for at a sign-in or stands for the password."""


@dataclass(frozen=True)
class Writing:
    """What letters take: who sends them, in what words, and from which box."""

    mail: Mail
    letters: Letters
    postbox: Postbox


class ConfirmationService:
    """The use cases that go by mail."""

    def __init__(
        self,
        accounts: AccountStore,
        store: ConfirmationStore,
        passwords: Passwords,
        guard: SignInGuard,
        audit: AuditLog,
        writing: Writing,
        other_ways: OtherWays,
        moving: Moving,
        *,
        letters_from_one: Limit = LETTERS_FROM_ONE,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._accounts = accounts
        self._store = store
        self._passwords = passwords
        self._guard = guard
        self._audit = audit
        self._other_ways = other_ways
        self._moving = moving
        self._mail = writing.mail
        self._letters = writing.letters
        self._postbox = writing.postbox
        self._letters_from_one = letters_from_one
        self._clock = clock

    async def invite(self, account: Account, *, invitation: str = "") -> None:
        """Write to whoever registers, or to the holder of the address; the two are alike for who asks.

        Args:
            account: The one that is to be opened.
            invitation: The digest of the invitation that opens it, where there is one.

        Raises:
            TooManyTriesError: There were enough letters to that address.
        """
        email = account.email
        await self._guard.count_deed("letters-to", email_key(email), LETTERS_TO_ONE)

        async def write() -> None:
            if holder := await self._accounts.with_email(email_key(email)):
                await self._mail.send(self._letters.to_a_holder(holder.email))
                return
            expires_at = self._clock() + REGISTRATION_LIVES
            secret = await self._kept(
                Confirmation(
                    Purpose.REGISTRATION,
                    email,
                    expires_at,
                    name=account.name,
                    password_hash=account.password_hash,
                    invitation=invitation,
                )
            )
            await self._mail.send(self._letters.to_open_an_account(email, secret.text))

        self._postbox.later(write)

    async def ask_whether(self, account: Account) -> None:
        """Ask by mail whether an account's address is its holder's.

        Raises:
            TooManyTriesError: There were enough letters to that address.
        """
        await self._guard.count_deed("letters-to", email_key(account.email), LETTERS_TO_ONE)

        async def write() -> None:
            expires_at = self._clock() + VERIFICATION_LIVES
            secret = await self._kept(
                Confirmation(Purpose.VERIFICATION, account.email, expires_at, account.account_id, account.generation)
            )
            await self._mail.send(self._letters.to_verify(account.email, secret.text))

        self._postbox.later(write)

    async def ask_again(self, principal: Principal, visit: Visit) -> None:
        """Ask the caller by mail whether their address is theirs.

        Raises:
            AccountNotFoundError: The account is gone.
            EmailVerifiedError: It is known already.
            TooManyTriesError: There were enough letters to that address, or from there.
        """
        account = await self._accounts.get(principal.account_id)
        if account is None:
            raise AccountNotFoundError
        if account.email_verified_at:
            raise EmailVerifiedError
        await self._guard.count_deed("letters-from", visit.address, self._letters_from_one)
        await self.ask_whether(account)

    async def confirm(self, text: str, password: str, visit: Visit) -> Account:
        """Open the account, or confirm or change the address, that a link stands for; return the account.

        The password that was chosen with it is asked for: somebody else may have chosen one with the same address, and
        would have a confirmed account with a password that they know, once the wrong one of two letters is followed.

        Raises:
            InvalidLinkError: It is none, was followed before, or its time is over.
            TooManyTriesError: Many were followed from there just now.
            SignInsThrottledError: Too many wrong passwords of that account came before.
            WrongPasswordError: Whoever asked for the letter has chosen another; the link stays good.
        """
        secret = LinkSecret.parse(text)
        found = await self._good(secret, {Purpose.REGISTRATION, Purpose.VERIFICATION, Purpose.EMAIL_CHANGE})
        await self._guard.count_deed("confirming", visit.address, self._letters_from_one)
        account = await self._accounts.get(found.account_id) if found.account_id else None
        if found.account_id and (account is None or not found.holds_for(account)):
            raise InvalidLinkError
        if account is None:
            if not await self._passwords.match(password, found.password_hash):
                raise WrongPasswordError(_NOT_CHOSEN_HERE)
            account = await self._opened(found, visit)
            await self._store.remove(secret.digest)
            return account
        async with self._guard.attempt(account.email, visit) as attempt:
            if not await self._passwords.match(password, account.password_hash):
                await attempt.failed(account)
                raise WrongPasswordError(_NOT_CHOSEN_HERE)
            await attempt.succeeded()
        if found.purpose is Purpose.EMAIL_CHANGE:
            account = await self._moving.moved(found, account, visit)
        else:
            account = await self._verified(found, visit)
        await self._store.remove(secret.digest)
        return account

    async def ask_for_reset(self, email: str, visit: Visit) -> None:
        """Write to the holder of an address how to choose a new password; where there is none, to nobody.

        Raises:
            InvalidEmailError: It is no address.
            TooManyTriesError: There were enough letters to that address, or from there.
        """
        address = normalised_email(email)
        await self._guard.count_deed("letters-from", visit.address, self._letters_from_one)
        await self._guard.count_deed("letters-to", email_key(address), LETTERS_TO_ONE)

        async def write() -> None:
            account = await self._accounts.with_email(email_key(address))
            if account is None:
                return
            expires_at = self._clock() + RESET_LIVES
            secret = await self._kept(
                Confirmation(Purpose.RESET, account.email, expires_at, account.account_id, account.generation)
            )
            await self._record(account, AuditKind.PASSWORD_RESET_ASKED, visit)
            await self._mail.send(self._letters.to_reset(account.email, secret.text))

        self._postbox.later(write)

    async def reset(self, text: str, new_password: str, visit: Visit) -> None:
        """Replace a password; everybody who is signed in is signed out, and the holder is told by mail.

        Where nobody has shown before that mail to the address reaches them, all other ways into the account end too.

        Raises:
            InvalidLinkError: It is none, was followed before, its time is over, or the password was changed meanwhile.
            WeakPasswordError: The new one is too easy to guess; the link stays good.
        """
        secret = LinkSecret.parse(text)
        found = await self._good(secret, {Purpose.RESET})
        account = await self._accounts.get(found.account_id) if found.account_id else None
        if account is None or (account.generation, account.email) != (found.generation, found.email):
            raise InvalidLinkError
        known = [account.email, *account.email.split("@"), *account.name.split()]
        if weakness := await self._passwords.weakness(new_password, known):
            raise WeakPasswordError(weakness)
        is_first_proof = account.email_verified_at is None
        if is_first_proof:  # whoever opened the account need not be who reads its mail
            await self._other_ways.close(account.account_id)
        changed = await self._accounts.change_password(account, await self._passwords.hashed(new_password))
        if changed is None:
            raise InvalidLinkError
        await self._record(account, AuditKind.PASSWORD_RESET, visit)
        await self._store.remove(secret.digest)
        await self._accounts.verify_email(account.account_id, account.email, self._clock())
        await self._guard.welcome(account.email, visit)
        self._postbox.later(
            lambda: self._mail.send(self._letters.of_a_reset(account.email, all_is_closed=is_first_proof))
        )

    async def _kept(self, confirmation: Confirmation) -> LinkSecret:
        secret = LinkSecret.new()
        await self._store.keep(secret.digest, confirmation)
        return secret

    async def _good(self, secret: LinkSecret, purposes: set[Purpose]) -> Confirmation:
        found = await self._store.get(secret.digest)
        if found is None or found.purpose not in purposes or found.expires_at <= self._clock():
            raise InvalidLinkError
        return found

    async def _opened(self, found: Confirmation, visit: Visit) -> Account:
        now = self._clock()
        account = Account(new_account_id(), found.email, found.name, found.password_hash, now, email_verified_at=now)
        try:
            return await opened(account, self._accounts, self._audit, visit, invitation=found.invitation)
        except EmailTakenError as error:  # by this link, or by another one to the same address
            raise InvalidLinkError from error

    async def _verified(self, found: Confirmation, visit: Visit) -> Account:
        account = found.account_id and await self._accounts.verify_email(found.account_id, found.email, self._clock())
        if not account:
            raise InvalidLinkError
        await self._record(account, AuditKind.EMAIL_VERIFIED, visit)
        return account

    async def _record(self, account: Account, kind: AuditKind, visit: Visit) -> None:
        await self._audit.record(AuditEvent(account.account_id, self._clock(), kind, visit.address, visit.device))
