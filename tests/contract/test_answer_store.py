"""What every `AnswerStore` does: the fake and DynamoDB, held to the same."""

from dataclasses import replace
from datetime import timedelta

import pytest

from heliograph.aws import AwsClients
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.questions.history import Said
from heliograph_metadata.domain.questions.memory import Answered, AnswerUndone
from heliograph_metadata.domain.questions.question import Where
from heliograph_metadata.dynamodb.answer_store import DynamoAnswerStore
from heliograph_metadata.service.answer_store import AnswerStore
from heliograph_metadata.service.memories import Memories
from tests.builders import LISBON, NOON, OWNER, a_question
from tests.fakes.in_memory_answer_store import InMemoryAnswerStore

STRANGER = OwnerId("stranger")


@pytest.fixture(params=["in memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> AnswerStore:
    if request.param == "in memory":
        return InMemoryAnswerStore()
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    return DynamoAnswerStore(aws.dynamodb, stack.table_name("questions"))


def answered(number: int, answer_id: str = "") -> Said:
    event = Answered(
        answer_id=answer_id or f"a{number}",
        question=a_question(),
        answer=Where(LISBON),
        person_id=OWNER,
        at=NOON + timedelta(minutes=number),
        photos=3,
    )
    return Said(number=number, event=event, jobs=(f"a{number}.0", f"a{number}.1"), key="key", request="request")


def undone(number: int, answer_id: str) -> Said:
    return Said(number=number, event=AnswerUndone(answer_id, NOON), jobs=("a1.0",))


async def unsettled(store: AnswerStore) -> list[tuple[OwnerId, int]]:
    return sorted([found async for found in store.unsettled()])


async def test_everything_that_was_said_is_kept_in_order(store: AnswerStore) -> None:
    said = [answered(number) for number in range(1, 13)] + [undone(13, "a2")]

    for one in said:
        assert await store.add(OWNER, one)

    assert list(await store.since(OWNER, 0)) == said
    assert list(await store.since(OWNER, 11)) == said[11:]
    assert list(await store.since(OWNER, 13)) == []
    assert list(await store.since(STRANGER, 0)) == []


async def test_of_two_who_add_an_event_at_the_same_time_one_is_told_to_look_again(store: AnswerStore) -> None:
    assert await store.add(OWNER, answered(1, "mine"))

    assert not await store.add(OWNER, answered(1, "other"))

    assert [said.event.answer_id for said in await store.since(OWNER, 0)] == ["mine"]
    assert await store.add(STRANGER, answered(1, "other"))


async def test_an_event_is_unsettled_until_somebody_has_drawn_its_consequences(store: AnswerStore) -> None:
    await store.add(OWNER, answered(1))
    await store.add(OWNER, undone(2, "a1"))
    await store.add(STRANGER, answered(1))
    assert await unsettled(store) == sorted([(OWNER, 1), (OWNER, 2), (STRANGER, 1)])

    await store.settle(OWNER, 1)
    await store.settle(OWNER, 1)
    await store.settle(OWNER, 7)

    assert await unsettled(store) == sorted([(OWNER, 2), (STRANGER, 1)])
    assert list(await store.since(OWNER, 0)) == [answered(1), undone(2, "a1")]


async def test_a_memory_follows_what_others_add(store: AnswerStore) -> None:
    memories = Memories(store, most=1)
    assert (await memories.memory(OWNER)).live == {}

    await store.add(OWNER, answered(1))
    assert list((await memories.memory(OWNER)).live) == ["a1"]
    assert (await memories.memory(STRANGER)).live == {}

    await store.add(OWNER, replace(answered(2), key="second"))
    await store.add(OWNER, undone(3, "a1"))
    history = await memories.history(OWNER)
    assert list(history.memory.live) == ["a2"]
    assert list(history.answers) == ["a1", "a2"]
    assert set(history.undone) == {"a1"}
    assert (found := history.by_key("second"))
    assert found.number == 2
    assert history.jobs_of("a1") == ("a1.0", "a1.1")
