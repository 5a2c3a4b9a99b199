"""What every `AccountDirectory` and `InvitationStore` does: the fakes and DynamoDB, held to the same."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from heliograph.aws import AwsClients
from heliograph.identity import AccessRecord, AccessRecords, DynamoAccessRecords
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_auth.domain.accounts import Account
from heliograph_auth.domain.errors import InvalidInvitationError
from heliograph_auth.domain.invitations import Invitation
from heliograph_auth.dynamodb.accounts import DynamoAccountStore
from heliograph_auth.dynamodb.directory import DynamoAccountDirectory
from heliograph_auth.dynamodb.invitations import DynamoInvitationStore
from heliograph_auth.service.administration import AccountDirectory, InvitationStore
from heliograph_auth.service.ports import AccountStore
from tests.fakes.in_memory_account_directory import InMemoryAccountDirectory
from tests.fakes.in_memory_account_store import InMemoryAccountStore

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ADMIN = OwnerId("admin")


@dataclass
class Auth:
    accounts: AccountStore
    directory: AccountDirectory
    invitations: InvitationStore
    access: AccessRecords

    async def with_some(self, count: int) -> list[Account]:
        made = [Account(OwnerId(f"a{n}"), f"a{n}@example.com", f"A{n}", "hash", NOON) for n in range(count)]
        for account in made:
            assert await self.accounts.create(account)
        return made

    async def with_an_admin(self) -> Account:
        made = Account(ADMIN, "admin@example.com", "Admin", "hash", NOON)
        assert await self.accounts.create(made)
        await self.directory.appoint(made, is_admin=True)
        return replace(made, is_admin=True)


@pytest.fixture(params=["in memory", "dynamodb"])
def auth(request: pytest.FixtureRequest) -> Auth:
    if request.param == "in memory":
        accounts = InMemoryAccountStore()
        return Auth(accounts, InMemoryAccountDirectory(accounts), accounts.invitations, accounts.access)
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    table, access = stack.table_name("accounts"), stack.table_name("access")
    return Auth(
        DynamoAccountStore(aws.dynamodb, table=table, access_table=access),
        DynamoAccountDirectory(aws.dynamodb, table=table, access_table=access),
        DynamoInvitationStore(aws.dynamodb, table),
        DynamoAccessRecords(aws.dynamodb, access),
    )


def an_invitation(digest: str = "d1", *, email: str = "", ends_at: datetime = NOON + DAY) -> Invitation:
    return Invitation(digest, ADMIN, "Ben", email, NOON, ends_at)


async def test_all_accounts_are_listed_once_page_by_page(auth: Auth) -> None:
    made = await auth.with_some(7)
    found: list[Account] = []
    after = None
    while True:
        page = await auth.directory.page(after=after, limit=3)
        assert len(page.accounts) <= 3
        found += page.accounts
        if (after := page.after) is None:
            break

    assert sorted(found, key=lambda account: account.account_id) == made


async def test_a_closed_account_is_closed_for_every_service_until_it_is_reopened(auth: Auth) -> None:
    [account] = await auth.with_some(1)

    assert await auth.directory.close(account)
    closed = await auth.accounts.get(account.account_id)
    assert closed == replace(account, is_closed=True, generation=1)
    assert await auth.access.of(account.account_id, "") == AccessRecord(generation=1, is_closed=True)

    assert await auth.directory.reopen(closed)
    assert await auth.accounts.get(account.account_id) == replace(account, generation=1)
    assert await auth.access.of(account.account_id, "") == AccessRecord(generation=1)


async def test_an_account_whose_password_changed_meanwhile_is_left_as_it_is(auth: Auth) -> None:
    [account] = await auth.with_some(1)

    assert not await auth.directory.close(replace(account, password_hash="another"))

    assert await auth.accounts.get(account.account_id) == account
    assert await auth.access.are_closed([account.account_id]) == frozenset()


async def test_an_administrator_is_appointed_and_dismissed(auth: Auth) -> None:
    [account] = await auth.with_some(1)

    await auth.directory.appoint(account, is_admin=True)
    assert await auth.accounts.get(account.account_id) == replace(account, is_admin=True)
    await auth.directory.appoint(account, is_admin=False)
    assert await auth.accounts.get(account.account_id) == account


async def test_of_two_who_close_and_reopen_at_once_one_is_too_late(auth: Auth) -> None:
    [seen_open] = await auth.with_some(1)
    assert await auth.directory.close(seen_open)
    seen_closed = await auth.accounts.get(seen_open.account_id)
    assert seen_closed is not None
    assert await auth.directory.reopen(seen_closed)

    assert not await auth.directory.close(seen_open)  # it would give sessions of now the generation of later ones

    reopened = await auth.accounts.get(seen_open.account_id)
    assert reopened == replace(seen_open, generation=1)
    assert await auth.directory.close(reopened)
    assert not await auth.directory.reopen(seen_closed)
    assert await auth.access.of(seen_open.account_id, "") == AccessRecord(generation=2, is_closed=True)


async def test_a_password_that_is_changed_while_the_account_is_closed_takes_nothing_back_halfway(auth: Auth) -> None:
    [seen] = await auth.with_some(1)
    assert await auth.directory.close(seen)

    assert await auth.accounts.change_password(seen, "new hash") is None

    assert await auth.accounts.get(seen.account_id) == replace(seen, is_closed=True, generation=1)


async def test_an_invitation_is_listed_with_its_maker_and_taken_back_once(auth: Auth) -> None:
    invitation, other = an_invitation(email="ben@example.com"), replace(an_invitation("d2"), made_by=OwnerId("other"))
    await auth.invitations.add(invitation)
    await auth.invitations.add(other)

    assert await auth.invitations.made_by(ADMIN) == [invitation]
    assert sorted(await auth.invitations.all(), key=lambda one: one.digest) == [invitation, other]
    assert await auth.invitations.remove("d1") == invitation
    assert await auth.invitations.remove("d1") is None
    assert await auth.invitations.made_by(ADMIN) == []
    assert await auth.invitations.all() == [other]


@pytest.mark.parametrize("end", ["dismissed", "closed", "gone"])
async def test_an_invitation_ends_with_the_office_of_its_maker(auth: Auth, end: str) -> None:
    ben, invitation = Account(OwnerId("ben"), "ben@example.com", "Ben", "hash", NOON), an_invitation()
    await auth.invitations.add(invitation)
    if end != "gone":
        admin = await auth.with_an_admin()
        assert await auth.accounts.admits("d1", ben) == invitation
        await (auth.directory.close(admin) if end == "closed" else auth.directory.appoint(admin, is_admin=False))

    assert await auth.accounts.admits("d1", ben) is None
    with pytest.raises(InvalidInvitationError):
        await auth.accounts.create(ben, invitation=invitation)

    assert await auth.accounts.get(ben.account_id) is None
    assert await auth.invitations.all() == [invitation]


async def test_an_invitation_opens_one_account(auth: Auth) -> None:
    ben, eve = (Account(OwnerId(name), f"{name}@example.com", name, "hash", NOON) for name in ("ben", "eve"))
    await auth.with_an_admin()
    await auth.invitations.add(an_invitation())

    assert await auth.accounts.create(ben, invitation=an_invitation())
    with pytest.raises(InvalidInvitationError):
        await auth.accounts.create(eve, invitation=an_invitation())

    assert await auth.accounts.get(ben.account_id) == ben
    assert await auth.accounts.get(eve.account_id) is None


async def test_an_invitation_for_an_address_is_good_for_no_other_and_none_after_its_time(auth: Auth) -> None:
    ben = Account(OwnerId("ben"), "Ben@example.com", "Ben", "hash", NOON)
    await auth.with_an_admin()
    theirs = an_invitation("for-ben", email="ben@EXAMPLE.com")
    others = [an_invitation("for-eve", email="eve@example.com"), an_invitation("late", ends_at=NOON)]
    for invitation in (theirs, *others):
        await auth.invitations.add(invitation)

    for invitation in (*others, an_invitation("none")):
        assert await auth.accounts.admits(invitation.digest, ben) is None
        with pytest.raises(InvalidInvitationError):
            await auth.accounts.create(ben, invitation=invitation)
    assert await auth.accounts.admits("for-ben", ben) == theirs
    assert await auth.accounts.create(ben, invitation=theirs)


async def test_an_address_that_is_taken_uses_no_invitation_up(auth: Auth) -> None:
    [account] = await auth.with_some(1)
    await auth.with_an_admin()
    await auth.invitations.add(an_invitation())

    other = replace(account, account_id=OwnerId("other"))
    assert not await auth.accounts.create(other, invitation=an_invitation())

    assert len(await auth.invitations.made_by(ADMIN)) == 1
