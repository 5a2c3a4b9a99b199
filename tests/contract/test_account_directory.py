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


async def test_an_invitation_is_listed_for_its_maker_and_taken_back_by_them_alone(auth: Auth) -> None:
    invitation = an_invitation(email="ben@example.com")
    await auth.invitations.add(invitation)

    assert await auth.invitations.made_by(ADMIN) == [invitation]
    assert await auth.invitations.made_by(OwnerId("another")) == []
    assert not await auth.invitations.remove(OwnerId("another"), "d1")
    assert await auth.invitations.remove(ADMIN, "d1")
    assert not await auth.invitations.remove(ADMIN, "d1")
    assert await auth.invitations.made_by(ADMIN) == []


async def test_an_invitation_opens_one_account(auth: Auth) -> None:
    ben, eve = (Account(OwnerId(name), f"{name}@example.com", name, "hash", NOON) for name in ("ben", "eve"))
    await auth.invitations.add(an_invitation())

    assert await auth.accounts.create(ben, invitation="d1")
    with pytest.raises(InvalidInvitationError):
        await auth.accounts.create(eve, invitation="d1")

    assert await auth.accounts.get(ben.account_id) == ben
    assert await auth.accounts.get(eve.account_id) is None


async def test_an_invitation_for_an_address_is_good_for_no_other_and_none_after_its_time(auth: Auth) -> None:
    ben = Account(OwnerId("ben"), "Ben@example.com", "Ben", "hash", NOON)
    await auth.invitations.add(an_invitation("for-ben", email="ben@EXAMPLE.com"))
    await auth.invitations.add(an_invitation("for-eve", email="eve@example.com"))
    await auth.invitations.add(an_invitation("late", ends_at=NOON))

    for digest in ("for-eve", "late", "none"):
        with pytest.raises(InvalidInvitationError):
            await auth.accounts.create(ben, invitation=digest)
    assert await auth.accounts.create(ben, invitation="for-ben")


async def test_an_address_that_is_taken_uses_no_invitation_up(auth: Auth) -> None:
    [account] = await auth.with_some(1)
    await auth.invitations.add(an_invitation())

    assert not await auth.accounts.create(replace(account, account_id=OwnerId("other")), invitation="d1")

    assert len(await auth.invitations.made_by(ADMIN)) == 1
