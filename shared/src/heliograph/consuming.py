"""Consumers of a queue that lose nothing: what is in hand is kept in hand, what fails comes back."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from heliograph.sqs import SQS_BATCH, MessageQueue, ReceivedMessage, batches

_logger = logging.getLogger(__name__)

_PAUSE_AFTER_ERROR_SECONDS = 1.0

FINISH_SECONDS = 15.0
"""What is begun at a stop is finished for so long; the rest is given back before whoever stops it loses patience."""

_BEATS = 6
"""Of a heart in a visibility timeout."""

DELETE_WITHIN_SECONDS = 1.0
"""How long a message that is done waits to be deleted with others, where nothing else is said."""


class PollPauses:
    """Says after which polls the next one waits, so that it brings more.

    SQS often answers a poll with fewer messages than wait: one that brought half of what was asked for does not say
    that there are no more, nor do two in a row that brought little. So a pause follows a poll that brought less than
    half, and none follows the poll after a pause, which shows whether more is coming than a pause gathers.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._has_paused = False

    def after(self, brought: int, *, asked: int) -> float:
        """Return for how many seconds to pause after a poll that brought so many of so many messages."""
        self._has_paused = not self._has_paused and 0 < 2 * brought < asked
        return self._seconds if self._has_paused else 0.0


class VisibilityHeartbeat:
    """Keeps messages in hand while work on them goes on; to be run as a task beside the work.

    A message is extended when a third of its visibility is over, or at the beat after; six beats are in a visibility,
    so that half is left at the latest. One that fails is tried again at the next beat.
    """

    def __init__(self, queue: MessageQueue, *, visibility_timeout_seconds: int) -> None:
        self._queue = queue
        self._timeout_seconds = visibility_timeout_seconds
        self._in_hand: dict[str, ReceivedMessage] = {}
        self._kept_since: dict[str, float] = {}

    @property
    def in_hand(self) -> list[ReceivedMessage]:
        """What is kept in hand now."""
        return list(self._in_hand.values())

    def take(self, messages: Sequence[ReceivedMessage], *, at: float | None = None) -> None:
        """Begin to keep these in hand; they came just now, or at that time of the loop's."""
        self._in_hand.update({message.receipt_handle: message for message in messages})
        self._kept_since.update({message.receipt_handle: _now() if at is None else at for message in messages})

    def let_go(self, messages: Sequence[ReceivedMessage]) -> None:
        """Stop keeping these in hand."""
        for message in messages:
            self._in_hand.pop(message.receipt_handle, None)
            self._kept_since.pop(message.receipt_handle, None)

    async def run(self) -> None:
        """Extend the visibility of what is in hand until cancelled."""
        while True:
            await asyncio.sleep(self._timeout_seconds / _BEATS)
            await self.beat()

    async def beat(self, *, at: float | None = None) -> None:
        """Extend the visibility of what has had none for a third of it; most is done before.

        Args:
            at: The loop's time, if it is not now.
        """
        now = _now() if at is None else at
        due = [
            message
            for handle, message in self._in_hand.items()
            if now - self._kept_since[handle] >= self._timeout_seconds / 3
        ]
        await asyncio.gather(*(self._extend(messages, now) for messages in batches(due, SQS_BATCH)))

    async def _extend(self, messages: Sequence[ReceivedMessage], now: float) -> None:
        try:
            async with asyncio.timeout(self._timeout_seconds / _BEATS):  # one that hangs must not hold up the others
                await self._queue.change_visibility(messages, self._timeout_seconds)
        except Exception as error:  # noqa: BLE001 - a heart that stops beating is worse than any of them
            _logger.warning("visibility not extended; messages may come twice", extra={"error": str(error)})
        else:
            for message in messages:
                if message.receipt_handle in self._kept_since:
                    self._kept_since[message.receipt_handle] = now


