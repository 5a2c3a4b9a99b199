"""photo-prepared in, photo-classified out: nothing lost, nothing deleted too early, a clean stop."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager

import pytest

from heliograph.errors import UnavailableError
from heliograph.messages import Lane, PhotoClassified, PhotoPrepared
from heliograph.photos import OwnerId, PhotoId
from heliograph.sqs import MAX_RECEIVES, NotTakenError
from heliograph_inference.batching import Batcher
from heliograph_inference.consumer import PhotoPreparedConsumer
from heliograph_inference.service import PhotoLabelling
from tests.fakes.fixed_vision import BROKEN, BUG, POISON, FixedVision, InMemoryPreviewStore
from tests.fakes.in_memory_queue import InMemoryQueue

PREVIEWS = {
    "cat": b"cat",
    "dog": b"dog",
    "broken": BROKEN,
    "poison": POISON,
    "bug": BUG,
    "nameless": b"",
}


@pytest.fixture
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def a_photo(name: str, *, models: tuple[str, ...] | None = None) -> str:
    return PhotoPrepared(
        correlation_id=f"correlation-{name}",
        photo_id=PhotoId(name),
        owner_id=OwnerId("anna"),
        preview_key=name,
        width_px=4000,
        height_px=3000,
        models=models,
    ).model_dump_json()


class RefusingQueue(InMemoryQueue):
    """Takes no message until `refusals` are used up."""

    refusals = 2

    async def send(self, bodies: Sequence[str]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise UnavailableError("no")
        await super().send(bodies)


class PickyQueue(InMemoryQueue):
    """Refuses whatever tells of one photo, and takes all else."""

    async def send(self, bodies: Sequence[str]) -> None:
        refused = [i for i, body in enumerate(bodies) if PhotoClassified.model_validate_json(body).photo_id == "dog"]
        await super().send([body for i, body in enumerate(bodies) if i not in refused])
        if refused:
            raise NotTakenError("too large", refused)


class SilentQueue(InMemoryQueue):
    """Never answers who sends."""

    async def send(self, bodies: Sequence[str]) -> None:
        await asyncio.Event().wait()


class SendsOfTen(InMemoryQueue):
    """Remembers how many messages each call brought."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[int] = []

    async def send(self, bodies: Sequence[str]) -> None:
        self.calls.append(len(bodies))
        await super().send(bodies)


