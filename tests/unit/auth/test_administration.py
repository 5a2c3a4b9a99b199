"""What administrators may do with accounts and invitations, and that nobody else may."""

from datetime import timedelta
from typing import Any

import pytest

from heliograph.audit import AuditKind
from heliograph.departures import SETTLES_AFTER
from heliograph.identity import EVERYTHING, Principal, Scope
from heliograph.photos import OwnerId
from heliograph_auth.domain.accounts import Account, EmailVerification
from heliograph_auth.domain.api_keys import KEY_SCOPES
from heliograph_auth.domain.errors import (
    AccountClosedError,
    AccountNotFoundError,
    InvalidInvitationError,
    InvalidRefreshTokenError,
    RegistrationClosedError,
    WrongPasswordError,
)
from heliograph_auth.domain.invitations import InvitationNotFoundError, invitation_digest
from heliograph_auth.service.accounts import AccountService
from heliograph_auth.service.administration import AccountChangedError, Administration, NotAdminError, OwnAccountError
from heliograph_auth.service.leaving import Leaving
from heliograph_auth.service.sign_in_guard import SignInGuard
from tests.fakes.in_memory_account_directory import InMemoryAccountDirectory
from tests.fakes.in_memory_account_removal import InMemoryAccountRemoval
from tests.fakes.in_memory_api_key_store import InMemoryApiKeyStore
from tests.fakes.in_memory_departures import InMemoryDepartures
from tests.unit.auth.test_confirmations import letters, token
from tests.unit.auth.world import HOME, PASSWORD, World