class QueueConsumer:
    """Handles messages one by one, several at a time.

    A handler that returns has its message deleted, a second later at most, so that others are deleted with it; one
    that raises leaves its message, which comes back soon until the redrive policy moves it to the dead-letter queue.
    `gave_up` is told of the last failure, so that the photo can say why.
    """

    def __init__(
        self,
        queue: MessageQueue,
        handle: Callable[[str], Awaitable[None]],
        *,
        gave_up: Callable[[str, Exception], Awaitable[None]],
        concurrency: int,
        visibility_timeout_seconds: int = 30,
        retry_after_seconds: int = 2,
        delete_within_seconds: float = DELETE_WITHIN_SECONDS,
        gather_seconds: float = 0.0,
    ) -> None:
        """Make one.

        Args:
            queue: Where messages come from.
            handle: Does the work of a message, by its body.
            gave_up: Is told of the body and the last error of a message that failed each time.
            concurrency: How many are handled at a time.
            visibility_timeout_seconds: Of the queue.
            retry_after_seconds: How long a message that failed stays away, times how often it did.
            delete_within_seconds: How long one that is done may wait to be deleted with others.
            gather_seconds: How long the poll after one that brought little waits, so that it brings more.
        """
        self._queue = queue
        self._handle = handle
        self._gave_up = gave_up
        self._concurrency = concurrency
        self._retry_after_seconds = retry_after_seconds
        self._heartbeat = VisibilityHeartbeat(queue, visibility_timeout_seconds=visibility_timeout_seconds)
        self._delete_within_seconds = delete_within_seconds
        self._pauses = PollPauses(gather_seconds)
        self._received: asyncio.Queue[ReceivedMessage | None] = asyncio.Queue(maxsize=min(concurrency, SQS_BATCH))
        self._done: list[ReceivedMessage] = []
        self._some_done, self._many_done = asyncio.Event(), asyncio.Event()

    async def run(self, stopping: asyncio.Event) -> None:
        """Consume until `stopping` is set; then finish what is begun, give back what is not, and return."""
        heartbeat = asyncio.create_task(self._heartbeat.run())
        receiver = asyncio.create_task(self._receive())
        deleter = asyncio.create_task(self._delete())
        workers = [asyncio.create_task(self._work()) for _ in range(self._concurrency)]
        try:
            await stopping.wait()
            receiver.cancel()  # what this very poll was handed comes back by its visibility timeout
            while not self._received.empty():
                self._received.get_nowait()
            ending = asyncio.create_task(self._end(len(workers)))
            await asyncio.wait(workers, timeout=FINISH_SECONDS)
            for task in (heartbeat, deleter, ending, *workers):
                task.cancel()
            await asyncio.wait({deleter})
            await self._delete_done()
            await self._give_back()
        finally:
            for task in (heartbeat, receiver, deleter, *workers):
                task.cancel()

    async def _end(self, workers: int) -> None:
        """Tell each worker that there is no more; fewer have room in the queue at once than there are."""
        for _ in range(workers):
            await self._received.put(None)

    async def _receive(self) -> None:
        """Keep a few more in hand than the workers hold, so that they never wait for a poll."""
        while True:
            try:
                messages = await self._queue.receive()
            except Exception as error:  # noqa: BLE001 - a receiver that ends would be a silent standstill
                _logger.warning("the queue does not answer", extra={"error": str(error)})
                await asyncio.sleep(_PAUSE_AFTER_ERROR_SECONDS)
                continue
            self._heartbeat.take(messages)
            for message in messages:
                await self._received.put(message)
            await asyncio.sleep(self._pauses.after(len(messages), asked=SQS_BATCH))

    async def _work(self) -> None:
        while (message := await self._received.get()) is not None:
            try:
                await self._handle(message.body)
            except Exception as error:  # noqa: BLE001 - whatever it is, the message must come back
                await self._leave(message, error)
            else:
                self._done.append(message)
                self._some_done.set()
                if len(self._done) >= SQS_BATCH:
                    self._many_done.set()

    async def _delete(self) -> None:
        """Delete what is done, ten at a time or what there is after a while, until cancelled."""
        while True:
            await self._some_done.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._delete_within_seconds):
                    await self._many_done.wait()
            await asyncio.sleep(0)  # those that are done in this turn of the loop go with them
            await self._delete_done(most=max(len(self._done) // SQS_BATCH * SQS_BATCH, SQS_BATCH))

    async def _leave(self, message: ReceivedMessage, error: Exception) -> None:
        _logger.error(
            "a message was not handled",
            exc_info=error,
            extra={"message_id": message.message_id, "receive_count": message.receive_count},
        )
        self._heartbeat.let_go([message])
        try:
            if message.is_last_chance:
                await self._gave_up(message.body, error)
            await self._queue.change_visibility([message], self._retry_after_seconds * message.receive_count)
        except Exception:
            _logger.exception("giving a message back failed; its visibility timeout does it")

    async def _give_back(self) -> None:
        try:
            await self._queue.change_visibility(self._heartbeat.in_hand, 0)
        except Exception as error:  # noqa: BLE001 - as in `_leave`
            _logger.warning("messages were not given back; they come again by themselves", extra={"error": str(error)})

    async def _delete_done(self, *, most: int | None = None) -> None:
        done, self._done = self._done[:most], self._done[len(self._done) if most is None else most :]
        self._many_done.clear()
        if not self._done:
            self._some_done.clear()
        if not done:
            return
        self._heartbeat.let_go(done)
        try:
            await self._queue.delete(done)
        except asyncio.CancelledError:
            self._done[:0] = done  # a stop deletes them
            raise
        except Exception as error:  # noqa: BLE001 - a worker that ends would be a silent slow-down
            _logger.warning("done messages were not deleted and will come again", extra={"error": str(error)})


def _now() -> float:
    return asyncio.get_running_loop().time()
