"""What every `IdentityStore` does: the fake and DynamoDB, held to the same."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from heliograph.aws import AwsClients
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_auth.domain.foreign import Identity
from heliograph_auth.dynamodb.identities import DynamoIdentityStore
from heliograph_auth.service.foreign import IdentityStore
from tests.fakes.in_memory_identity_store import InMemoryIdentityStore

ADA = OwnerId("a1")
THERE = Identity("https://there.example", "ada", ADA, datetime(2026, 6, 1, 12, tzinfo=UTC))


@pytest.fixture(params=["in memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> IdentityStore:
    if request.param == "in memory":
        return InMemoryIdentityStore()
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    return DynamoIdentityStore(aws.dynamodb, stack.table_name("accounts"))


async def test_a_link_is_kept_until_it_is_removed(store: IdentityStore) -> None:
    assert await store.add(THERE)
    assert await store.get(THERE.identity_id) == THERE
    assert await store.of_account(ADA) == [THERE]
    assert await store.of_account(OwnerId("a2")) == []

    await store.remove(THERE.identity_id)
    await store.remove(THERE.identity_id)

    assert await store.get(THERE.identity_id) is None


async def test_of_many_who_link_one_account_elsewhere_at_once_one_does(store: IdentityStore) -> None:
    links = [replace(THERE, account_id=OwnerId(f"a{number}")) for number in range(6)]

    made = await asyncio.gather(*map(store.add, links))

    assert sum(made) == 1
    assert await store.get(THERE.identity_id) == links[made.index(True)]


def test_no_two_accounts_elsewhere_have_one_name() -> None:
    assert (
        replace(THERE, issuer="a:b", subject="c").identity_id != replace(THERE, issuer="a", subject="b:c").identity_id
    )