class Pipeline:
    """A consumer with everything around it in memory."""

    def __init__(
        self,
        threads: Executor,
        *,
        batch_size: int = 8,
        photos_in_hand: int = 20,
        classified: InMemoryQueue | None = None,
        wait_seconds: float = 0.25,
        finish_seconds: float = 5,
    ) -> None:
        self.prepared = InMemoryQueue()
        self.classified = classified or InMemoryQueue()
        self.store = InMemoryPreviewStore(dict(PREVIEWS))
        self.vision = FixedVision(most_at_once=batch_size)
        batcher = Batcher(self.vision, threads, runs_at_once=1)
        self.consumer = PhotoPreparedConsumer(
            self.prepared,
            self.classified,
            PhotoLabelling(self.store, self.vision, batcher, threads, slots=2 * batch_size + 2),
            lane=Lane.BACKLOG,
            photos_in_hand=photos_in_hand,
            results_wait_seconds=wait_seconds,
            visibility_timeout_seconds=30,
            finish_seconds=finish_seconds,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        stopping = asyncio.Event()
        run = asyncio.create_task(self.consumer.run(stopping))
        try:
            yield
        finally:
            stopping.set()
            await run

    async def use_up_tries(self) -> None:
        """Leave what is waiting one try."""
        for _ in range(MAX_RECEIVES - 1):
            await self.prepared.change_visibility(await self.prepared.receive(wait_seconds=1), 0)

    async def results(self, count: int) -> dict[str, PhotoClassified]:
        results: list[PhotoClassified] = []
        async with asyncio.timeout(20):
            while len(results) < count:
                messages = await self.classified.receive(wait_seconds=5)
                await self.classified.delete(messages)
                results += [PhotoClassified.model_validate_json(message.body) for message in messages]
        return {result.photo_id: result for result in results}


async def test_a_prepared_photo_is_classified_and_its_message_deleted(threads: Executor) -> None:
    pipeline = Pipeline(threads)
    await pipeline.prepared.send([a_photo("cat")])

    async with pipeline.running():
        result = (await pipeline.results(1))["cat"]

    assert (result.owner_id, result.correlation_id, result.failure) == ("anna", "correlation-cat", None)
    assert [(label.name, label.model) for label in result.labels] == [("cat", "fixed@1")]
    assert result.models == ("fixed@1", "second@1")
    assert await pipeline.prepared.is_idle()


async def test_only_the_networks_that_a_message_names_look_and_are_named_in_the_answer(threads: Executor) -> None:
    pipeline = Pipeline(threads)
    await pipeline.prepared.send([a_photo("cat", models=("second@1", "unknown@3"))])

    async with pipeline.running():
        result = (await pipeline.results(1))["cat"]

    assert result.models == ("second@1",)
    assert pipeline.vision.prepared_for == [("second@1",)]


async def test_results_of_a_long_queue_are_sent_ten_at_a_time(threads: Executor) -> None:
    classified = SendsOfTen()
    pipeline = Pipeline(threads, classified=classified, photos_in_hand=60, wait_seconds=60)
    await pipeline.prepared.send([a_photo("cat")] * 40)

    async with pipeline.running():
        await pipeline.results(40)

    assert classified.calls == [10, 10, 10, 10]
    assert await pipeline.prepared.is_idle()


async def test_a_result_is_sent_at_once_where_nothing_else_is_in_hand(threads: Executor) -> None:
    pipeline = Pipeline(threads, wait_seconds=3600)
    await pipeline.prepared.send([a_photo("cat"), a_photo("dog"), "{"])

    async with pipeline.running():
        assert len(await pipeline.results(2)) == 2


async def test_no_more_photos_are_taken_than_may_be_in_hand(threads: Executor) -> None:
    pipeline = Pipeline(threads, photos_in_hand=12)
    pipeline.vision.may_look.clear()
    await pipeline.prepared.send([a_photo("cat")] * 30)

    async with pipeline.running():
        assert await asyncio.to_thread(pipeline.vision.looking.wait, 10)
        for _ in range(100):
            await asyncio.sleep(0)
        assert len(pipeline.prepared.waiting()) >= 30 - 12
        pipeline.vision.may_look.set()
        await pipeline.results(30)


async def test_a_missing_and_a_broken_preview_fail_alone_and_say_why(threads: Executor) -> None:
    pipeline = Pipeline(threads)
    await pipeline.prepared.send([a_photo("missing"), a_photo("cat"), a_photo("broken")])

    async with pipeline.running():
        results = await pipeline.results(3)

    assert results["missing"].failure == "there is no preview at missing"
    assert results["broken"].failure == "no picture"
    assert (results["broken"].labels, results["broken"].models) == ((), ())
    assert results["cat"].failure is None
    assert await pipeline.prepared.is_idle()


async def test_a_store_that_does_not_answer_leaves_the_message_for_another_try(threads: Executor) -> None:
    pipeline = Pipeline(threads)
    pipeline.store.unavailable.add("cat")
    await pipeline.prepared.send([a_photo("cat"), a_photo("dog")])

    async with pipeline.running():
        assert list(await pipeline.results(1)) == ["dog"]
        pipeline.store.unavailable.clear()
        result = (await pipeline.results(1))["cat"]

    assert result.failure is None
    assert await pipeline.prepared.is_idle()


async def test_on_its_last_chance_a_photo_says_why_it_failed(threads: Executor) -> None:
    pipeline = Pipeline(threads)
    await pipeline.prepared.send([a_photo("poison")])
    await pipeline.use_up_tries()

    async with pipeline.running():
        result = (await pipeline.results(1))["poison"]

    assert result.failure == "the run failed"
    assert await pipeline.prepared.is_idle()


async def test_a_store_that_does_not_answer_is_no_photos_failure_even_on_its_last_chance(threads: Executor) -> None:
    pipeline = Pipeline(threads)
    pipeline.store.unavailable.add("cat")
    await pipeline.prepared.send([a_photo("cat")])
    await pipeline.use_up_tries()
    await pipeline.prepared.send([a_photo("dog")])

    async with pipeline.running():
        assert list(await pipeline.results(1)) == ["dog"]

    assert len(pipeline.classified.sent) == 1


async def test_a_result_that_is_not_taken_is_kept_and_sent_again_and_nothing_is_deleted_before(
    threads: Executor,
) -> None:
    pipeline = Pipeline(threads, classified=RefusingQueue())
    await pipeline.prepared.send([a_photo("cat")])

    async with pipeline.running():
        result = (await pipeline.results(1))["cat"]

    assert result.failure is None
    assert pipeline.vision.runs == [[b"cat"]]
    assert await pipeline.prepared.is_idle()


async def test_a_stop_while_results_are_not_taken_gives_their_messages_back(threads: Executor) -> None:
    classified = RefusingQueue()
    classified.refusals = 1000
    pipeline = Pipeline(threads, classified=classified)
    await pipeline.prepared.send([a_photo("cat")])

    async with pipeline.running():
        assert await asyncio.to_thread(pipeline.vision.looking.wait, 10)

    assert not await pipeline.prepared.is_idle()
    assert not pipeline.classified.sent


async def test_a_malformed_message_is_left_to_the_redrive_and_holds_nothing_up(threads: Executor) -> None:
    pipeline = Pipeline(threads)
    await pipeline.prepared.send(["{", a_photo("cat")])

    async with pipeline.running():
        await pipeline.results(1)

    assert not await pipeline.prepared.is_idle()
    assert len(pipeline.classified.sent) == 1


async def test_a_stop_finishes_what_is_in_hand_and_takes_nothing_more(threads: Executor) -> None:
    pipeline = Pipeline(threads, photos_in_hand=1)
    pipeline.vision.may_look.clear()
    await pipeline.prepared.send([a_photo("cat"), a_photo("dog")])
    stopping = asyncio.Event()
    run = asyncio.create_task(pipeline.consumer.run(stopping))
    assert await asyncio.to_thread(pipeline.vision.looking.wait, 10)

    stopping.set()
    pipeline.vision.may_look.set()
    await run

    assert len(pipeline.classified.sent) == 1
    assert len(pipeline.prepared.waiting()) == 1


async def test_a_result_that_is_refused_takes_none_of_its_neighbours_along(threads: Executor) -> None:
    pipeline = Pipeline(threads, classified=PickyQueue())
    await pipeline.prepared.send([a_photo("cat"), a_photo("dog"), a_photo("broken")])

    async with pipeline.running():
        assert sorted(await pipeline.results(2)) == ["broken", "cat"]

    assert await pipeline.prepared.depth() == 1
    assert len(pipeline.classified.sent) == 2


async def test_a_stop_does_not_wait_for_a_queue_that_never_answers(threads: Executor) -> None:
    pipeline = Pipeline(threads, classified=SilentQueue(), finish_seconds=0.1)
    await pipeline.prepared.send([a_photo("cat")])

    async with asyncio.timeout(10), pipeline.running():
        assert await asyncio.to_thread(pipeline.vision.looking.wait, 10)

    assert len(pipeline.prepared.waiting()) == 1


async def test_what_nobody_foresaw_is_said_on_the_last_chance(threads: Executor) -> None:
    pipeline = Pipeline(threads)
    await pipeline.prepared.send([a_photo("nameless"), a_photo("bug")])
    await pipeline.use_up_tries()

    async with pipeline.running():
        results = await pipeline.results(2)

    assert {result.failure for result in results.values()} == {"The photo could not be looked at."}


async def test_several_photos_that_no_network_survives_say_so_though_nothing_else_is_looked_at(
    threads: Executor,
) -> None:
    pipeline = Pipeline(threads)
    await pipeline.prepared.send([a_photo("poison")] * 8)
    await pipeline.use_up_tries()

    async with pipeline.running():
        assert (await pipeline.results(8))["poison"].failure == "the run failed"


async def test_where_the_networks_fail_on_all_photos_none_is_called_a_failure(threads: Executor) -> None:
    pipeline = Pipeline(threads, batch_size=1)
    pipeline.vision.is_broken = True
    await pipeline.prepared.send([a_photo("cat")] * 8)
    await pipeline.use_up_tries()

    async with pipeline.running():
        for _ in range(8):
            assert await asyncio.to_thread(pipeline.vision.running.acquire, timeout=10)

    assert len(pipeline.classified.sent) <= 3  # nobody can tell from the first ones


async def test_an_outage_of_the_store_does_not_draw_the_whole_backlog_in(threads: Executor) -> None:
    pipeline = Pipeline(threads, photos_in_hand=10)
    pipeline.store.unavailable.add("cat")
    await pipeline.prepared.send([a_photo("cat")] * 100)

    async with pipeline.running():
        await pipeline.store.asked.wait()
        for _ in range(1000):
            await asyncio.sleep(0)
        assert len(pipeline.prepared.waiting()) == 90
