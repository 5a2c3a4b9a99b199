"""What every `Departures` does: the fake and DynamoDB, held to the same."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from heliograph.aws import AwsClients
from heliograph.departures import Departure, Departures, DynamoDepartures, Half, departure_item
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from tests.fakes.in_memory_departures import InMemoryDepartures

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ADA = OwnerId("ada")
HOUR = timedelta(hours=1)


@dataclass
class Leaving:
    departures: Departures
    begin: Callable[[OwnerId], Awaitable[None]]


@pytest.fixture(params=["in memory", "dynamodb"])
def leaving(request: pytest.FixtureRequest) -> Leaving:
    if request.param == "in memory":
        fake = InMemoryDepartures()

        async def begin_in_memory(account_id: OwnerId) -> None:
            fake.departures[account_id] = Departure(account_id, NOON)

        return Leaving(fake, begin_in_memory)
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    table = stack.table_name("departures")

    async def begin(account_id: OwnerId) -> None:
        await aws.dynamodb.put_item(TableName=table, Item=departure_item(account_id, NOON))

    return Leaving(DynamoDepartures(aws.dynamodb, table), begin)


async def test_who_leaves_is_there_until_they_are_forgotten(leaving: Leaving) -> None:
    for account_id in (ADA, OwnerId("eve")):
        await leaving.begin(account_id)

    assert sorted(one.account_id for one in await leaving.departures.all()) == ["ada", "eve"]
    await leaving.departures.forget(ADA)
    await leaving.departures.forget(ADA)
    assert await leaving.departures.all() == [Departure(OwnerId("eve"), NOON)]


async def test_each_half_notes_for_itself_that_it_is_removed(leaving: Leaving) -> None:
    await leaving.begin(ADA)

    await leaving.departures.note_removed(ADA, Half.LIBRARY, NOON)
    await leaving.departures.note_removed(ADA, Half.ACCOUNT, NOON)
    await leaving.departures.note_removed(ADA, Half.LIBRARY, NOON + HOUR)

    assert await leaving.departures.all() == [
        Departure(ADA, NOON, {Half.ACCOUNT: NOON, Half.LIBRARY: NOON + HOUR}),
    ]


async def test_a_note_that_comes_too_late_brings_nobody_back(leaving: Leaving) -> None:
    await leaving.departures.note_removed(ADA, Half.LIBRARY, NOON)

    assert await leaving.departures.all() == []


def test_a_half_is_due_at_once_and_once_more_when_nothing_can_come_any_more() -> None:
    asked = Departure(ADA, NOON)
    removed = Departure(ADA, NOON, {Half.LIBRARY: NOON})
    again = Departure(ADA, NOON, {Half.LIBRARY: NOON + HOUR, Half.ACCOUNT: NOON})
    gone = Departure(ADA, NOON, dict.fromkeys(Half, NOON + HOUR))

    assert asked.is_due(Half.LIBRARY, NOON, HOUR)
    assert not removed.is_due(Half.LIBRARY, NOON + HOUR / 2, HOUR)
    assert removed.is_due(Half.ACCOUNT, NOON + HOUR / 2, HOUR)
    assert removed.is_due(Half.LIBRARY, NOON + HOUR, HOUR)
    assert not again.is_due(Half.LIBRARY, NOON + 2 * HOUR, HOUR)
    assert [one.is_over(HOUR) for one in (asked, removed, again, gone)] == [False, False, False, True]
