"""What every `AccountStore` does: the fake and DynamoDB, held to the same."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from heliograph.aws import AwsClients
from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_auth.domain import Account, Session, new_account_id
from heliograph_auth.dynamodb import DynamoAccountStore
from heliograph_auth.service import AccountStore
from tests.fakes.in_memory_account_store import InMemoryAccountStore

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["in memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> AccountStore:
    if request.param == "in memory":
        return InMemoryAccountStore()
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    return DynamoAccountStore(aws.dynamodb, stack.table_name("accounts"))


def an_account(email: str = "Ada@example.com") -> Account:
    return Account(new_account_id(), email, "Ada", "$argon2id$…", NOON)


def a_session(session_id: str = "s1") -> Session:
    return Session(session_id, OwnerId("a1"), "current", "", NOON, NOON + timedelta(days=30))


async def test_an_account_is_found_by_its_id_and_by_its_address_in_any_case(store: AccountStore) -> None:
    account = an_account()

    assert await store.create(account)

    assert await store.get(account.account_id) == account
    assert await store.with_email("ada@example.com") == account


async def test_who_is_not_there_is_not_found(store: AccountStore) -> None:
    assert await store.get(OwnerId("nobody")) is None
    assert await store.with_email("nobody@example.com") is None
    assert await store.rename(OwnerId("nobody"), "Somebody") is None
    assert await store.session("none") is None
    await store.end_session("none")


async def test_an_address_is_taken_whatever_its_case(store: AccountStore) -> None:
    first = an_account()
    await store.create(first)

    assert not await store.create(an_account("ADA@example.com"))

    assert await store.with_email("ada@example.com") == first


async def test_of_two_who_register_one_address_at_once_one_gets_it(store: AccountStore) -> None:
    accounts = [an_account() for _ in range(4)]

    async def created(account: Account) -> bool:
        try:
            return await store.create(account)
        except UnavailableError:
            return False

    made = await asyncio.gather(*map(created, accounts))

    assert sum(made) == 1
    assert await store.with_email("ada@example.com") == accounts[made.index(True)]


async def test_a_name_changes_and_nothing_else(store: AccountStore) -> None:
    account = an_account()
    await store.create(account)

    renamed = await store.rename(account.account_id, "Countess")

    assert renamed == replace(account, name="Countess") == await store.get(account.account_id)


async def test_a_session_is_kept_until_it_ends(store: AccountStore) -> None:
    await store.begin_session(a_session())
    assert await store.session("s1") == a_session()

    await store.end_session("s1")

    assert await store.session("s1") is None


async def test_a_session_rotates_only_from_the_token_that_is_current(store: AccountStore) -> None:
    await store.begin_session(a_session())
    rotated = a_session().rotated("next", now=NOON + timedelta(minutes=1), lives=timedelta(days=30))

    assert await store.rotate_session(rotated, expected_digest="current")
    assert not await store.rotate_session(rotated, expected_digest="current")

    assert await store.session("s1") == rotated


async def test_of_many_rotations_at_once_one_succeeds(store: AccountStore) -> None:
    await store.begin_session(a_session())
    rotated = [a_session().rotated(f"next {n}", now=NOON, lives=timedelta(days=30)) for n in range(8)]

    won = await asyncio.gather(*(store.rotate_session(each, expected_digest="current") for each in rotated))

    assert sum(won) == 1
    assert await store.session("s1") == rotated[won.index(True)]


async def test_a_session_that_has_ended_does_not_come_back_by_rotating(store: AccountStore) -> None:
    assert not await store.rotate_session(a_session(), expected_digest="current")

    assert await store.session("s1") is None


async def test_a_missing_table_is_said_to_be_unavailable(aws: AwsClients) -> None:
    with pytest.raises(UnavailableError):
        await DynamoAccountStore(aws.dynamodb, "no-such-table").check()
