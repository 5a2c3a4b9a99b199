"""A queue's consumer loses nothing and stops cleanly."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Self

import pytest

from heliograph import consuming as consuming_module
from heliograph.consuming import PollPauses, QueueConsumer, VisibilityHeartbeat
from heliograph.errors import UnavailableError
from heliograph.sqs import MAX_RECEIVES, ReceivedMessage
from tests.fakes.in_memory_queue import InMemoryQueue

Handle = Callable[[str], Awaitable[None]]


class Consuming:
    """A consumer at work until the block ends, and what it gave up."""

    def __init__(
        self, queue: InMemoryQueue, handle: Handle, *, concurrency: int = 2, gather_seconds: float = 0.0
    ) -> None:
        self.gave_up: list[tuple[str, Exception]] = []
        self._stopping = asyncio.Event()
        self._consumer = QueueConsumer(
            queue,
            handle,
            gave_up=self._give_up,
            concurrency=concurrency,
            retry_after_seconds=0,
            gather_seconds=gather_seconds,
        )

    async def _give_up(self, body: str, error: Exception) -> None:
        self.gave_up.append((body, error))

    async def __aenter__(self) -> Self:
        self._running = asyncio.create_task(self._consumer.run(self._stopping))
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        self._stopping.set()
        async with asyncio.timeout(5):
            await self._running


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what is awaited has no event of its own
            await asyncio.sleep(0)


async def test_every_message_is_handled_once_and_deleted() -> None:
    queue, handled = InMemoryQueue(), list[str]()
    bodies = [f"message {number}" for number in range(25)]
    await queue.send(bodies)

    async def handle(body: str) -> None:
        handled.append(body)

    async with Consuming(queue, handle):
        await until(lambda: len(handled) == 25)

    assert sorted(handled) == sorted(bodies)
    assert await queue.is_idle()


async def test_messages_that_are_done_are_deleted_together() -> None:
    queue, deleted = InMemoryQueue(), list[int]()
    await queue.send([f"message {number}" for number in range(20)])
    delete = queue.delete

    async def counted(messages: Sequence[ReceivedMessage]) -> None:
        deleted.append(len(messages))
        await delete(messages)

    queue.delete = counted  # type: ignore[method-assign]

    async def handle(_body: str) -> None:
        await asyncio.sleep(0)

    async with Consuming(queue, handle):
        await until(lambda: sum(deleted) == 20)

    assert all(count % 10 == 0 for count in deleted)


async def test_what_is_being_deleted_at_a_stop_is_deleted_all_the_same() -> None:
    queue, begun = InMemoryQueue(), asyncio.Event()
    await queue.send([f"message {number}" for number in range(10)])
    delete = queue.delete

    async def stuck_once(messages: Sequence[ReceivedMessage]) -> None:
        if not begun.is_set():
            begun.set()
            await asyncio.Event().wait()
        await delete(messages)

    queue.delete = stuck_once  # type: ignore[method-assign]

    async def handle(_body: str) -> None:
        pass

    async with Consuming(queue, handle):
        await begun.wait()

    assert await queue.is_idle()


async def test_a_message_whose_handler_failed_comes_back() -> None:
    queue, tries = InMemoryQueue(), list[str]()
    await queue.send(["a photo"])

    async def fail_once(body: str) -> None:
        tries.append(body)
        if len(tries) == 1:
            raise ValueError("not this time")

    async with Consuming(queue, fail_once) as consuming:
        await until(lambda: len(tries) == 2)

    assert await queue.is_idle()
    assert consuming.gave_up == []


async def test_poison_goes_to_the_dead_letters_is_told_of_once_and_holds_nobody_up() -> None:
    queue, handled = InMemoryQueue(), list[str]()
    await queue.send(["poison", "a photo"])

    async def choke(body: str) -> None:
        handled.append(body)
        if body == "poison":
            raise ValueError("it is poison")

    async with Consuming(queue, choke, concurrency=1) as consuming:
        await until(lambda: bool(queue.dead_letters))

    assert queue.dead_letters == ["poison"]
    assert [body for body, _ in consuming.gave_up] == ["poison"]
    assert handled.count("poison") == MAX_RECEIVES
    assert handled.count("a photo") == 1


async def test_stopping_finishes_what_is_begun_and_gives_back_the_rest() -> None:
    queue, begun, finished = InMemoryQueue(), list[str](), list[str]()
    go_on = asyncio.Event()
    await queue.send([f"message {number}" for number in range(8)])

    async def handle(body: str) -> None:
        begun.append(body)
        await go_on.wait()
        finished.append(body)

    async with Consuming(queue, handle, concurrency=2) as consuming:
        await until(lambda: len(begun) == 2)
        stopping = asyncio.create_task(consuming.stop())
        await asyncio.sleep(0)
        go_on.set()
        await stopping

    assert finished == begun
    assert len(queue.waiting()) == 8 - len(finished)


async def test_a_stop_waits_no_longer_than_it_says_however_many_are_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consuming_module, "FINISH_SECONDS", 0.01)
    queue, begun = InMemoryQueue(), list[str]()
    await queue.send([f"message {number}" for number in range(20)])

    async def handle(body: str) -> None:
        begun.append(body)
        await asyncio.Event().wait()

    async with Consuming(queue, handle, concurrency=20) as consuming:
        await until(lambda: len(begun) == 20)
        await consuming.stop()

    assert len(queue.waiting()) == 20


class StumblingQueue(InMemoryQueue):
    """Answers the first receive, delete and change of visibility with an error."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._left: dict[str, Exception] = dict.fromkeys(("receive", "delete", "change_visibility"), error)

    def _stumble(self, call: str) -> None:
        if error := self._left.pop(call, None):
            raise error

    async def receive(self, *, most: int = 10, wait_seconds: int = 20) -> list[ReceivedMessage]:
        self._stumble("receive")
        return await super().receive(most=most, wait_seconds=wait_seconds)

    async def delete(self, messages: "list[ReceivedMessage]") -> None:  # type: ignore[override]
        self._stumble("delete")
        await super().delete(messages)

    async def change_visibility(self, messages: "list[ReceivedMessage]", timeout_seconds: int) -> None:  # type: ignore[override]
        self._stumble("change_visibility")
        await super().change_visibility(messages, timeout_seconds)


