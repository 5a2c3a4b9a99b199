"""What every `OwnLabelStore` does: the fake and DynamoDB, held to the same."""

import pytest

from heliograph.aws import AwsClients
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.own_labels import OwnLabel
from heliograph_metadata.dynamodb.own_label_store import DynamoOwnLabelStore
from heliograph_metadata.service.own_labels import MOST_OWN, OwnLabelStore
from tests.builders import OWNER
from tests.fakes.in_memory_own_label_store import InMemoryOwnLabelStore

STRANGER = OwnerId("stranger")


@pytest.fixture(params=["in memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> OwnLabelStore:
    if request.param == "in memory":
        return InMemoryOwnLabelStore()
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    return DynamoOwnLabelStore(aws.dynamodb, stack.table_name("questions"))


def a_label(name: str, ticks: int = 5) -> OwnLabel:
    return OwnLabel(name, "dog", "net@1/1", tuple(number / 7 for number in range(64)), -1.5, ticks)


async def test_what_was_learned_is_kept_by_name(store: OwnLabelStore) -> None:
    for name in ("Rex", "Bella"):
        await store.put(OWNER, a_label(name))

    assert list(await store.all(OWNER)) == [a_label("Bella"), a_label("Rex")]


async def test_what_was_learned_anew_takes_the_place_of_the_old_however_it_is_written(store: OwnLabelStore) -> None:
    await store.put(OWNER, a_label("Réx"))
    await store.put(OWNER, a_label("REX", ticks=9))

    assert list(await store.all(OWNER)) == [a_label("REX", ticks=9)]


async def test_what_is_forgotten_is_gone_and_may_be_forgotten_twice(store: OwnLabelStore) -> None:
    await store.put(OWNER, a_label("Rex"))

    for _ in range(2):
        await store.remove(OWNER, "rex")

    assert list(await store.all(OWNER)) == []


async def test_another_account_has_labels_of_its_own(store: OwnLabelStore) -> None:
    await store.put(OWNER, a_label("Rex"))

    await store.remove(STRANGER, "Rex")

    assert list(await store.all(STRANGER)) == []
    assert list(await store.all(OWNER)) == [a_label("Rex")]


async def test_no_more_are_looked_for_than_can_be(store: OwnLabelStore) -> None:
    for number in range(MOST_OWN + 1):
        await store.put(OWNER, a_label(f"dog {number:03}"))

    assert [one.name for one in await store.all(OWNER)] == [f"dog {number:03}" for number in range(MOST_OWN)]
