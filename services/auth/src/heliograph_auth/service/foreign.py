"""Signing in by another site (OpenID Connect), and linking an account with one there."""

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from heliograph.audit import AuditEvent, AuditKind, AuditLog
from heliograph.identity import Principal
from heliograph.photos import OwnerId
from heliograph.visits import Visit
from heliograph_auth.domain.accounts import Account, clean_name, email_key, new_account_id, normalised_email, utc_now
from heliograph_auth.domain.challenges import Challenge, Purpose, digest_of, new_secret
from heliograph_auth.domain.errors import EmailTakenError, InvalidEmailError, InvalidNameError
from heliograph_auth.domain.foreign import (
    LIVES,
    Foreigner,
    ForeignSignInOffError,
    ForeignSignInRefusedError,
    Identity,
    IdentityNotFoundError,
    LinkedElsewhereError,
    UnknownForeignerError,
    nonce_of,
    verifier_of,
)
from heliograph_auth.service.ports import AccountStore, Passwords
from heliograph_auth.service.second_factor import SecondFactorService
from heliograph_auth.service.second_factor_ports import ChallengeStore


class IdentityStore(Protocol):
    """Where links are kept. tests/contract/test_identity_store.py is its specification."""

    async def add(self, identity: Identity) -> bool:
        """Store a new link; return False, changing nothing, where that account of the provider has one."""

    async def get(self, identity_id: str) -> Identity | None:
        """Return the link of that id."""

    async def of_account(self, account_id: OwnerId) -> list[Identity]:
        """Return an account's links; what was added or removed a moment ago may be missing or there."""

    async def remove(self, identity_id: str) -> None:
        """Forget a link; nothing happens where there is none."""


class Provider(Protocol):
    """The one other site that is asked, known by the settings alone."""

    async def authorization_url(self, *, state: str, nonce: str, verifier: str) -> str:
        """Return where a browser signs in there; raise `UnavailableError` where the provider can't be asked."""

    async def foreigner(self, answer: Mapping[str, str], *, nonce: str, verifier: str) -> Foreigner:
        """Return who has signed in there, by what the browser has brought back.

        Raises:
            ForeignSignInRefusedError: The provider says nobody has, the answer is another's, or its token is not good.
            UnavailableError: It does not answer.
        """


@dataclass(frozen=True)
class Begun:
    """Where the browser goes, and what it has to keep meanwhile."""

    url: str
    browser: str

    def __repr__(self) -> str:
        return "Begun(…)"


@dataclass(frozen=True)
class Done:
    """Whose it is, and whether that was for linking: then the session is there already."""

    account: Account
    was_linking: bool


