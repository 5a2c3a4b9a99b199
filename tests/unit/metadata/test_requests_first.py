"""What is made behind requests gives way to them, in turns; what a request waits for gives way to nobody."""

import asyncio
from collections.abc import Collection
from threading import Event
from typing import Any

import pytest

from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId
from heliograph_metadata.domain.questions.engine import Group
from heliograph_metadata.service.question_book import Book
from heliograph_metadata.service.requests_first import RequestsFirst
from tests.builders import OWNER
from tests.fakes.in_memory_question_book import InMemoryQuestionBook
from tests.unit.metadata.test_question_service import World, asked, some

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


async def test_what_is_made_behind_a_request_begins_after_it() -> None:
    world = World()

    class Watched:
        def __getattr__(self, name: str) -> Any:
            return getattr(world.sketches, name)

        async def sketches(self, owner_id: OwnerId, generation: int, groups: Collection[Group]) -> Any:
            order.append("read")
            return await world.sketches.sketches(owner_id, generation, groups)

    order: list[str] = []
    await world.save(*some(3))
    await world.all_made()
    await world.save(*some(3, day=16))
    requests = RequestsFirst(turn_seconds=30)
    service = world.another(sketches=Watched(), requests=requests)

    with requests.under_way():
        assert (await service.questions(OWNER, limit=10)).pending
        for _ in range(10):
            await asyncio.to_thread(order.append, "request")
    await world.settle()

    assert order[:11] == ["request"] * 10 + ["read"]


async def test_the_first_book_does_not_wait_for_those_who_ask_at_the_same_time() -> None:
    world = World()
    await world.save(*some(3))
    requests = RequestsFirst(turn_seconds=30)

    with requests.under_way():
        page = await asyncio.wait_for(world.another(requests=requests).questions(OWNER, limit=10), 15)

    assert asked(page, "place")


async def test_asking_counts_as_a_request_until_it_has_failed() -> None:
    world = World()

    class Broken(InMemoryQuestionBook):
        async def read(self, owner_id: OwnerId) -> Book:
            await asyncio.sleep(0)
            under_way.append(not requests._none.is_set())
            raise UnavailableError("not now")

    under_way: list[bool] = []
    requests = RequestsFirst()
    with pytest.raises(UnavailableError):
        await world.another(book=Broken(), requests=requests).questions(OWNER, limit=10)

    assert under_way == [True]
    assert requests._none.is_set()
