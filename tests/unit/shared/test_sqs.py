"""What is sent goes together, and what a queue has not confirmed was not done."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import pytest

from heliograph.errors import UnavailableError
from heliograph.sqs import GatheringSender, NotTakenError, ReceivedMessage, SqsQueue, batches
from tests.fakes.in_memory_queue import InMemoryQueue

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient


def test_batches_hold_everything_in_order() -> None:
    assert [list(batch) for batch in batches(range(5), 2)] == [[0, 1], [2, 3], [4]]
    assert list(batches([], 2)) == []


class SlowQueue(InMemoryQueue):
    """Takes each call once it is let go on, and remembers what came with it; refuses the body `refused`."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[list[str]] = []
        self.called = asyncio.Event()
        self.may_go_on = asyncio.Event()

    async def send(self, bodies: Sequence[str]) -> None:
        self.calls.append(list(bodies))
        self.called.set()
        await self.may_go_on.wait()
        if "refused" in bodies:
            raise UnavailableError("no")
        await super().send(bodies)


async def test_what_is_sent_while_a_call_is_under_way_goes_together_with_the_next() -> None:
    queue = SlowQueue()
    sender = GatheringSender(queue)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(sender.send(["first"]))
        await queue.called.wait()
        for name in ("second", "third"):
            group.create_task(sender.send([name]))
        await asyncio.sleep(0)
        queue.may_go_on.set()

    assert queue.calls == [["first"], ["second", "third"]]
    assert queue.sent == ["first", "second", "third"]


async def test_a_call_that_fails_fails_for_all_that_it_carried_and_for_no_other() -> None:
    queue = SlowQueue()
    sender = GatheringSender(queue)
    sending = [asyncio.create_task(sender.send(["first"]))]
    await queue.called.wait()
    sending += [asyncio.create_task(sender.send([body])) for body in ("refused", "with it")]
    await asyncio.sleep(0)
    queue.may_go_on.set()
    outcomes = await asyncio.gather(*sending, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [type(None), UnavailableError, UnavailableError]
    await sender.send(["later"])
    assert queue.sent == ["first", "later"]


class OddClient:
    """Answers every call with the same."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    async def get_queue_url(self, **_: object) -> dict[str, str]:
        return {"QueueUrl": "queue"}

    async def _answered(self, **_: object) -> object:
        return self.answer

    send_message_batch = delete_message_batch = change_message_visibility_batch = receive_message = _answered


@pytest.mark.parametrize("answer", [{}, [], None, {"Successful": []}])
async def test_an_answer_that_confirms_nothing_is_no_answer(answer: object) -> None:
    queue = SqsQueue(cast("SQSClient", OddClient(answer)), "queue")
    message = ReceivedMessage("1", "receipt", "body", 1)

    with pytest.raises(UnavailableError):
        await queue.send(["a", "b"])
    with pytest.raises(UnavailableError):
        await queue.delete([message])
    with pytest.raises(UnavailableError):
        await queue.change_visibility([message], 30)


async def test_which_messages_were_refused_is_told() -> None:
    answer = {"Successful": [{"Id": "0"}], "Failed": [{"Id": "1", "Code": "x", "Message": "too large"}]}

    with pytest.raises(NotTakenError, match="too large") as refusal:
        await SqsQueue(cast("SQSClient", OddClient(answer)), "queue").send(["a", "b"])

    assert refusal.value.refused == (1,)


async def test_a_call_that_takes_some_messages_fails_only_for_those_who_sent_the_others() -> None:
    answer = {"Successful": [{"Id": "0"}], "Failed": [{"Id": "1", "Code": "x", "Message": "too large"}]}
    sender = GatheringSender(SqsQueue(cast("SQSClient", OddClient(answer)), "queue"))

    outcomes = await asyncio.gather(sender.send(["a"]), sender.send(["b"]), return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [type(None), NotTakenError]
