"""What every `SecondFactorStore` does: the fake and DynamoDB, held to the same."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from heliograph.aws import AwsClients
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_auth.domain.second_factor import SecondFactor
from heliograph_auth.dynamodb.second_factors import DynamoSecondFactorStore
from heliograph_auth.service.second_factor_ports import SecondFactorStore
from tests.fakes.in_memory_second_factor_store import InMemorySecondFactorStore

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ADA = OwnerId("a1")
BEGUN = SecondFactor(ADA, b"\x00sealed\xff", NOON)
ON = BEGUN.turned_on(7, {"one", "two"}, NOON + timedelta(minutes=1))


@pytest.fixture(params=["in memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> SecondFactorStore:
    if request.param == "in memory":
        return InMemorySecondFactorStore()
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    return DynamoSecondFactorStore(aws.dynamodb, stack.table_name("accounts"))


async def test_what_is_kept_is_found_as_it_was_and_by_nobody_else(store: SecondFactorStore) -> None:
    assert await store.get(ADA) is None
    for kept, before in ((BEGUN, None), (ON, BEGUN), (ON.without_recovery_code("one").with_step(9), ON)):
        assert await store.replace(kept, expected=before)
        assert await store.get(ADA) == kept
    assert await store.get(OwnerId("a2")) is None


async def test_a_last_recovery_code_can_be_used_up(store: SecondFactorStore) -> None:
    none_left = replace(ON, recovery_digests=frozenset())
    await store.replace(none_left, expected=None)

    assert await store.get(ADA) == none_left


async def test_it_is_replaced_only_where_the_version_expected_is_there(store: SecondFactorStore) -> None:
    assert not await store.replace(ON, expected=BEGUN)
    assert await store.replace(BEGUN, expected=None)
    assert not await store.replace(ON, expected=None)
    assert await store.replace(ON, expected=BEGUN)
    assert not await store.replace(ON.with_step(8), expected=BEGUN)

    assert await store.get(ADA) == ON


async def test_of_many_codes_at_once_one_is_used(store: SecondFactorStore) -> None:
    await store.replace(ON, expected=None)

    used = await asyncio.gather(*(store.replace(ON.with_step(step), expected=ON) for step in range(8, 16)))

    assert sum(used) == 1


async def test_it_is_removed_only_as_it_was_seen(store: SecondFactorStore) -> None:
    await store.replace(ON, expected=None)

    assert not await store.remove(BEGUN)
    assert await store.remove(ON)
    assert not await store.remove(ON)

    assert await store.get(ADA) is None
