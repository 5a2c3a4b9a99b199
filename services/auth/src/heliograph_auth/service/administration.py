"""What administrators do: see which accounts there are, close, reopen and delete them, and invite people.

Whether somebody is an administrator is in their token, and is read again from their account at each call: who was
dismissed a moment ago is none. Nothing here leads to anybody's photos.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from heliograph.audit import AuditEvent, AuditKind, AuditLog
from heliograph.errors import ConflictError, ForbiddenError
from heliograph.identity import Principal, Scope
from heliograph.photos import OwnerId
from heliograph.visits import Visit
from heliograph_auth.domain.accounts import Account, normalised_email, utc_now
from heliograph_auth.domain.errors import AccountNotFoundError
from heliograph_auth.domain.invitations import (
    MOST_INVITATIONS,
    Invitation,
    InvitationNotFoundError,
    TooManyInvitationsError,
    ends_after,
    invitation_digest,
    new_secret,
)
from heliograph_auth.service.leaving import Leaving
from heliograph_auth.service.ports import AccountStore, SessionStore
from heliograph_auth.service.second_factor import SecondFactorService


class NotAdminError(ForbiddenError):
    """Only administrators may do that."""

    code = "not-admin"


class AccountChangedError(ConflictError):
    """The account was changed by somebody else at this moment; look at it again."""

    code = "account-changed"


class OwnAccountError(ConflictError):
    """An administrator's own account is not closed or deleted from here."""

    code = "own-account"


@dataclass(frozen=True)
class AccountsPage:
    """Some accounts, and where the next ones begin."""

    accounts: Sequence[Account]
    after: str | None


@dataclass(frozen=True)
class SeenAccount:
    """An account, and when it was used last, as far as its sessions tell."""

    account: Account
    last_seen_at: datetime | None


@dataclass(frozen=True)
class OpenInvitation:
    """An invitation that is still good, and the administrator who made it."""

    invitation: Invitation
    maker: Account


class AccountDirectory(Protocol):
    """All accounts. tests/contract/test_account_directory.py is its specification."""

    async def page(self, *, after: str | None, limit: int) -> AccountsPage:
        """Return some accounts, in no order, at most `limit`; there may be fewer though more follow."""

    async def close(self, account: Account) -> bool:
        """Close an account for every service, and take back all that was given out; False where it was changed."""

    async def reopen(self, account: Account) -> bool:
        """Let an account be signed in to again; False where it was changed meanwhile."""

    async def appoint(self, account: Account, *, is_admin: bool) -> None:
        """Make an account an administrator's, or none."""


class InvitationStore(Protocol):
    """Where invitations are kept. tests/contract/test_invitation_store.py is its specification."""

    async def add(self, invitation: Invitation) -> None:
        """Store a new one."""

    async def made_by(self, account_id: OwnerId) -> list[Invitation]:
        """Return those that somebody has made; what changed a moment ago may not show yet."""

    async def all(self) -> list[Invitation]:
        """Return everybody's, in no order."""

    async def remove(self, digest: str) -> Invitation | None:
        """Forget one, and return it; None where there is none such."""