class ForeignSignIn:
    """The use cases of signing in by another site."""

    def __init__(
        self,
        accounts: AccountStore,
        store: IdentityStore,
        challenges: ChallengeStore,
        passwords: Passwords,
        second_factors: SecondFactorService,
        audit: AuditLog,
        provider: Provider | None,
        *,
        opens_accounts: bool = False,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._accounts = accounts
        self._store = store
        self._challenges = challenges
        self._passwords = passwords
        self._second_factors = second_factors
        self._audit = audit
        self._provider = provider
        self._opens_accounts = opens_accounts
        self._clock = clock

    async def begin(self) -> Begun:
        """Begin to sign in.

        Raises:
            ForeignSignInOffError: There is no provider.
            UnavailableError: It does not answer.
        """
        return await self._begin(None)

    async def begin_linking(self, principal: Principal, *, password: str, code: str | None, visit: Visit) -> Begun:
        """Begin to link the caller's account with one at the provider, which then signs in to it.

        Raises:
            ForeignSignInOffError, UnavailableError: As in `begin`.
            WrongPasswordError, CodeNeededError, WrongCodeError and others: See `SecondFactorService.proven`.
        """
        self._known_provider()
        return await self._begin(
            await self._second_factors.proven(principal, password=password, code=code, visit=visit)
        )

    async def finish(self, answer: Mapping[str, str], *, browser: str | None, visit: Visit) -> Done:
        """Take what a browser has brought back from the provider.

        Args:
            answer: The query of the address that it came back to.
            browser: What it has kept.
            visit: From where it comes.

        Raises:
            ForeignSignInRefusedError: It was not begun in this browser, or took too long, or is here already; or see
                `Provider.foreigner`.
            UnknownForeignerError: Nobody here is linked with that account, and it may not open one.
            EmailTakenError: It may, but its address has an account: that one's person links it.
            LinkedElsewhereError: It is linked with another account.
        """
        provider = self._known_provider()
        kept = await self._challenges.take(digest_of(answer.get("state", "")))
        if kept is None or not kept.is_good_for(Purpose.FOREIGN_SIGN_IN, self._clock()) or not browser:
            raise ForeignSignInRefusedError
        if not hmac.compare_digest(kept.notes["browser"], digest_of(browser)):
            raise ForeignSignInRefusedError
        foreigner = await provider.foreigner(answer, nonce=nonce_of(browser), verifier=verifier_of(browser))
        if kept.account_id is not None:
            return Done(await self._linked(kept, foreigner, visit), was_linking=True)
        return Done(await self._account_of(foreigner, visit), was_linking=False)

    async def identities(self, principal: Principal) -> list[Identity]:
        """Return what the caller's account is linked with."""
        found = await self._store.of_account(principal.account_id)
        return sorted(found, key=lambda identity: identity.linked_at, reverse=True)

    async def unlink(
        self, principal: Principal, identity_id: str, *, password: str, code: str | None, visit: Visit
    ) -> None:
        """Let the provider sign nobody in to the caller's account any more.

        Raises:
            IdentityNotFoundError: It is not linked like that.
            WrongPasswordError, CodeNeededError, WrongCodeError and others: See `SecondFactorService.proven`.
        """
        identity = await self._store.get(identity_id)
        if identity is None or identity.account_id != principal.account_id:
            raise IdentityNotFoundError
        await self._second_factors.proven(principal, password=password, code=code, visit=visit)
        await self._store.remove(identity_id)
        await self._record(AuditKind.IDENTITY_UNLINKED, identity, visit)

    def _known_provider(self) -> Provider:
        if self._provider is None:
            raise ForeignSignInOffError
        return self._provider

    async def _begin(self, account: Account | None) -> Begun:
        provider = self._known_provider()
        state, browser = new_secret(), new_secret()
        url = await provider.authorization_url(state=state, nonce=nonce_of(browser), verifier=verifier_of(browser))
        await self._challenges.keep(
            Challenge(
                digest_of(state),
                Purpose.FOREIGN_SIGN_IN,
                self._clock() + LIVES,
                account.account_id if account else None,
                account.generation if account else 0,
                {"browser": digest_of(browser)},
            )
        )
        return Begun(url, browser)

    async def _linked(self, kept: Challenge, foreigner: Foreigner, visit: Visit) -> Account:
        account = await self._accounts.get(kept.account_id) if kept.account_id else None
        if account is None or account.generation != kept.generation:
            raise ForeignSignInRefusedError
        identity = Identity(foreigner.issuer, foreigner.subject, account.account_id, self._clock())
        if await self._store.add(identity):
            await self._record(AuditKind.IDENTITY_LINKED, identity, visit)
            return account
        there = await self._store.get(identity.identity_id)
        if there is None or there.account_id != account.account_id:
            raise LinkedElsewhereError
        return account

    async def _account_of(self, foreigner: Foreigner, visit: Visit) -> Account:
        probe = Identity(foreigner.issuer, foreigner.subject, OwnerId(""), self._clock())
        identity = await self._store.get(probe.identity_id)
        if identity:
            account = await self._accounts.get(identity.account_id)
            if account is None:
                raise UnknownForeignerError
            return account
        if not self._opens_accounts or not foreigner.is_email_verified:
            raise UnknownForeignerError
        return await self._opened(foreigner, visit)

    async def _opened(self, foreigner: Foreigner, visit: Visit) -> Account:
        """Open an account, with a password that nobody knows, and link it."""
        try:
            address = normalised_email(foreigner.email)
        except InvalidEmailError as error:
            raise UnknownForeignerError from error
        try:
            name = clean_name(foreigner.name)
        except InvalidNameError:
            name = address.partition("@")[0]
        if await self._accounts.with_email(email_key(address)):
            raise EmailTakenError("Your address has an account here: sign in to it, and link it on the account page.")
        nobodys = await self._passwords.hashed(secrets.token_urlsafe(32))
        now = self._clock()
        account = Account(new_account_id(), address, name, nobodys, now, email_verified_at=now)
        if not await self._accounts.create(account):
            raise EmailTakenError
        opened = AuditEvent(account.account_id, self._clock(), AuditKind.ACCOUNT_OPENED, visit.address, visit.device)
        await self._audit.record(opened)
        identity = Identity(foreigner.issuer, foreigner.subject, account.account_id, self._clock())
        if not await self._store.add(identity):
            raise LinkedElsewhereError
        await self._record(AuditKind.IDENTITY_LINKED, identity, visit)
        return account

    async def _record(self, kind: AuditKind, identity: Identity, visit: Visit) -> None:
        about = {"name": identity.issuer}
        event = AuditEvent(identity.account_id, self._clock(), kind, visit.address, visit.device, about)
        await self._audit.record(event)
