"""What every `TryStore` does: the fake and DynamoDB, held to the same."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from heliograph.aws import AwsClients
from heliograph.settings import SharedSettings
from heliograph_auth.domain.throttling import PAIR, Tries
from heliograph_auth.dynamodb.tries import DynamoTryStore
from heliograph_auth.service.sign_in_guard import TryStore
from tests.fakes.in_memory_try_store import InMemoryTryStore

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
ONE = Tries().with_one_more(PAIR, NOON)


@pytest.fixture(params=["in memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> TryStore:
    if request.param == "in memory":
        return InMemoryTryStore()
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    return DynamoTryStore(aws.dynamodb, stack.table_name("accounts"))


async def test_nothing_is_known_at_first_and_nothing_after_it_was_forgotten(store: TryStore) -> None:
    assert await store.get(["a", "b"]) == {"a": Tries(), "b": Tries()}
    await store.replace("a", ONE, expected=Tries(), forget_at=LATER)
    assert await store.get(["a", "b"]) == {"a": ONE, "b": Tries()}

    await store.forget("a")
    await store.forget("b")

    assert await store.get(["a", "b"]) == {"a": Tries(), "b": Tries()}


async def test_tries_are_replaced_only_where_those_expected_are_there(store: TryStore) -> None:
    two = ONE.with_one_more(PAIR, NOON)

    assert not await store.replace("a", two, expected=ONE, forget_at=LATER)
    assert await store.replace("a", ONE, expected=Tries(), forget_at=LATER)
    assert not await store.replace("a", ONE, expected=Tries(), forget_at=LATER)
    assert await store.replace("a", two, expected=ONE, forget_at=LATER)

    assert await store.get(["a"]) == {"a": two}


async def test_of_many_at_once_one_is_counted(store: TryStore) -> None:
    counted = await asyncio.gather(*(store.replace("a", ONE, expected=Tries(), forget_at=LATER) for _ in range(8)))

    assert sum(counted) == 1
