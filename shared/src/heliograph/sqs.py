"""SQS queues: receive by long poll, send and delete in batches."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from heliograph.aws import LONG_POLL_SECONDS
from heliograph.errors import UnavailableError

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient

SQS_BATCH = 10
"""The most entries in one SQS call. Source: Amazon SQS developer guide, "Batch actions"."""

_CALL_BYTES = 256 * 1024
"""The most that one call carries together; AWS itself takes more since 2025, emulators don't."""

MAX_RECEIVES = 5
"""After this many receives the redrive policy in infra/storage.yaml moves a message to its dead-letter queue."""

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

        async def call(batch: Sequence[ReceivedMessage]) -> Any:
            entries = [{"Id": str(i), "ReceiptHandle": m.receipt_handle} for i, m in enumerate(batch)]
            return await self._client.delete_message_batch(QueueUrl=await self._url(), Entries=entries)  # type: ignore[arg-type]

        await self._each(call, batches(messages, SQS_BATCH))

    async def change_visibility(self, messages: Sequence[ReceivedMessage], timeout_seconds: int) -> None:
        """See `MessageQueue.change_visibility`."""

        async def call(batch: Sequence[ReceivedMessage]) -> Any:
            return await self._client.change_message_visibility_batch(
                QueueUrl=await self._url(),
                Entries=[
                    {"Id": str(i), "ReceiptHandle": m.receipt_handle, "VisibilityTimeout": timeout_seconds}
                    for i, m in enumerate(batch)
                ],
            )

        await self._each(call, batches(messages, SQS_BATCH))

    async def send(self, bodies: Sequence[str]) -> None:
        """See `MessageSender.send`."""

        async def call(batch: Sequence[str]) -> Any:
            entries = [{"Id": str(i), "MessageBody": body} for i, body in enumerate(batch)]
            return await self._client.send_message_batch(QueueUrl=await self._url(), Entries=entries)  # type: ignore[arg-type]

        await self._each(call, _calls(bodies))

    async def _each(self, call: Callable[[Sequence[T]], Awaitable[Any]], batched: Iterator[Sequence[T]]) -> None:
        """Make every call, also after one that was answered with refusals, and then tell of all of them."""
        refused: list[int] = []
        why = ""
        first = 0
        for batch in batched:
            with _answering(self._name):
                response = await call(batch)
                done = {str(entry["Id"]) for entry in response.get("Successful", [])}
                if left := [first + i for i in range(len(batch)) if str(i) not in done]:
                    refused += left
                    why = (response.get("Failed") or [{}])[0].get("Message", "no word of them")
            first += len(batch)
        if refused:
            raise NotTakenError(f"queue {self._name} took not all: {why}", refused)

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
