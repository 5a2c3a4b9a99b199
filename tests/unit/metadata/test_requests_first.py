"""What is made behind requests gives way to them, in turns; what a request waits for gives way to nobody."""

import asyncio
from threading import Event

import pytest

from heliograph_metadata.service.requests_first import RequestsFirst

LONG_SECONDS = 30.0
TURN_SECONDS = 10.0


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_work_in_a_thread_goes_on_after_the_last_request() -> None:
    requests = RequestsFirst(turn_seconds=LONG_SECONDS)
    comes, order = Event(), []

    def work() -> None:
        comes.set()
        requests.thread_turn()
        order.append("work")

    with requests.under_way():
        with requests.under_way():
            works = asyncio.create_task(asyncio.to_thread(work))
            await asyncio.to_thread(comes.wait)
        for _ in range(10):
            await asyncio.to_thread(order.append, "request")
    await works
    assert order == ["request"] * 10 + ["work"]


async def test_work_in_the_loop_goes_on_after_the_request() -> None:
    requests, order = RequestsFirst(turn_seconds=LONG_SECONDS), []

    async def work() -> None:
        await requests.turn()
        order.append("work")

    with requests.under_way():
        works = asyncio.create_task(work())
        for _ in range(10):
            await asyncio.sleep(0)
        order.append("request")
    await works
    assert order == ["request", "work"]


async def test_what_a_request_waits_for_waits_for_no_other_request() -> None:
    requests = RequestsFirst(turn_seconds=LONG_SECONDS)

    with requests.under_way(), requests.waited_for():
        await asyncio.wait_for(asyncio.to_thread(requests.thread_turn), LONG_SECONDS / 2)
        await asyncio.wait_for(requests.turn(), LONG_SECONDS / 2)


async def test_whoever_waits_can_be_cancelled_though_the_request_ends_at_that_moment() -> None:
    requests = RequestsFirst(turn_seconds=LONG_SECONDS)
    with requests.under_way():
        works = asyncio.create_task(requests.turn())
        for _ in range(3):
            await asyncio.sleep(0)
    works.cancel()
    with pytest.raises(asyncio.CancelledError):
        await works


@pytest.mark.parametrize(
    ("after_seconds", "left_seconds"),
    [(0, 10), (4, 6), (10, 0), (19, 0), (20, 10), (25, 5), (30, 0)],
)
def test_requests_and_other_work_take_turns_while_there_are_requests(after_seconds: float, left_seconds: float) -> None:
    clock = Clock()
    requests = RequestsFirst(turn_seconds=TURN_SECONDS, clock=clock)
    with requests.under_way():
        clock.now += after_seconds
        assert requests._left() == left_seconds
    assert requests._left() == 0


def test_many_short_requests_have_no_more_than_their_turns() -> None:
    clock = Clock()
    requests = RequestsFirst(turn_seconds=TURN_SECONDS, clock=clock)
    left = []
    for _ in range(6):
        with requests.under_way():
            left.append(requests._left())
        clock.now += 5
    assert left == [10, 5, 0, 0, 10, 5]


def test_a_request_that_fails_is_counted_no_more() -> None:
    requests = RequestsFirst(turn_seconds=LONG_SECONDS)
    with pytest.raises(RuntimeError), requests.under_way():
        raise RuntimeError
    assert requests._left() == 0