@pytest.mark.parametrize("error", [UnavailableError("away"), KeyError("unforeseen")])
async def test_a_queue_that_stumbles_stops_nobody(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heliograph.consuming._PAUSE_AFTER_ERROR_SECONDS", 0)
    queue, handled = StumblingQueue(error), list[str]()
    await queue.send(["one"])

    async def handle(body: str) -> None:
        handled.append(body)

    async with Consuming(queue, handle):
        await until(lambda: handled == ["one"])


async def test_what_is_in_hand_stays_hidden_while_the_heart_beats() -> None:
    queue = InMemoryQueue(visibility_timeout_seconds=0.05)
    await queue.send(["slow"])
    heartbeat = VisibilityHeartbeat(queue, visibility_timeout_seconds=0)
    messages = await queue.receive()
    changes = list[int]()

    async def record(_messages: object, timeout_seconds: int) -> None:
        changes.append(timeout_seconds)

    queue.change_visibility = record  # type: ignore[method-assign,assignment]
    heartbeat.take(messages)
    beating = asyncio.create_task(heartbeat.run())
    await until(lambda: len(changes) >= 3)
    beating.cancel()

    assert heartbeat.in_hand == messages
    heartbeat.let_go(messages)
    assert heartbeat.in_hand == []


class StingyQueue(InMemoryQueue):
    """Answers a poll with so many messages at most, however many wait, as SQS may."""

    def __init__(self, gives: int) -> None:
        super().__init__()
        self._gives = gives

    async def receive(self, *, most: int = 10, wait_seconds: int = 20) -> list[ReceivedMessage]:
        return await super().receive(most=min(most, self._gives), wait_seconds=wait_seconds)


async def test_a_long_queue_whose_polls_come_back_half_full_is_read_without_a_pause() -> None:
    queue, handled = StingyQueue(5), list[str]()
    await queue.send([f"message {number}" for number in range(100)])

    async def handle(body: str) -> None:
        handled.append(body)

    async with Consuming(queue, handle, gather_seconds=3600):
        await until(lambda: len(handled) == 100)


def test_polls_that_bring_little_are_paused_after_but_never_twice_in_a_row() -> None:
    pauses = PollPauses(2.0)

    assert [pauses.after(brought, asked=10) for brought in (1, 4, 4, 4, 5, 9, 10, 1, 0, 1)] == [
        *(2.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0),
        *(2.0, 0.0, 2.0),
    ]


@pytest.mark.parametrize("came_after_a_beat", range(6))
async def test_no_message_in_hand_can_be_seen_by_others_though_every_other_extension_fails(
    came_after_a_beat: int,
) -> None:
    queue = InMemoryQueue()
    await queue.send(["slow"])
    heartbeat = VisibilityHeartbeat(queue, visibility_timeout_seconds=30)
    hidden_until, tries = 30.0, 0
    heartbeat.take(await queue.receive(), at=0.0)
    now = 5.0 - came_after_a_beat

    async def fail_every_other_time(_messages: object, timeout_seconds: int) -> None:
        nonlocal hidden_until, tries
        tries += 1
        if tries % 2:
            raise UnavailableError("away")
        hidden_until = now + timeout_seconds

    queue.change_visibility = fail_every_other_time  # type: ignore[method-assign,assignment]
    while now < 300:
        await heartbeat.beat(at=now)
        assert hidden_until - now >= 10
        now += 5

    assert tries <= 40


async def test_what_came_just_now_is_not_extended_yet() -> None:
    queue = InMemoryQueue()
    heartbeat = VisibilityHeartbeat(queue, visibility_timeout_seconds=3600)
    await queue.send(["old", "new"])
    old, new = await queue.receive(most=1), await queue.receive(most=1)
    extended = list[ReceivedMessage]()

    async def record(messages: Sequence[ReceivedMessage], _timeout_seconds: int) -> None:
        extended.extend(messages)

    queue.change_visibility = record  # type: ignore[method-assign,assignment]
    heartbeat.take(old, at=asyncio.get_running_loop().time() - 1200)
    heartbeat.take(new)
    await heartbeat.beat()
    await heartbeat.beat()

    assert extended == old
