"""Whose turn it is: the interactive lane's first, the backlog's never far away."""

import asyncio

import pytest

from heliograph.messages import Lane
from heliograph_inference.lanes import INTERACTIVE_IN_A_ROW, LaneQueue, LaneSlots


def taken(queue: LaneQueue[str]) -> str:
    return "".join(queue.take() for _ in range(len(queue)))


def test_the_interactive_lane_goes_first_and_each_lane_in_its_own_order() -> None:
    queue: LaneQueue[str] = LaneQueue()
    for item, lane in (("x", Lane.BACKLOG), ("y", Lane.BACKLOG), ("a", Lane.INTERACTIVE), ("b", Lane.INTERACTIVE)):
        queue.put(item, lane)

    assert taken(queue) == "abxy"


def test_the_backlog_has_each_eighth_turn_however_many_are_interactive() -> None:
    queue: LaneQueue[str] = LaneQueue()
    for lane, letter in ((Lane.INTERACTIVE, "a"), (Lane.BACKLOG, "x")):
        for _ in range(20):
            queue.put(letter, lane)

    assert taken(queue)[:16] == ("a" * INTERACTIVE_IN_A_ROW + "x") * 2


def test_an_empty_queue_has_nothing_to_give() -> None:
    with pytest.raises(IndexError):
        LaneQueue[str]().take()


async def holder(slots: LaneSlots, lane: Lane, name: str, order: list[str], leave: asyncio.Event) -> None:
    async with slots.one(lane):
        order.append(name)
        await leave.wait()


async def settle() -> None:
    """Let every task come as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_slot_that_becomes_free_goes_to_the_interactive_lane_first() -> None:
    slots, order, leave = LaneSlots(1), list[str](), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        async with slots.one(Lane.BACKLOG):
            for lane, name in ((Lane.BACKLOG, "x"), (Lane.BACKLOG, "y"), (Lane.INTERACTIVE, "a")):
                group.create_task(holder(slots, lane, name, order, leave))
            await settle()
            assert order == []
        await settle()
        assert order == ["a"]
        leave.set()

    assert order == ["a", "x", "y"]


async def test_who_no_longer_wants_a_slot_takes_it_from_nobody() -> None:
    slots, order, leave = LaneSlots(1), list[str](), asyncio.Event()
    leave.set()
    async with slots.one(Lane.BACKLOG):
        gone = asyncio.create_task(holder(slots, Lane.INTERACTIVE, "gone", order, leave))
        late = asyncio.create_task(holder(slots, Lane.INTERACTIVE, "late", order, leave))
        await settle()
        gone.cancel()
        await settle()
    late.cancel()  # in the very moment in which it was given the slot
    await asyncio.wait({gone, late})

    async with asyncio.timeout(10):
        await holder(slots, Lane.BACKLOG, "next", order, leave)
    assert order == ["next"]
