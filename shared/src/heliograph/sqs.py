"""SQS queues: receive by long poll, send and delete in batches, and a consumer that loses nothing."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from heliograph.aws import LONG_POLL_SECONDS
from heliograph.errors import UnavailableError
from heliograph.gathering import Gathering

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient

_logger = logging.getLogger(__name__)

SQS_BATCH = 10
"""The most entries in one SQS call. Source: Amazon SQS developer guide, "Batch actions"."""

_CALL_BYTES = 256 * 1024
"""The most that one call carries together; AWS itself takes more since 2025, emulators don't."""

MAX_RECEIVES = 5
"""After this many receives the redrive policy in infra/storage.yaml moves a message to its dead-letter queue."""

_PAUSE_AFTER_ERROR_SECONDS = 1.0

T = TypeVar("T")


@dataclass(frozen=True)
class ReceivedMessage:
    """One message in hand: it comes back when its visibility timeout passes and nobody has deleted it."""

    message_id: str
    receipt_handle: str
    body: str
    receive_count: int

    @property
    def is_last_chance(self) -> bool:
        """Whether the redrive policy takes this message away if it fails now."""
        return self.receive_count >= MAX_RECEIVES


class NotTakenError(UnavailableError):
    """A queue answered, but took not all messages; `refused` holds the places of those that it left."""

    def __init__(self, message: str, refused: Sequence[int]) -> None:
        super().__init__(message)
        self.refused = tuple(refused)


class MessageSender(Protocol):
    """Where messages are sent."""

    async def send(self, bodies: Sequence[str]) -> None:
        """Send all of `bodies`.

        Raises:
            NotTakenError: Some were refused; the others were taken.
            UnavailableError: The queue does not answer; perhaps some were taken.
        """


class MessageQueue(MessageSender, Protocol):
    """A queue as its one consumer sees it. tests/contract/test_message_queue.py is its specification.

    Every method raises `UnavailableError` where the queue does not answer.
    """

    async def receive(self, *, most: int = SQS_BATCH, wait_seconds: int = LONG_POLL_SECONDS) -> list[ReceivedMessage]:
        """Return up to `most` (1-10) messages, waiting for the first one up to `wait_seconds` (0-20)."""

    async def delete(self, messages: Sequence[ReceivedMessage]) -> None:
        """Delete messages whose work is done."""

    async def change_visibility(self, messages: Sequence[ReceivedMessage], timeout_seconds: int) -> None:
        """Keep messages in hand for `timeout_seconds` more; 0 gives them back at once."""

    async def is_idle(self) -> bool:
        """Whether the queue holds nothing, neither waiting nor in somebody's hand (approximate, as SQS is)."""

    async def depth(self) -> int:
        """Return how many messages the queue holds, waiting or in somebody's hand (approximate, as SQS is)."""


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield consecutive runs of `items`, each `size` long but for the last."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _calls(bodies: Sequence[str]) -> Iterator[list[str]]:
    """Yield consecutive runs of `bodies` that one call can send."""
    call: list[str] = []
    size_bytes = 0
    for body in bodies:
        body_bytes = len(body.encode())
        if call and (len(call) == SQS_BATCH or size_bytes + body_bytes > _CALL_BYTES):
            yield call
            call, size_bytes = [], 0
        call.append(body)
        size_bytes += body_bytes
    if call:
        yield call


@contextmanager
def _answering(queue: str) -> Iterator[None]:
    """Turn the SDK's exceptions into `UnavailableError`."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise UnavailableError(f"queue {queue}: {error}") from error
    except UnavailableError:
        raise
    except Exception as error:  # the SDK's parsers raise all sorts of things at an answer that is none of SQS's
        raise UnavailableError(f"queue {queue}: an answer that nobody understands: {error!r}") from error


def _check(response: Any, count: int) -> None:
    """Raise `NotTakenError` where a batch's answer confirms not each of its `count` entries."""
    done = {str(entry["Id"]) for entry in response.get("Successful", [])}
    refused = [i for i in range(count) if str(i) not in done]
    if refused:
        failed = response.get("Failed") or [{}]
        raise NotTakenError(f"not all entries were taken: {failed[0].get('Message', 'no word of them')}", refused)


