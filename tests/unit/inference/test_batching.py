"""Batches: none waits for company, many go together, and each picture fails alone."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.messages import Lane
from heliograph_inference.batching import Batcher, batch_size, padded_size
from heliograph_inference.domain import BATCH_SIZES, Label, NetworkError, Seen
from tests.fakes.fixed_vision import BUG, POISON, FixedVision


@pytest.fixture
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.mark.parametrize(
    ("waiting", "most", "size"),
    [
        *((1, 32, 1), (2, 32, 2), (3, 32, 3), (5, 32, 4), (6, 32, 6), (9, 32, 8), (12, 32, 12), (17, 32, 16)),
        *((24, 32, 24), (500, 32, 32), (500, 1, 1), (500, 6, 6)),
    ],
)
def test_as_many_are_run_as_fill_a_batch_well(waiting: int, most: int, size: int) -> None:
    assert batch_size(waiting, most) == size


@given(waiting=st.integers(1, 1000), most=st.integers(1, 32))
def test_no_batch_is_empty_too_large_or_more_than_a_quarter_padding(waiting: int, most: int) -> None:
    size = batch_size(waiting, most)

    assert 1 <= size <= min(waiting, most)
    assert padded_size(size) in BATCH_SIZES
    assert size >= 0.75 * padded_size(size)


async def looked(batcher: Batcher[bytes], *pictures: bytes, lane: Lane = Lane.INTERACTIVE) -> list[object]:
    """Return what is on each picture, or how it failed."""
    looks = (batcher.look_at(picture, lane) for picture in pictures)
    outcomes = await asyncio.gather(*looks, return_exceptions=True)
    return [
        type(outcome) if isinstance(outcome, BaseException) else [label.name for label in outcome.labels]
        for outcome in outcomes
    ]


async def test_what_waits_while_the_networks_run_goes_together_next(threads: Executor) -> None:
    vision = FixedVision(most_at_once=4)
    batcher = Batcher(vision, threads, runs_at_once=1)

    await looked(batcher, *[b"a"] * 12)

    assert [len(run) for run in vision.runs] == [1, 4, 4, 3]


async def test_one_picture_alone_is_run_at_once(threads: Executor) -> None:
    vision = FixedVision(most_at_once=32)

    assert await looked(Batcher(vision, threads, runs_at_once=2), b"a") == [["a"]]
    assert vision.runs == [[b"a"]]


async def test_the_interactive_lane_is_run_before_a_backlog_that_came_earlier(threads: Executor) -> None:
    vision = FixedVision(most_at_once=2)
    vision.may_look.clear()
    batcher = Batcher(vision, threads, runs_at_once=1)
    backlog = asyncio.create_task(looked(batcher, *[b"x"] * 5, lane=Lane.BACKLOG))
    assert await asyncio.to_thread(vision.looking.wait, 10)
    dropped_in = asyncio.create_task(looked(batcher, b"a"))
    await asyncio.sleep(0)

    vision.may_look.set()
    await asyncio.gather(backlog, dropped_in)

    assert vision.runs == [[b"x"], [b"a", b"x"], [b"x", b"x"], [b"x"]]


async def test_a_picture_that_no_network_survives_fails_alone(threads: Executor) -> None:
    batcher = Batcher(FixedVision(most_at_once=8), threads, runs_at_once=1)

    outcomes = await looked(batcher, b"first", b"a", POISON, b"b", BUG, b"c")

    assert outcomes == [["first"], ["a"], NetworkError, ["b"], NetworkError, ["c"]]


async def test_where_memory_does_not_suffice_the_batch_is_halved_and_stays_so(threads: Executor) -> None:
    vision = FixedVision(most_at_once=16, memory_for=5)
    batcher = Batcher(vision, threads, runs_at_once=1)

    outcomes = await looked(batcher, *[b"a"] * 33)

    assert outcomes == [["a"]] * 33
    assert [len(run) for run in vision.runs] == [1, 16, 8, 4, 4, 8, 4, 4, 4, 4, 4, 4]


async def test_memory_that_does_not_suffice_for_one_picture_is_that_pictures_failure(threads: Executor) -> None:
    batcher = Batcher(FixedVision(most_at_once=8, memory_for=0), threads, runs_at_once=1)

    [outcome] = await looked(batcher, b"a")

    assert isinstance(outcome, type)
    assert issubclass(outcome, NetworkError)


async def test_who_stopped_waiting_holds_nobody_up(threads: Executor) -> None:
    vision = FixedVision(most_at_once=8)
    vision.may_look.clear()
    batcher = Batcher(vision, threads, runs_at_once=1)
    gone = asyncio.create_task(batcher.look_at(b"gone", Lane.INTERACTIVE))
    assert await asyncio.to_thread(vision.looking.wait, 10)
    gone.cancel()
    vision.may_look.set()

    assert await batcher.look_at(b"a", Lane.INTERACTIVE) == Seen((Label(name="a", confidence=0.9, model="fixed@1"),))


async def test_photos_that_fail_one_after_another_are_at_fault_where_the_networks_still_run(threads: Executor) -> None:
    batcher = Batcher(FixedVision(most_at_once=8), threads, runs_at_once=1, broken_seconds=0)

    await looked(batcher, *[POISON] * 40)

    assert not batcher.is_in_doubt
    assert not batcher.broken.is_set()


async def test_networks_that_run_on_nothing_are_in_doubt_until_they_run_again(threads: Executor) -> None:
    vision = FixedVision(most_at_once=4)
    vision.is_broken = True
    batcher = Batcher(vision, threads, runs_at_once=1)

    await looked(batcher, *[b"a"] * 3)
    assert not batcher.is_in_doubt
    await looked(batcher, b"a")
    assert batcher.is_in_doubt
    vision.is_broken = False
    await looked(batcher, b"a")

    assert not batcher.is_in_doubt
    assert not batcher.broken.is_set()


async def test_networks_that_run_on_nothing_for_long_are_broken(threads: Executor) -> None:
    vision = FixedVision(most_at_once=8)
    vision.is_broken = True
    batcher = Batcher(vision, threads, runs_at_once=1, broken_seconds=0)

    await looked(batcher, *[b"a"] * 4)

    assert batcher.broken.is_set()


async def test_after_many_full_runs_a_batch_grows_again(threads: Executor) -> None:
    vision = FixedVision(most_at_once=2, memory_for=1)
    batcher = Batcher(vision, threads, runs_at_once=1)
    await looked(batcher, *[b"a"] * 3)
    vision.memory_for = 2

    await looked(batcher, *[b"a"] * 300)

    assert len(vision.runs[-1]) == 2
