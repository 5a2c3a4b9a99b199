"""photo-prepared in, photo-classified out, in batches; nothing is deleted before its result is sent."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from botocore.exceptions import BotoCoreError, ClientError
from prometheus_client import Counter, Histogram
from pydantic import ValidationError

from heliograph.aws import LONG_POLL_SECONDS
from heliograph.errors import HeliographError, UnavailableError
from heliograph.logs import correlated
from heliograph.messages import BoundingBox, ClassifiedLabel, PhotoClassified, PhotoPrepared
from heliograph.sqs import SQS_BATCH, MessageQueue, MessageSender, ReceivedMessage, VisibilityHeartbeat
from heliograph_inference.domain import Label, PreviewUnavailableError, UnreadablePreviewError
from heliograph_inference.service import Looked, PhotoLabelling

_logger = logging.getLogger(__name__)

_QUEUE_ERRORS = (ClientError, BotoCoreError, UnavailableError)
_PAUSE_AFTER_ERROR_SECONDS = 1.0
_LAST_POLL_SECONDS = 0.5
"""A poll that has messages answers at once: given this long at a stop, none are out of sight on their way here."""

_RETRY_AFTER_SECONDS = 2
"""Times the count of receives: how long a message that could not be handled stays away."""

_PHOTOS = Counter("heliograph_inference_photos", "Photos looked at, by outcome.", ["outcome"])
_BATCH_SECONDS = Histogram("heliograph_inference_batch_seconds", "From a batch in hand to its results sent.")
_BATCH_SIZE = Histogram("heliograph_inference_batch_size", "Photos in a batch.", buckets=(1, 2, 4, 8, 16, 32, 64, 128))


@dataclass(frozen=True)
class _InHand:
    """A message that was understood."""

    message: ReceivedMessage
    photo: PhotoPrepared


class PhotoPreparedConsumer:
    """Takes prepared photos from their queue in batches, has them looked at and sends what was seen."""

    def __init__(
        self,
        queue: MessageQueue,
        classified: MessageSender,
        labelling: PhotoLabelling,
        *,
        batch_size: int,
        batch_wait_seconds: int,
        batches_in_hand: int,
        visibility_timeout_seconds: int,
    ) -> None:
        self._queue = queue
        self._classified = classified
        self._labelling = labelling
        self._batch_size = batch_size
        self._batch_wait_seconds = batch_wait_seconds
        self._slots = asyncio.Semaphore(batches_in_hand)
        self._heartbeat = VisibilityHeartbeat(queue, visibility_timeout_seconds=visibility_timeout_seconds)
        self._working: set[asyncio.Task[None]] = set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Consume until `stopping` is set; then finish the batches begun, give back the rest, and return."""
        heartbeat = asyncio.create_task(self._heartbeat.run())
        receiver = asyncio.create_task(self._receive(stopping))
        stop = asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait({stop, receiver}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({receiver}, timeout=_LAST_POLL_SECONDS)
            receiver.cancel()
            await asyncio.wait({receiver})
            if not receiver.cancelled():
                receiver.result()  # raises what ended it, if anything did
            if self._working:
                await asyncio.wait(self._working)
            await self._give_back(self._heartbeat.in_hand, after_seconds=0)
        finally:
            for task in (heartbeat, receiver, stop, *self._working):
                task.cancel()

    async def _receive(self, stopping: asyncio.Event) -> None:
        while True:
            await self._slots.acquire()
            if stopping.is_set():
                return
            try:
                batch = await self._gather_batch()
            except _QUEUE_ERRORS as error:
                self._slots.release()
                _logger.warning("the queue does not answer", extra={"error": str(error)})
                await asyncio.sleep(_PAUSE_AFTER_ERROR_SECONDS)
                continue
            except BaseException:
                self._slots.release()
                raise
            if stopping.is_set():
                return  # what came in the meantime is given back
            if not batch:
                self._slots.release()
                continue
            task = asyncio.create_task(self._handle_batch(batch))
            self._working.add(task)
            task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._working.discard(task)
        self._slots.release()

    async def _gather_batch(self) -> list[ReceivedMessage]:
        """Return up to a batch of messages, waiting long for the first but no longer than told for the others.

        A receive that came back full says that there is more, so a long queue fills each batch at once.
        """
        batch: list[ReceivedMessage] = []
        wait_seconds = LONG_POLL_SECONDS
        deadline = float("inf")
        while len(batch) < self._batch_size:
            most = min(SQS_BATCH, self._batch_size - len(batch))
            received = await self._queue.receive(most=most, wait_seconds=wait_seconds)
            self._heartbeat.take(received)  # from here on, a stop gives them back
            if not batch:
                deadline = perf_counter() + self._batch_wait_seconds
            batch += received
            if not batch:
                return batch
            wait_seconds = max(0, int(deadline - perf_counter()))
            if len(received) < most and wait_seconds == 0:
                break
        return batch

    async def _handle_batch(self, messages: Sequence[ReceivedMessage]) -> None:
        """Look at each photo, send the results, then delete; what goes wrong leaves its messages to come back."""
        started = perf_counter()
        try:
            understood = [in_hand for message in messages if (in_hand := self._parsed(message))]
            looked = await self._labelling.look_at([in_hand.photo.preview_key for in_hand in understood])
            results = [
                (in_hand, result)
                for in_hand, outcome in zip(understood, looked, strict=True)
                if (result := self._classified_photo(in_hand, outcome))
            ]
            await self._classified.send([result.model_dump_json() for _, result in results])
            for in_hand, result in results:
                self._log(in_hand, result)
            done = [in_hand.message for in_hand, _ in results]
            await self._delete(done)
            self._heartbeat.let_go(done)
        except Exception:
            _logger.exception("a batch was not handled; its messages come back")
        _BATCH_SIZE.observe(len(messages))
        _BATCH_SECONDS.observe(perf_counter() - started)
        await self._give_back_unfinished(messages)

    def _parsed(self, message: ReceivedMessage) -> _InHand | None:
        """Return what a message says; one that says nothing comes back until the redrive policy moves it away."""
        try:
            return _InHand(message, PhotoPrepared.model_validate_json(message.body))
        except ValidationError as error:
            _PHOTOS.labels("malformed").inc()
            _logger.error(  # noqa: TRY400 - its traceback says nothing that the error doesn't
                "a message is malformed",
                extra={
                    "message_id": message.message_id,
                    "receive_count": message.receive_count,
                    "errors": error.errors(include_url=False, include_input=False, include_context=False),
                },
            )
            return None

    def _classified_photo(self, in_hand: _InHand, outcome: Looked) -> PhotoClassified | None:
        """Return the result to send; None where looking again may help and there are tries left, or in an outage.

        A message that is left to the dead letters by an outage is replaced: metadata's reconciler sends it again.
        """
        photo = in_hand.photo
        failure = None
        labels: tuple[Label, ...] = ()
        if isinstance(outcome, HeliographError):
            may_help = not isinstance(outcome, UnreadablePreviewError) and not in_hand.message.is_last_chance
            if may_help or isinstance(outcome, PreviewUnavailableError):
                with correlated(photo.correlation_id):
                    _logger.warning(
                        "a photo will be looked at again", extra={"photo_id": photo.photo_id, "error": str(outcome)}
                    )
                return None
            failure = str(outcome)
        else:
            labels = outcome
        return PhotoClassified(
            correlation_id=photo.correlation_id,
            photo_id=photo.photo_id,
            owner_id=photo.owner_id,
            labels=tuple(_on_the_wire(label) for label in labels),
            models=() if failure else self._labelling.models,
            failure=failure,
            again=photo.again,
        )

    def _log(self, in_hand: _InHand, result: PhotoClassified) -> None:
        _PHOTOS.labels("failed" if result.failure else "classified").inc()
        with correlated(result.correlation_id):
            _logger.info(
                "photo not classified" if result.failure else "photo classified",
                extra={
                    "photo_id": result.photo_id,
                    "labels": [label.name for label in result.labels],
                    "receive_count": in_hand.message.receive_count,
                    **({"failure": result.failure} if result.failure else {}),
                },
            )

    async def _delete(self, done: Sequence[ReceivedMessage]) -> None:
        try:
            await self._queue.delete(done)
        except _QUEUE_ERRORS as error:
            _logger.warning("done messages were not deleted and will come again", extra={"error": str(error)})

    async def _give_back_unfinished(self, messages: Sequence[ReceivedMessage]) -> None:
        in_hand = {message.receipt_handle for message in self._heartbeat.in_hand}
        for message in messages:
            if message.receipt_handle in in_hand:
                self._heartbeat.let_go([message])
                await self._give_back([message], after_seconds=_RETRY_AFTER_SECONDS * message.receive_count)

    async def _give_back(self, messages: Sequence[ReceivedMessage], *, after_seconds: int) -> None:
        if not messages:
            return
        try:
            await self._queue.change_visibility(messages, after_seconds)
        except _QUEUE_ERRORS as error:
            _logger.warning(
                "messages were not given back; their visibility timeout does it", extra={"error": str(error)}
            )


def _on_the_wire(label: Label) -> ClassifiedLabel:
    return ClassifiedLabel(
        name=label.name,
        confidence=label.confidence,
        raw_confidence=label.confidence if label.raw_confidence is None else label.raw_confidence,
        model=label.model,
        boxes=tuple(
            BoundingBox(x1=box.x1, y1=box.y1, x2=box.x2, y2=box.y2, confidence=box.confidence) for box in label.boxes
        ),
    )