class SqsQueue:
    """A `MessageQueue` over Amazon SQS, known by its name.

    Nothing is asked before the first call: a service that starts before its queue is there works as soon as it is.
    """

    def __init__(self, client: "SQSClient", name: str) -> None:
        self._client = client
        self._name = name
        self._known_url: str | None = None

    async def _url(self) -> str:
        if self._known_url is None:
            self._known_url = (await self._client.get_queue_url(QueueName=self._name))["QueueUrl"]
        return self._known_url

    async def check(self) -> str:
        """Return the queue's name where it is there.

        Raises:
            UnavailableError: There is no such queue, or SQS does not answer.
        """
        with _answering(self._name):
            await self._client.get_queue_url(QueueName=self._name)
        return self._name

    async def receive(self, *, most: int = SQS_BATCH, wait_seconds: int = LONG_POLL_SECONDS) -> list[ReceivedMessage]:
        """See `MessageQueue.receive`."""
        with _answering(self._name):
            response = await self._client.receive_message(
                QueueUrl=await self._url(),
                MaxNumberOfMessages=most,
                WaitTimeSeconds=wait_seconds,
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
            )
        return [
            ReceivedMessage(
                message_id=message["MessageId"],
                receipt_handle=message["ReceiptHandle"],
                body=message["Body"],
                receive_count=int(message.get("Attributes", {}).get("ApproximateReceiveCount", 1)),
            )
            for message in response.get("Messages", [])
        ]

    async def delete(self, messages: Sequence[ReceivedMessage]) -> None:
        """See `MessageQueue.delete`."""
        for batch in batches(messages, SQS_BATCH):
            with _answering(self._name):
                response = await self._client.delete_message_batch(
                    QueueUrl=await self._url(),
                    Entries=[{"Id": str(i), "ReceiptHandle": m.receipt_handle} for i, m in enumerate(batch)],
                )
                _check(response, len(batch))

    async def change_visibility(self, messages: Sequence[ReceivedMessage], timeout_seconds: int) -> None:
        """See `MessageQueue.change_visibility`."""
        for batch in batches(messages, SQS_BATCH):
            with _answering(self._name):
                response = await self._client.change_message_visibility_batch(
                    QueueUrl=await self._url(),
                    Entries=[
                        {"Id": str(i), "ReceiptHandle": m.receipt_handle, "VisibilityTimeout": timeout_seconds}
                        for i, m in enumerate(batch)
                    ],
                )
                _check(response, len(batch))

    async def send(self, bodies: Sequence[str]) -> None:
        """See `MessageSender.send`."""
        refused: list[int] = []
        why = ""
        first = 0
        for batch in _calls(bodies):
            with _answering(self._name):
                response = await self._client.send_message_batch(
                    QueueUrl=await self._url(),
                    Entries=[{"Id": str(i), "MessageBody": body} for i, body in enumerate(batch)],
                )
                try:
                    _check(response, len(batch))
                except NotTakenError as error:
                    refused += [first + i for i in error.refused]
                    why = str(error)
            first += len(batch)
        if refused:
            raise NotTakenError(f"queue {self._name}: {why}", refused)

    async def is_idle(self) -> bool:
        """See `MessageQueue.is_idle`."""
        return await self.depth() == 0

    async def depth(self) -> int:
        """See `MessageQueue.depth`."""
        with _answering(self._name):
            response = await self._client.get_queue_attributes(
                QueueUrl=await self._url(),
                AttributeNames=[
                    "ApproximateNumberOfMessages",
                    "ApproximateNumberOfMessagesNotVisible",
                    "ApproximateNumberOfMessagesDelayed",
                ],
            )
        return sum(int(count) for count in response["Attributes"].values())


class GatheringSender:
    """A `MessageSender` for many tasks: what they send while a call is under way goes together with the next one."""

    def __init__(self, queue: MessageSender) -> None:
        self._queue = queue
        self._together: Gathering[Sequence[str], None] = Gathering(self._send_all)

    async def send(self, bodies: Sequence[str]) -> None:
        """See `MessageSender.send`; where the call fails, it fails for all whose messages may not have been taken."""
        await self._together.ask(bodies)

    async def _send_all(self, sendings: Sequence[Sequence[str]]) -> list[Exception | None]:
        try:
            await self._queue.send([body for bodies in sendings for body in bodies])
        except NotTakenError as error:
            outcomes: list[Exception | None] = []
            place = 0
            for bodies in sendings:
                mine = range(place, place := place + len(bodies))
                outcomes.append(None if set(error.refused).isdisjoint(mine) else error)
            return outcomes
        return [None] * len(sendings)