class Stage(World):
    """An administrator, and Ada."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = InMemoryAccountDirectory(self.accounts)
        self.departures = InMemoryDepartures()
        keys = InMemoryApiKeyStore(self.access)
        removal = InMemoryAccountRemoval(self.accounts, self.store, keys, self.audit, self.departures)
        leaving = Leaving(
            removal, self.departures, self.second_factors, settles_after=SETTLES_AFTER, clock=lambda: self.now
        )
        self.administration = Administration(
            self.accounts,
            self.directory,
            self.store,
            self.accounts.invitations,
            leaving,
            self.second_factors,
            self.audit,
            clock=lambda: self.now,
        )
        self.closed_registration = self.closed()

    def closed(self, verification: EmailVerification = EmailVerification.OFFERED) -> AccountService:
        return AccountService(
            self.accounts,
            self.passwords,
            self.session_service,
            self.second_factors,
            SignInGuard(self.tries, self.audit, clock=lambda: self.now),
            self.audit,
            self.confirmations,
            verification=verification,
            registration_is_open=False,
            clock=lambda: self.now,
        )

    async def begin(self) -> tuple[Principal, Account]:
        account = await self.register(email="admin@example.com", name="Admin")
        await self.directory.appoint(account, is_admin=True)
        return principal_of(account, EVERYTHING | {Scope.ADMIN}), await self.register()

    async def close(self, admin: Principal, account_id: OwnerId) -> Account:
        return await self.administration.close(admin, account_id, password=PASSWORD, code=None, visit=HOME)

    async def delete(self, admin: Principal, account_id: OwnerId, password: str = PASSWORD) -> None:
        await self.administration.delete(admin, account_id, password=password, code=None, visit=HOME)

    async def invited(self, admin: Principal, **said: Any) -> str:
        wanted: dict[str, Any] = {"note": "Ben", "email": None, "days": 7, "visit": HOME}
        _, secret = await self.administration.invite(admin, **wanted | said)
        return secret

    async def registered(self, secret: str | None, email: str = "ben@example.com") -> Account:
        account = await self.closed_registration.register(
            email=email, password=PASSWORD, name="Ben", visit=HOME, invitation=secret
        )
        assert account is not None
        return account


def principal_of(account: Account, scopes: frozenset[Scope] = EVERYTHING) -> Principal:
    return Principal(account_id=account.account_id, session_id="session", scopes=scopes)


def test_nobody_has_the_scope_by_themselves_and_no_key_can() -> None:
    assert Scope.ADMIN not in EVERYTHING
    assert Scope.ADMIN not in KEY_SCOPES


async def test_who_is_no_administrator_may_nothing_whatever_their_token_says() -> None:
    stage = Stage()
    admin, ada = await stage.begin()
    own = await stage.accounts.get(admin.account_id)
    assert own is not None
    callers = [principal_of(ada), principal_of(ada, EVERYTHING | {Scope.ADMIN}), principal_of(own)]

    for caller in callers:
        with pytest.raises(NotAdminError):
            await stage.administration.accounts(caller, after=None, limit=10)
        with pytest.raises(NotAdminError):
            await stage.close(caller, ada.account_id)
        with pytest.raises(NotAdminError):
            await stage.delete(caller, ada.account_id)
        with pytest.raises(NotAdminError):
            await stage.administration.invite(caller, note="", email=None, days=1, visit=HOME)


async def test_who_was_dismissed_is_no_administrator_at_once() -> None:
    stage = Stage()
    admin, _ = await stage.begin()
    account = await stage.accounts.get(admin.account_id)
    assert account is not None

    await stage.directory.appoint(account, is_admin=False)

    with pytest.raises(NotAdminError):
        await stage.administration.invitations(admin)


async def test_an_administrators_token_says_so_and_nobody_elses() -> None:
    stage = Stage()
    await stage.begin()
    issued: list[Principal] = []
    stage.session_service._tokens.issue = lambda principal, **_: issued.append(principal) or "token"  # type: ignore[method-assign,func-returns-value]

    await stage.sign_in(email="admin@example.com")
    pair = await stage.sign_in()
    await stage.refresh(pair.refresh_token)

    assert [Scope.ADMIN in principal.scopes for principal in issued] == [True, False, False]


async def test_all_accounts_are_seen_with_when_they_were_used_last() -> None:
    stage = Stage()
    admin, _ = await stage.begin()
    await stage.sign_in()

    found, after = await stage.administration.accounts(admin, after=None, limit=10)

    assert after is None
    assert {one.account.email: one.last_seen_at for one in found} == {
        "admin@example.com": None,
        "ada@example.com": stage.now,
    }


async def test_nobody_gets_into_a_closed_account_until_it_is_reopened() -> None:
    stage = Stage()
    admin, ada = await stage.begin()
    pair = await stage.sign_in()

    closed = await stage.close(admin, ada.account_id)

    assert closed.is_closed
    assert ada.account_id in stage.access.closed
    with pytest.raises(InvalidRefreshTokenError):
        await stage.refresh(pair.refresh_token)
    with pytest.raises(AccountClosedError):
        await stage.sign_in()
    assert not (await stage.administration.reopen(admin, ada.account_id, HOME)).is_closed
    assert await stage.sign_in()
    kinds = stage.audit.kinds()
    assert (kinds.count(AuditKind.ACCOUNT_CLOSED), kinds.count(AuditKind.ACCOUNT_REOPENED)) == (2, 2)


async def test_an_account_is_deleted_with_the_administrators_own_password() -> None:
    stage = Stage()
    admin, ada = await stage.begin()

    with pytest.raises(WrongPasswordError):
        await stage.delete(admin, ada.account_id, "a guess")
    assert await stage.accounts.get(ada.account_id)
    await stage.delete(admin, ada.account_id)

    assert await stage.accounts.get(ada.account_id) is None
    assert [one.account_id for one in await stage.departures.all()] == [ada.account_id]
    with pytest.raises(AccountNotFoundError):
        await stage.delete(admin, ada.account_id)


async def test_an_administrator_does_not_shut_themselves_out() -> None:
    stage = Stage()
    admin, _ = await stage.begin()

    with pytest.raises(OwnAccountError):
        await stage.close(admin, admin.account_id)
    with pytest.raises(OwnAccountError):
        await stage.delete(admin, admin.account_id)


async def test_who_is_invited_registers_once_where_nobody_else_can() -> None:
    stage = Stage()
    admin, _ = await stage.begin()
    secret = await stage.invited(admin)

    with pytest.raises(RegistrationClosedError):
        await stage.registered(None)
    with pytest.raises(InvalidInvitationError):
        await stage.registered("a guess")
    assert (await stage.registered(secret)).email == "ben@example.com"
    with pytest.raises(InvalidInvitationError):
        await stage.registered(secret, "eve@example.com")
    assert await stage.administration.invitations(admin) == []


async def test_an_invitation_that_was_taken_back_or_has_run_out_is_good_for_nothing() -> None:
    stage = Stage()
    admin, _ = await stage.begin()
    back, late = await stage.invited(admin), await stage.invited(admin, days=1)
    digest = invitation_digest(back)

    await stage.administration.take_back(admin, digest, HOME)
    with pytest.raises(InvitationNotFoundError):
        await stage.administration.take_back(admin, digest, HOME)
    stage.now += timedelta(days=1)

    for secret in (back, late):
        with pytest.raises(InvalidInvitationError):
            await stage.registered(secret)
    assert await stage.administration.invitations(admin) == []


async def test_where_addresses_are_verified_too_an_invitation_is_asked_for_before_and_used_up_after_the_letter() -> (
    None
):
    world = Stage()
    admin, _ = await world.begin()
    secret = await world.invited(admin, email="ben@example.com")
    strict = world.closed(EmailVerification.REQUIRED)

    async def ask(email: str, invitation: str) -> Account | None:
        return await strict.register(email=email, password=PASSWORD, name="Ben", visit=HOME, invitation=invitation)

    sent = len(await letters(world))
    for email, invitation in (("ben@example.com", "x"), ("eve@example.com", secret)):
        with pytest.raises(InvalidInvitationError):
            await ask(email, invitation)
    assert len(await letters(world)) == sent
    assert await ask("ben@example.com", secret) is None
    assert await ask("ben@example.com", secret) is None
    account = await world.confirmations.confirm(await token(world, "verify"), PASSWORD, HOME)

    assert account.email == "ben@example.com"
    with pytest.raises(InvalidInvitationError):
        await ask("ben@example.com", secret)


async def test_every_administrator_sees_all_invitations_with_their_makers_and_takes_each_back() -> None:
    stage = Stage()
    admin, ada = await stage.begin()
    await stage.directory.appoint(ada, is_admin=True)
    other = principal_of(ada, EVERYTHING | {Scope.ADMIN})
    secret = await stage.invited(admin, note="Ben")

    [seen] = await stage.administration.invitations(other)
    assert (seen.invitation.note, seen.maker.email) == ("Ben", "admin@example.com")
    await stage.administration.take_back(other, seen.invitation.digest, HOME)

    with pytest.raises(InvalidInvitationError):
        await stage.registered(secret)
    told = [event for event in stage.audit.events if event.kind is AuditKind.REGISTRATION_INVITATION_REMOVED]
    assert [(event.owner_id, event.address) for event in told] == [
        (ada.account_id, HOME.address),
        (admin.account_id, ""),
    ]


async def test_an_invitation_is_no_more_good_than_its_maker_is_an_administrator() -> None:
    stage = Stage()
    admin, ada = await stage.begin()
    await stage.directory.appoint(ada, is_admin=True)
    secret = await stage.invited(admin)
    account = await stage.accounts.get(admin.account_id)
    assert account is not None

    await stage.directory.appoint(account, is_admin=False)

    with pytest.raises(InvalidInvitationError):
        await stage.registered(secret)
    assert await stage.administration.invitations(principal_of(ada, EVERYTHING | {Scope.ADMIN})) == []


async def test_who_invited_somebody_finds_in_their_log_that_they_came() -> None:
    stage = Stage()
    admin, _ = await stage.begin()

    ben = await stage.registered(await stage.invited(admin, note="Ben", email="ben@example.com"))

    [event] = [one for one in stage.audit.events if one.kind is AuditKind.REGISTRATION_INVITATION_USED]
    assert (event.owner_id, event.about) == (admin.account_id, {"name": "Ben", "account": ben.account_id})


async def test_an_administrators_log_names_others_by_their_ids_alone() -> None:
    stage = Stage()
    admin, ada = await stage.begin()
    await stage.invited(admin, note="", email="ben@example.com")
    await stage.close(admin, ada.account_id)
    await stage.administration.reopen(admin, ada.account_id, HOME)
    await stage.delete(admin, ada.account_id)

    own = [event for event in stage.audit.events if event.owner_id == admin.account_id]
    assert "@" not in str([dict(event.about) for event in own])
    assert [event.about["account"] for event in own if "account" in event.about] == [ada.account_id] * 3


async def test_accounts_are_found_by_their_ids_as_far_as_they_still_exist() -> None:
    stage = Stage()
    admin, ada = await stage.begin()

    found, after = await stage.administration.accounts(
        admin, after=None, limit=1, only=[ada.account_id, OwnerId("gone"), ada.account_id]
    )

    assert ([one.account.account_id for one in found], after) == ([ada.account_id], None)


async def test_what_another_administrator_changes_at_the_same_moment_is_not_overwritten() -> None:
    stage = Stage()
    admin, ada = await stage.begin()
    read = stage.accounts.get

    async def read_before_it_was_changed(account_id: OwnerId) -> Account | None:
        found = await read(account_id)
        if found is not None and account_id == ada.account_id and await stage.directory.close(found):
            await stage.directory.reopen(stage.accounts.accounts[account_id])
        return found

    stage.accounts.get = read_before_it_was_changed  # type: ignore[method-assign]
    with pytest.raises(AccountChangedError):
        await stage.administration.close(admin, ada.account_id, password=PASSWORD, code=None, visit=HOME)
