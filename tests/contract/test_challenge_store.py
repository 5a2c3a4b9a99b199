"""What every `ChallengeStore` does: the fake and DynamoDB, held to the same."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from heliograph.aws import AwsClients
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_auth.domain.challenges import Challenge, Purpose
from heliograph_auth.dynamodb.challenges import DynamoChallengeStore
from heliograph_auth.service.second_factor_ports import ChallengeStore
from tests.fakes.in_memory_challenge_store import InMemoryChallengeStore

NOON = datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)
ADAS = Challenge("d1", Purpose.SECOND_STEP, NOON + timedelta(minutes=5), OwnerId("a1"), 3, {"nonce": "n", "é": "✓"})
NOBODYS = Challenge("d2", Purpose.SECOND_STEP, NOON)


@pytest.fixture(params=["in memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> ChallengeStore:
    if request.param == "in memory":
        return InMemoryChallengeStore()
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    return DynamoChallengeStore(aws.dynamodb, stack.table_name("accounts"))


async def test_a_challenge_is_looked_at_as_often_as_one_likes_and_taken_once(store: ChallengeStore) -> None:
    for challenge in (ADAS, NOBODYS):
        await store.keep(challenge)
        assert [await store.get(challenge.digest), await store.get(challenge.digest)] == [challenge, challenge]
        assert await store.take(challenge.digest) == challenge
        assert [await store.get(challenge.digest), await store.take(challenge.digest)] == [None, None]


async def test_of_many_who_take_one_at_once_one_gets_it(store: ChallengeStore) -> None:
    await store.keep(ADAS)

    taken = await asyncio.gather(*(store.take("d1") for _ in range(8)))

    assert [one for one in taken if one] == [ADAS]
