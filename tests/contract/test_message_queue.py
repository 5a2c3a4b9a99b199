"""What every `MessageQueue` does: the fake and SQS, held to the same."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from heliograph.aws import AwsClients
from heliograph.errors import UnavailableError
from heliograph.settings import SharedSettings
from heliograph.sqs import MAX_RECEIVES, MessageQueue, ReceivedMessage, SqsQueue
from tests.fakes.in_memory_queue import InMemoryQueue


@pytest.fixture(params=["in memory", "sqs"])
def queue(request: pytest.FixtureRequest) -> MessageQueue:
    if request.param == "in memory":
        return InMemoryQueue()
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    return SqsQueue(aws.sqs, stack.queue_name("photo-prepared"))


async def received(queue: MessageQueue, count: int) -> list[ReceivedMessage]:
    """Receive until `count` messages are in hand: SQS may give fewer than there are."""
    messages: list[ReceivedMessage] = []
    while len(messages) < count:
        messages += await queue.receive(most=min(count - len(messages), 10), wait_seconds=5)
    return messages


async def test_more_messages_than_fit_one_call_all_arrive_once(queue: MessageQueue) -> None:
    bodies = [f"message {number}" for number in range(23)]

    await queue.send(bodies)

    assert sorted(message.body for message in await received(queue, 23)) == sorted(bodies)
    assert await queue.receive(wait_seconds=0) == []


async def test_messages_that_are_together_too_large_for_one_call_all_arrive_once(queue: MessageQueue) -> None:
    bodies = [f"{number}" * 100_000 for number in range(9)]

    await queue.send(bodies)

    assert sorted(message.body for message in await received(queue, 9)) == bodies


async def test_the_depth_counts_what_waits_and_what_is_in_hand(queue: MessageQueue) -> None:
    await queue.send(["first", "second", "third"])
    [message] = await queue.receive(most=1, wait_seconds=5)

    assert await queue.depth() == 3

    await queue.delete([message])
    assert await queue.depth() == 2


async def test_a_message_in_hand_is_hidden_and_comes_back_when_it_is_given_back(queue: MessageQueue) -> None:
    await queue.send(["a photo"])
    [first] = await received(queue, 1)
    assert await queue.receive(wait_seconds=0) == []

    await queue.change_visibility([first], 0)

    [again] = await received(queue, 1)
    assert (again.body, first.receive_count, again.receive_count) == ("a photo", 1, 2)


async def test_a_deleted_message_is_gone_and_the_queue_is_idle(queue: MessageQueue) -> None:
    await queue.send(["one", "two"])
    messages = await received(queue, 2)
    assert not await queue.is_idle()

    await queue.delete(messages)

    assert await queue.is_idle()


async def test_a_long_poll_wakes_for_a_message_that_comes_later(queue: MessageQueue) -> None:
    polling = asyncio.create_task(queue.receive(wait_seconds=20))
    await asyncio.sleep(0)

    await queue.send(["late"])

    async with asyncio.timeout(10):
        assert [message.body for message in await polling] == ["late"]


async def test_a_message_that_is_given_back_too_often_goes_to_the_dead_letters(queue: MessageQueue) -> None:
    await queue.send(["poison"])
    for _ in range(MAX_RECEIVES):
        [message] = await received(queue, 1)
        await queue.change_visibility([message], 0)

    assert message.is_last_chance
    assert await queue.receive(wait_seconds=0) == []
    assert await queue.is_idle()


async def test_nothing_at_all_may_be_sent_deleted_and_given_back(queue: MessageQueue) -> None:
    await queue.send([])
    await queue.delete([])
    await queue.change_visibility([], 0)

    assert await queue.is_idle()


async def test_a_queue_that_is_not_there_is_said_to_be_unavailable(aws: AwsClients) -> None:
    with pytest.raises(UnavailableError, match="no-such-queue"):
        await SqsQueue(aws.sqs, "no-such-queue").is_idle()


async def test_a_queue_that_is_made_after_its_user_started_is_found(aws: AwsClients, stack: SharedSettings) -> None:
    name = stack.queue_name("made-later")
    queue = SqsQueue(aws.sqs, name)
    with pytest.raises(UnavailableError, match="made-later"):
        await queue.send(["too early"])

    await aws.sqs.create_queue(QueueName=name)

    await queue.send(["in time"])
    assert [message.body for message in await received(queue, 1)] == ["in time"]


async def test_a_queue_that_does_not_answer_is_said_to_be_unavailable(aws: AwsClients) -> None:
    queue = SqsQueue(aws.sqs, "gone")
    message = ReceivedMessage("id", "receipt", "body", 1)
    calls: list[Callable[[], Awaitable[object]]] = [
        queue.receive,
        queue.is_idle,
        queue.check,
        lambda: queue.send(["body"]),
        lambda: queue.delete([message]),
        lambda: queue.change_visibility([message], 0),
    ]

    for call in calls:
        with pytest.raises(UnavailableError, match="gone"):
            await call()
