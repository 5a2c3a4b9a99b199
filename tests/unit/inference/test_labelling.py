"""The use case: a photo's way through the stages, which never hold more than they may."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import pytest

from heliograph.errors import HeliographError
from heliograph.messages import Lane
from heliograph_inference.batching import Batcher
from heliograph_inference.domain import NetworkError, PreviewUnavailableError, UnreadablePreviewError
from heliograph_inference.service import PhotoLabelling
from tests.fakes.fixed_vision import BROKEN, BUG, POISON, UNFORESEEN, FixedVision, InMemoryPreviewStore

PREVIEWS = {"a": b"cat", "b": b"dog", "broken": BROKEN, "poison": POISON, "bug": BUG, "unforeseen": UNFORESEEN}


@pytest.fixture
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


class Stages:
    """The use case with everything around it in memory."""

    def __init__(self, threads: Executor, *, slots: int = 16) -> None:
        self.store = InMemoryPreviewStore(dict(PREVIEWS))
        self.vision = FixedVision(most_at_once=8)
        batcher = Batcher(self.vision, threads, runs_at_once=1)
        self.labelling = PhotoLabelling(self.store, self.vision, batcher, threads, slots=slots)

    async def outcome(self, preview_key: str, lane: Lane = Lane.INTERACTIVE) -> object:
        """Return the names of what is seen, or how it failed."""
        try:
            seen = await self.labelling.look_at(preview_key, lane, ("fixed@1",))
        except HeliographError as error:
            return type(error)
        return [label.name for label in seen.labels]


async def test_each_photo_is_seen_or_fails_alone(threads: Executor) -> None:
    stages = Stages(threads)
    stages.store.unavailable.add("b")
    keys = ["missing", "a", "broken", "b", "poison", "bug", "unforeseen"]

    outcomes = await asyncio.gather(*map(stages.outcome, keys))

    assert outcomes == [
        UnreadablePreviewError,
        ["cat"],
        UnreadablePreviewError,
        PreviewUnavailableError,
        NetworkError,
        NetworkError,
        NetworkError,
    ]


async def test_no_more_photos_are_decoded_than_there_are_slots_until_the_networks_are_done(threads: Executor) -> None:
    stages = Stages(threads, slots=3)
    stages.vision.may_look.clear()
    photos = [asyncio.create_task(stages.outcome("a", Lane.BACKLOG)) for _ in range(10)]
    assert await asyncio.to_thread(stages.vision.looking.wait, 10)
    for _ in range(3):
        assert await asyncio.to_thread(stages.vision.preparing.acquire, timeout=10)
    for _ in range(100):
        await asyncio.sleep(0)
    assert len(stages.vision.prepared_for) == 3

    stages.vision.may_look.set()

    assert await asyncio.gather(*photos) == [["cat"]] * 10


async def test_a_photo_just_dropped_in_overtakes_a_backlog_that_waits_for_slots(threads: Executor) -> None:
    stages = Stages(threads, slots=1)
    order: list[str] = []

    async def look(name: str, lane: Lane) -> None:
        await stages.outcome("a", lane)
        order.append(name)

    stages.vision.may_look.clear()
    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(look(f"backlog {number}", Lane.BACKLOG))
        assert await asyncio.to_thread(stages.vision.looking.wait, 10)
        group.create_task(look("dropped in", Lane.INTERACTIVE))
        for _ in range(10):
            await asyncio.sleep(0)
        stages.vision.may_look.set()

    assert order[:2] == ["backlog 0", "dropped in"]


async def test_networks_that_are_not_known_are_passed_over(threads: Executor) -> None:
    labelling = Stages(threads).labelling

    assert labelling.models_for(None) == ("fixed@1", "second@1")
    assert labelling.models_for(("second@1", "newer@7")) == ("second@1",)
