"""What was seen on its way out: sent and then deleted from where it came, ten at a time."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from prometheus_client import Counter

from heliograph.errors import UnavailableError
from heliograph.logs import correlated
from heliograph.messages import PhotoClassified
from heliograph.sqs import SQS_BATCH, MessageQueue, MessageSender, NotTakenError, ReceivedMessage

_logger = logging.getLogger(__name__)

_DELIVERIES_AT_ONCE = 4
_PAUSES_SECONDS = (0.25, 0.5, 1, 2, 4, 8, 16, 16)
"""Between tries to send: a queue that is gone for half a minute costs no photo a second look."""

_PHOTOS = Counter("heliograph_inference_photos", "Photos answered, by outcome.", ["outcome"])


@dataclass(frozen=True)
class Result:
    """What was seen, as it goes out, and the message that asked for it."""

    message: ReceivedMessage
    photo: PhotoClassified
    body: str


class ResultSender:
    """Sends results, then deletes the messages they answer; what cannot be sent goes to `give_back`.

    A result waits for nine others, but not longer than told, and not where nothing else is in hand.
    """

    def __init__(
        self,
        queue: MessageQueue,
        classified: MessageSender,
        *,
        in_hand: Callable[[], int],
        let_go: Callable[[Sequence[ReceivedMessage]], None],
        give_back: Callable[[Sequence[ReceivedMessage]], Awaitable[None]],
        wait_seconds: float,
    ) -> None:
        """Set up the way out of one lane.

        Args:
            queue: Where the messages came from.
            classified: Where results go.
            in_hand: Counts the messages received and not let go yet.
            let_go: Is told of messages that are done.
            give_back: Is told of messages whose results nobody took.
            wait_seconds: How long a result may wait for others.
        """
        self._queue = queue
        self._classified = classified
        self._in_hand = in_hand
        self._let_go = let_go
        self._give_back = give_back
        self._wait_seconds = wait_seconds
        self._results: deque[tuple[Result, float]] = deque()
        self._changed = asyncio.Event()
        self._closing = asyncio.Event()
        self._delivering: set[asyncio.Task[None]] = set()
        self._on_their_way = 0
        self._free = asyncio.Semaphore(_DELIVERIES_AT_ONCE)

    def add(self, result: Result) -> None:
        """Take a result to be sent."""
        self._results.append((result, _now()))
        self._changed.set()

    def reconsider(self) -> None:
        """Less is in hand than before: there may be nothing left to wait for."""
        self._changed.set()

    def close(self) -> None:
        """Let `run` come to its end once it has sent what was added; nothing waits any more."""
        self._closing.set()
        self._changed.set()

    async def run(self) -> None:
        """Send what is added, until `close`."""
        while self._results or not self._closing.is_set():
            if not self._is_time():
                await self._change()
                continue
            batch = [self._results.popleft()[0] for _ in range(min(SQS_BATCH, len(self._results)))]
            self._on_their_way += len(batch)
            await self._free.acquire()
            delivery = asyncio.create_task(self._deliver(batch))
            self._delivering.add(delivery)
            delivery.add_done_callback(self._delivered)
        while self._delivering:
            await asyncio.wait(self._delivering)

    def stop_delivering(self) -> None:
        """Break off what `run` has not brought to its end."""
        for delivery in self._delivering:
            delivery.cancel()

    def _is_time(self) -> bool:
        if not self._results:
            return False
        others = self._in_hand() - len(self._results) - self._on_their_way
        full = len(self._results) >= SQS_BATCH
        return full or others <= 0 or self._closing.is_set() or _now() >= self._results[0][1] + self._wait_seconds

    async def _change(self) -> None:
        self._changed.clear()
        until = self._results[0][1] + self._wait_seconds if self._results else None
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await self._changed.wait()

    def _delivered(self, delivery: asyncio.Task[None]) -> None:
        self._delivering.discard(delivery)
        if not delivery.cancelled() and (error := delivery.exception()):
            _logger.critical("a delivery ended in an unforeseen way", exc_info=error)
        self._free.release()
        self._changed.set()

    async def _deliver(self, results: Sequence[Result]) -> None:
        left: Sequence[Result] = results
        try:
            left = await self._left_after_sending(results)
            sent = [result for result in results if result not in left]
            for result in sent:
                _tell(result)
            await self._delete([result.message for result in sent])
        except Exception:
            _logger.exception("results were not sent; their messages come back")
        finally:
            self._on_their_way -= len(results)
            self._let_go([result.message for result in results if result not in left])
        if left and not self._closing.is_set():  # at a stop everything goes back together
            await self._give_back([result.message for result in left])

    async def _left_after_sending(self, results: Sequence[Result]) -> Sequence[Result]:
        """Send results, again and again; return those that the queue did not take in all that time.

        One that is refused must not take its neighbours along: those of a batch that are, go one by one from then on.
        """
        left = list(results)
        alone = False
        for pause_seconds in (*_PAUSES_SECONDS, 0):
            calls = [[result] for result in left] if alone else [left]
            for call in calls:
                untaken, refused = await self._send(call)
                left = [result for result in left if result not in call or result in untaken]
                alone = alone or refused
            if not left:
                break
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_seconds):
                    await self._closing.wait()
                    break
        return left

    async def _send(self, results: Sequence[Result]) -> tuple[Sequence[Result], bool]:
        """Return those that were not taken, and whether the queue refused them rather than not answered."""
        try:
            await self._classified.send([result.body for result in results])
        except NotTakenError as error:
            _logger.warning("results were refused", extra={"results": len(error.refused), "error": str(error)})
            return [results[i] for i in error.refused], True
        except UnavailableError as error:
            _logger.warning("results were not taken", extra={"results": len(results), "error": str(error)})
            return results, False
        return (), False

    async def _delete(self, messages: Sequence[ReceivedMessage]) -> None:
        try:
            await self._queue.delete(messages)
        except UnavailableError as error:
            _logger.warning("done messages were not deleted and will come again", extra={"error": str(error)})


def _tell(result: Result) -> None:
    photo = result.photo
    _PHOTOS.labels("failed" if photo.failure else "classified").inc()
    said: dict[str, object] = {"photo_id": photo.photo_id}
    if photo.failure:
        said["failure"] = photo.failure
    if result.message.receive_count > 1:
        said["receive_count"] = result.message.receive_count
    with correlated(photo.correlation_id):
        _logger.info("photo not classified" if photo.failure else "photo classified", extra=said)


def _now() -> float:
    return asyncio.get_running_loop().time()