class VisibilityHeartbeat:
    """Keeps messages in hand while work on them goes on; to be run as a task beside the work."""

    def __init__(self, queue: MessageQueue, *, visibility_timeout_seconds: int) -> None:
        self._queue = queue
        self._timeout_seconds = visibility_timeout_seconds
        self._in_hand: dict[str, ReceivedMessage] = {}

    @property
    def in_hand(self) -> list[ReceivedMessage]:
        """What is kept in hand now."""
        return list(self._in_hand.values())

    def take(self, messages: Sequence[ReceivedMessage]) -> None:
        """Begin to keep these in hand."""
        self._in_hand.update({message.receipt_handle: message for message in messages})

    def let_go(self, messages: Sequence[ReceivedMessage]) -> None:
        """Stop keeping these in hand."""
        for message in messages:
            self._in_hand.pop(message.receipt_handle, None)

    async def run(self) -> None:
        """Extend the visibility of what is in hand, three times per timeout, until cancelled."""
        while True:
            await asyncio.sleep(self._timeout_seconds / 3)
            await asyncio.gather(*(self._extend(messages) for messages in batches(self.in_hand, SQS_BATCH)))

    async def _extend(self, messages: Sequence[ReceivedMessage]) -> None:
        try:
            async with asyncio.timeout(self._timeout_seconds / 3):  # one that hangs must not hold up the next beat
                await self._queue.change_visibility(messages, self._timeout_seconds)
        except Exception as error:  # noqa: BLE001 - a heart that stops beating is worse than any of them
            _logger.warning("visibility not extended; messages may come twice", extra={"error": str(error)})


class QueueConsumer:
    """Handles messages one by one, several at a time.

    A handler that returns has its message deleted; one that raises leaves its message, which comes back soon
    until the redrive policy moves it to the dead-letter queue. `gave_up` is told of the last failure, so that
    the photo can say why.
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
    ) -> None:
        self._queue = queue
        self._handle = handle
        self._gave_up = gave_up
        self._concurrency = concurrency
        self._retry_after_seconds = retry_after_seconds
        self._heartbeat = VisibilityHeartbeat(queue, visibility_timeout_seconds=visibility_timeout_seconds)
        self._received: asyncio.Queue[ReceivedMessage | None] = asyncio.Queue(maxsize=concurrency)
        self._done: list[ReceivedMessage] = []

    async def run(self, stopping: asyncio.Event) -> None:
        """Consume until `stopping` is set; then finish what is begun, give back what is not, and return."""
        heartbeat = asyncio.create_task(self._heartbeat.run())
        receiver = asyncio.create_task(self._receive())
        workers = [asyncio.create_task(self._work()) for _ in range(self._concurrency)]
        try:
            await stopping.wait()
            receiver.cancel()  # what this very poll was handed comes back by its visibility timeout
            while not self._received.empty():
                self._received.get_nowait()
            for _ in workers:
                await self._received.put(None)
            await asyncio.gather(*workers)
            await self._delete_done()
            await self._give_back()
        finally:
            for task in (heartbeat, receiver, *workers):
                task.cancel()

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

    async def _work(self) -> None:
        while (message := await self._received.get()) is not None:
            try:
                await self._handle(message.body)
            except Exception as error:  # noqa: BLE001 - whatever it is, the message must come back
                await self._leave(message, error)
            else:
                self._done.append(message)
            if len(self._done) >= SQS_BATCH or self._received.empty():
                await self._delete_done()

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

    async def _delete_done(self) -> None:
        done, self._done = self._done, []
        if not done:
            return
        self._heartbeat.let_go(done)
        try:
            await self._queue.delete(done)
        except Exception as error:  # noqa: BLE001 - a worker that ends would be a silent slow-down
            _logger.warning("done messages were not deleted and will come again", extra={"error": str(error)})
