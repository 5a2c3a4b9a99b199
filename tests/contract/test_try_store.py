"""What every `TryStore` does: the fake and DynamoDB, held to the same."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from heliograph.aws import AwsClients
from heliograph.settings import SharedSettings
from heliograph_auth.domain.throttling import ADDRESS, PAIR, Limit, Tries
from heliograph_auth.dynamodb.tries import DynamoTryStore
from heliograph_auth.service.sign_in_guard import TryStore
from tests.fakes.in_memory_try_store import InMemoryTryStore

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LATER = NOON + timedelta(hours=1, seconds=1)
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
    await store.count("a", PAIR, NOON)
    assert await store.get(["a", "b"]) == {"a": ONE, "b": Tries()}

    await store.forget("a")
    await store.forget("b")

    assert await store.get(["a", "b"]) == {"a": Tries(), "b": Tries()}


async def test_tries_are_counted_until_one_begins_a_pause_and_while_it_lasts_none_is(store: TryStore) -> None:
    tried = [await store.count("a", PAIR, NOON + number * SECOND / 10) for number in range(7)]

    assert [each.after.count if each.after else None for each in tried] == [1, 2, 3, 4, 5, None, None]
    assert tried[-1].before.pause(NOON + SECOND) > timedelta(0)
    later = await store.count("a", PAIR, NOON + 3 * SECOND)
    assert later.after == Tries(6, NOON + 3 * SECOND, NOON + 7 * SECOND)


async def test_after_an_hour_of_quiet_a_count_begins_anew(store: TryStore) -> None:
    for _ in range(3):
        await store.count("a", PAIR, NOON)

    counted = await store.count("a", PAIR, LATER)

    assert counted.after == Tries(1, LATER)


async def test_who_is_counted_late_by_a_clock_that_is_behind_meets_no_pause(store: TryStore) -> None:
    tried = [await store.count("a", ADDRESS, NOON - number * SECOND) for number in range(20)]

    assert [each.after.count if each.after else None for each in tried] == list(range(1, 21))


@pytest.mark.parametrize("limit", [PAIR, ADDRESS])
async def test_of_many_at_once_no_more_are_counted_than_are_free(store: TryStore, limit: Limit) -> None:
    tried = await asyncio.gather(*(store.count("a", limit, NOON) for _ in range(limit.free + 20)))

    assert sum(each.after is not None for each in tried) == limit.free
    assert (await store.get(["a"]))["a"].count == limit.free


async def test_a_try_that_is_given_back_ends_the_pause_that_it_began(store: TryStore) -> None:
    for _ in range(PAIR.free - 1):
        await store.count("a", PAIR, NOON)

    for number in range(3):
        now = NOON + number * SECOND
        tried = await store.count("a", PAIR, now)
        assert (await store.count("a", PAIR, now)).after is None
        await store.give_back("a", tried)

    left = (await store.get(["a"]))["a"]
    assert (left.count, left.pause(NOON)) == (PAIR.free - 1, timedelta(0))


async def test_tries_given_back_at_once_leave_those_of_others(store: TryStore) -> None:
    tried = [await store.count("a", ADDRESS, NOON + number * SECOND) for number in range(12)]

    await asyncio.gather(*(store.give_back("a", each) for each in tried[:8]))

    assert (await store.get(["a"]))["a"].count == 4


async def test_what_was_forgotten_is_not_given_back(store: TryStore) -> None:
    tried = await store.count("a", PAIR, NOON)
    await store.forget("a")

    await store.give_back("a", tried)

    assert await store.get(["a"]) == {"a": Tries()}


async def test_a_place_is_known_for_as_long_as_it_was_noted(store: TryStore) -> None:
    assert not await store.is_known("home", NOON)

    await store.note("home", LATER)

    assert await store.is_known("home", NOON)
    assert not await store.is_known("home", LATER)
    assert not await store.is_known("elsewhere", NOON)
