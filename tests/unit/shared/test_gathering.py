"""Messages of many senders go together, and each sender hears of its own."""

import asyncio
from collections.abc import Sequence

import pytest

from heliograph.errors import UnavailableError
from heliograph.gathering import GatheringSender
from heliograph.sqs import NotTakenError


class Calls:
    """A queue that remembers what was sent together, and takes no message that begins with `bad`."""

    def __init__(self, error: Exception | None = None) -> None:
        self.sent: list[list[str]] = []
        self._error = error

    async def send(self, bodies: Sequence[str]) -> None:
        self.sent.append(list(bodies))
        if self._error:
            raise self._error
        if refused := [place for place, body in enumerate(bodies) if body.startswith("bad")]:
            raise NotTakenError("not these", refused)


async def test_what_is_sent_at_the_same_time_goes_together() -> None:
    calls = Calls()
    sender = GatheringSender(calls, within_seconds=0)

    await asyncio.gather(*(sender.send([f"{number}"]) for number in range(14)))

    assert calls.sent == [[f"{number}" for number in range(14)]]


async def test_what_comes_alone_goes_at_once_and_what_follows_waits_until_there_are_ten() -> None:
    calls = Calls()
    sender = GatheringSender(calls, within_seconds=3600)

    async with asyncio.timeout(5):
        await sender.send(["first"])
        await asyncio.gather(*(sender.send([f"{number}"]) for number in range(10)))

    assert [len(together) for together in calls.sent] == [1, 10]


async def test_what_follows_waits_no_longer_than_it_may() -> None:
    calls = Calls()
    sender = GatheringSender(calls, within_seconds=0.01)

    async with asyncio.timeout(5):
        await sender.send(["first"])
        await sender.send(["second"])

    assert calls.sent == [["first"], ["second"]]


async def test_a_refusal_is_told_to_whose_message_it_was() -> None:
    sender = GatheringSender(Calls(), within_seconds=0)

    outcomes = await asyncio.gather(
        sender.send(["good"]), sender.send(["fine", "bad one"]), sender.send(["better"]), return_exceptions=True
    )

    assert [outcomes[0], outcomes[2]] == [None, None]
    assert isinstance(outcomes[1], NotTakenError)
    assert outcomes[1].refused == (1,)


@pytest.mark.parametrize("error", [UnavailableError("away"), KeyError("unforeseen")])
async def test_a_queue_that_does_not_answer_is_told_to_all_and_asked_again_by_the_next(error: Exception) -> None:
    calls = Calls(error)
    sender = GatheringSender(calls, within_seconds=0)

    outcomes = await asyncio.gather(*(sender.send([f"{number}"]) for number in range(3)), return_exceptions=True)
    with pytest.raises(type(error)):
        await sender.send(["again"])

    assert outcomes == [error] * 3
    assert calls.sent == [["0", "1", "2"], ["again"]]


async def test_one_who_waits_no_more_holds_up_nobody() -> None:
    calls = Calls()
    sender = GatheringSender(calls, within_seconds=0)
    gone = asyncio.create_task(sender.send(["gone"]))
    stays = asyncio.create_task(sender.send(["stays"]))
    await asyncio.sleep(0)

    gone.cancel()
    await stays

    assert calls.sent == [["gone", "stays"]]