class Administration:
    """The use cases of administrators."""

    def __init__(
        self,
        accounts: AccountStore,
        directory: AccountDirectory,
        sessions: SessionStore,
        invitations: InvitationStore,
        leaving: Leaving,
        second_factors: SecondFactorService,
        audit: AuditLog,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._accounts = accounts
        self._directory = directory
        self._sessions = sessions
        self._invitations = invitations
        self._leaving = leaving
        self._second_factors = second_factors
        self._audit = audit
        self._clock = clock

    async def accounts(
        self, principal: Principal, *, after: str | None, limit: int, only: Sequence[OwnerId] = ()
    ) -> tuple[list[SeenAccount], str | None]:
        """Return some accounts, and where the next ones begin; or `only` those, as far as they still exist.

        Raises:
            NotAdminError: The caller is no administrator.
        """
        await self._admin(principal)
        if only:
            found = [account for one in dict.fromkeys(only) if (account := await self._accounts.get(one))]
            return [SeenAccount(one, await self._last_seen(one)) for one in found], None
        page = await self._directory.page(after=after, limit=limit)
        return [SeenAccount(one, await self._last_seen(one)) for one in page.accounts], page.after

    async def close(
        self, principal: Principal, account_id: OwnerId, *, password: str, code: str | None, visit: Visit
    ) -> Account:
        """Close an account: from now on nothing of it is good for anything, and nothing of it is lost.

        Raises:
            NotAdminError, AccountNotFoundError, OwnAccountError: The caller may not, or not with this account.
            WrongPasswordError, CodeNeededError, WrongCodeError and others: See `SecondFactorService.proven`.
        """
        await self._other(await self._admin(principal), account_id)
        await self._second_factors.proven(principal, password=password, code=code, visit=visit)
        return await self._change(principal, account_id, visit, AuditKind.ACCOUNT_CLOSED, self._directory.close)

    async def reopen(self, principal: Principal, account_id: OwnerId, visit: Visit) -> Account:
        """Let people sign in to a closed account again.

        Raises:
            NotAdminError, AccountNotFoundError, OwnAccountError: The caller may not, or not with this account.
        """
        return await self._change(principal, account_id, visit, AuditKind.ACCOUNT_REOPENED, self._directory.reopen)

    async def delete(
        self, principal: Principal, account_id: OwnerId, *, password: str, code: str | None, visit: Visit
    ) -> None:
        """Delete somebody's account, as they could themselves.

        Raises:
            NotAdminError, AccountNotFoundError, OwnAccountError: The caller may not, or not with this account.
            WrongPasswordError, CodeNeededError, WrongCodeError and others: See `SecondFactorService.proven`.
        """
        admin = await self._admin(principal)
        account = await self._other(admin, account_id)
        await self._second_factors.proven(principal, password=password, code=code, visit=visit)
        if not await self._leaving.remove(account):
            raise AccountNotFoundError("There is no such account.")
        await self._record(admin, AuditKind.ACCOUNT_DELETED, visit, account=account.account_id)

    async def invite(
        self, principal: Principal, *, note: str, email: str | None, days: int, visit: Visit
    ) -> tuple[OpenInvitation, str]:
        """Make an invitation to register, and return it with its secret, which is told this once.

        Raises:
            NotAdminError: The caller is no administrator.
            InvalidEmailError: The address is none.
            TooManyInvitationsError: There are enough.
        """
        admin = await self._admin(principal)
        address = normalised_email(email) if email else ""
        own = await self._invitations.made_by(admin.account_id)
        if sum(one.ends_at > self._clock() for one in own) >= MOST_INVITATIONS:
            raise TooManyInvitationsError
        secret, now = new_secret(), self._clock()
        invitation = Invitation(
            invitation_digest(secret), admin.account_id, note.strip(), address, now, ends_after(days, now)
        )
        await self._invitations.add(invitation)
        await self._record(admin, AuditKind.REGISTRATION_INVITED, visit, name=invitation.note)
        return OpenInvitation(invitation, admin), secret

    async def invitations(self, principal: Principal) -> list[OpenInvitation]:
        """Return all administrators' invitations that are still good, the newest first.

        Raises:
            NotAdminError: The caller is no administrator.
        """
        await self._admin(principal)
        alive = [one for one in await self._invitations.all() if one.ends_at > self._clock()]
        makers = {maker: await self._accounts.get(maker) for maker in {one.made_by for one in alive}}
        found = [
            OpenInvitation(one, maker)
            for one in alive
            if (maker := makers[one.made_by]) and maker.is_admin and not maker.is_closed
        ]
        return sorted(found, key=lambda one: one.invitation.created_at, reverse=True)

    async def take_back(self, principal: Principal, digest: str, visit: Visit) -> None:
        """Take an invitation back, whichever administrator has made it; they find it in their log.

        Raises:
            NotAdminError: The caller is no administrator.
            InvitationNotFoundError: There is none such.
        """
        admin = await self._admin(principal)
        gone = await self._invitations.remove(digest)
        if gone is None:
            raise InvitationNotFoundError
        kind, about = AuditKind.REGISTRATION_INVITATION_REMOVED, {"name": gone.note}
        await self._record(admin, kind, visit, **about)
        if gone.made_by != admin.account_id:
            await self._audit.record(AuditEvent(gone.made_by, self._clock(), kind, about=about))

    async def _admin(self, principal: Principal) -> Account:
        account = await self._accounts.get(principal.account_id) if Scope.ADMIN in principal.scopes else None
        if account is None or not account.is_admin:
            raise NotAdminError
        return account

    async def _other(self, admin: Account, account_id: OwnerId) -> Account:
        account = await self._accounts.get(account_id)
        if account is None:
            raise AccountNotFoundError("There is no such account.")
        if account.account_id == admin.account_id:
            raise OwnAccountError
        return account

    async def _change(
        self,
        principal: Principal,
        account_id: OwnerId,
        visit: Visit,
        kind: AuditKind,
        change: Callable[[Account], Awaitable[bool]],
    ) -> Account:
        admin = await self._admin(principal)
        account = await self._other(admin, account_id)
        if account.is_closed is (kind is AuditKind.ACCOUNT_CLOSED):
            return account
        if not await change(account):
            raise AccountChangedError
        await self._record(admin, kind, visit, account=account.account_id)
        await self._audit.record(AuditEvent(account_id, self._clock(), kind))
        return await self._other(admin, account_id)

    async def _last_seen(self, account: Account) -> datetime | None:
        sessions = await self._sessions.of_account(account.account_id)
        return max((session.rotated_at for session in sessions), default=None)

    async def _record(self, admin: Account, kind: AuditKind, visit: Visit, **about: str) -> None:
        await self._audit.record(AuditEvent(admin.account_id, self._clock(), kind, visit.address, visit.device, about))
