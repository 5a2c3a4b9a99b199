"""What every `AccountStore` does: the fake and DynamoDB, held to the same."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from heliograph.aws import AwsClients
from heliograph.errors import UnavailableError
from heliograph.identity import AccessRecord, AccessRecords, DynamoAccessRecords
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_auth.domain.accounts import Account, new_account_id
from heliograph_auth.dynamodb.accounts import DynamoAccountStore
from heliograph_auth.service.ports import AccountStore
from tests.fakes.in_memory_account_store import InMemoryAccountStore

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["in memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> AccountStore:
    if request.param == "in memory":
        return InMemoryAccountStore()
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    return DynamoAccountStore(aws.dynamodb, table=stack.table_name("accounts"), access_table=stack.table_name("access"))


@pytest.fixture
def access(request: pytest.FixtureRequest, store: AccountStore) -> AccessRecords:
    """What other services read of it."""
    if isinstance(store, InMemoryAccountStore):
        return store.access
    stack: SharedSettings = request.getfixturevalue("stack")
    aws: AwsClients = request.getfixturevalue("aws")
    return DynamoAccessRecords(aws.dynamodb, stack.table_name("access"))


def an_account(email: str = "Ada@example.com") -> Account:
    return Account(new_account_id(), email, "Ada", "$argon2id$…", NOON)


async def test_an_account_is_found_by_its_id_and_by_its_address_in_any_case(store: AccountStore) -> None:
    account = an_account()

    assert await store.create(account)

    assert await store.get(account.account_id) == account
    assert await store.with_email("ada@example.com") == account


async def test_who_is_not_there_is_not_found(store: AccountStore) -> None:
    assert await store.get(OwnerId("nobody")) is None
    assert await store.with_email("nobody@example.com") is None
    assert await store.rename(OwnerId("nobody"), "Somebody") is None


async def test_an_address_is_changed_and_the_former_one_is_free(store: AccountStore) -> None:
    account = an_account()
    await store.create(account)

    changed = await store.change_email(account, "Ada@straße.de", NOON)

    assert changed == replace(account, email="Ada@straße.de", email_verified_at=NOON)
    assert await store.with_email("ada@xn--strae-oqa.de") == changed
    assert await store.with_email("ada@example.com") is None
    assert await store.create(an_account())
    assert not await store.create(an_account("ADA@straße.de"))


async def test_an_address_is_changed_in_its_case_alone(store: AccountStore) -> None:
    account = an_account()
    await store.create(account)

    changed = await store.change_email(account, "ada@example.com", NOON)

    assert changed is not None
    assert (
        await store.with_email("ada@example.com")
        == changed
        == replace(account, email="ada@example.com", email_verified_at=NOON)
    )


async def test_an_address_that_somebody_has_is_not_taken_from_them(store: AccountStore) -> None:
    ada, eve = an_account(), an_account("eve@example.com")
    await store.create(ada)
    await store.create(eve)

    assert await store.change_email(eve, "ADA@example.com", NOON) is None

    assert await store.with_email("ada@example.com") == ada
    assert await store.with_email("eve@example.com") == eve


async def test_of_two_who_want_one_address_at_once_one_gets_it(store: AccountStore) -> None:
    accounts = [an_account(f"a{number}@example.com") for number in range(4)]
    for account in accounts:
        await store.create(account)

    async def changed(account: Account) -> bool:
        try:
            return await store.change_email(account, "new@example.com", NOON) is not None
        except UnavailableError:
            return False

    assert sum(await asyncio.gather(*map(changed, accounts))) == 1
    holder = await store.with_email("new@example.com")
    left = [await store.with_email(account.email) for account in accounts]
    assert holder is not None
    assert [one for one in left if one is None] == [None]
    assert all(one is None or one.email != "new@example.com" for one in left)


async def test_an_address_is_not_changed_of_an_account_that_has_changed_meanwhile(store: AccountStore) -> None:
    account = an_account()
    await store.create(account)
    await store.change_password(account, "new hash")

    assert await store.change_email(account, "new@example.com", NOON) is None
    assert await store.change_email(an_account("nobody@example.com"), "new@example.com", NOON) is None

    assert await store.with_email("new@example.com") is None


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


async def test_a_hash_is_made_anew_only_for_the_password_that_it_is_of(store: AccountStore) -> None:
    account = an_account()
    await store.create(account)

    assert await store.rehash(account, "anew")
    assert not await store.rehash(account, "too late")

    assert await store.get(account.account_id) == replace(account, password_hash="anew")


async def test_a_changed_password_begins_a_generation_that_every_service_sees(
    store: AccountStore, access: AccessRecords
) -> None:
    account = an_account()
    await store.create(account)
    assert await access.of(account.account_id, "s1") == AccessRecord()

    changed = await store.change_password(account, "another")

    assert changed == replace(account, password_hash="another", generation=1) == await store.get(account.account_id)
    assert await access.of(account.account_id, "s1") == AccessRecord(generation=1)
    assert await access.of(OwnerId("another"), "s1") == AccessRecord()


async def test_of_many_who_change_a_password_at_once_one_does(store: AccountStore, access: AccessRecords) -> None:
    account = an_account()
    await store.create(account)

    async def changed(number: int) -> bool:
        try:
            return await store.change_password(account, f"hash {number}") is not None
        except UnavailableError:
            return False

    assert sum(await asyncio.gather(*map(changed, range(6)))) == 1
    assert await access.of(account.account_id, "s1") == AccessRecord(generation=1)


async def test_a_password_is_not_changed_of_an_account_whose_address_has_changed_meanwhile(store: AccountStore) -> None:
    account = an_account()
    await store.create(account)
    assert await store.change_email(account, "ada@example.net", NOON)

    assert await store.change_password(account, "another") is None


async def test_nobody_s_password_is_not_changed(store: AccountStore) -> None:
    assert await store.change_password(an_account(), "another") is None
    assert not await store.rehash(an_account(), "another")


async def test_a_missing_table_is_said_to_be_unavailable(aws: AwsClients) -> None:
    with pytest.raises(UnavailableError):
        await DynamoAccountStore(aws.dynamodb, table="no-such-table", access_table="none").check()
