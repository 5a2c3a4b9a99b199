"""photo-prepared in, photo-classified out, of one lane; nothing is deleted before its result is sent."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from time import perf_counter
from typing import TypeVar

from prometheus_client import Counter, Gauge
from pydantic import ValidationError

from heliograph.aws import LONG_POLL_SECONDS
from heliograph.consuming import PollPauses, VisibilityHeartbeat
from heliograph.errors import HeliographError, UnavailableError
from heliograph.logs import correlated
from heliograph.messages import BoundingBox, ClassifiedLabel, Lane, PhotoClassified, PhotoFeatures, PhotoPrepared
from heliograph.sqs import SQS_BATCH, MessageQueue, MessageSender, ReceivedMessage
from heliograph_inference.domain import Label, PreviewUnavailableError, UnreadablePreviewError
from heliograph_inference.results import Result, ResultSender
from heliograph_inference.service import PhotoLabelling

_logger = logging.getLogger(__name__)

_PAUSE_AFTER_ERROR_SECONDS = 1.0
_LAST_POLL_SECONDS = 0.5
"""A poll that has messages answers at once: given this long at a stop, none are out of sight on their way here."""

_RETRY_AFTER_SECONDS = 2
_LATER_EACH_TIME = 4
"""How long a message that could not be handled stays away: 2, 8, 32 and 128 seconds."""

_MOST_UNAVAILABLE = 3
_FIRST_PAUSE_SECONDS = 2.0
_MOST_PAUSE_SECONDS = 30.0
"""After three previews in a row that the store did not give, photos are tried one at a time, each after twice the
pause, until it gives one: an outage must not lead a whole backlog to the dead letters."""

_SHARE_DIGITS = 4
"""What is kept for good is paid for by the byte: a box is told to a ten thousandth of a side, a certainty likewise."""

_QUICK_SECONDS = 1.0
"""A long poll that comes back empty so soon did not wait."""

_POLLS_AT_ONCE = 4
"""While the queue answers full: one poll brings 10 messages, and a GPU is done with them before the next is back."""

_MALFORMED = Counter("heliograph_inference_malformed", "Messages that nobody understands.")
_AGAIN = Counter("heliograph_inference_again", "Times that a photo was put off to be looked at again.")
_IN_HAND = Gauge("heliograph_inference_in_hand", "Photos received and not yet answered.", ["lane"])

P = TypeVar("P")


class PhotoPreparedConsumer:
    """Takes a lane's prepared photos from their queue, has them looked at and sends what was seen.

    It polls only while it has room: a photo that waits too long waits in the queue, where another worker finds it.
    """

    def __init__(
        self,
        queue: MessageQueue,
        classified: MessageSender,
        labelling: PhotoLabelling[P],
        *,
        lane: Lane,
        photos_in_hand: int,
        results_wait_seconds: float,
        visibility_timeout_seconds: int,
        finish_seconds: float = 5.0,
        gather_seconds: float = 0.0,
    ) -> None:
        """Set up one lane.

        Args:
            queue: Where prepared photos come from.
            classified: Where results go.
            labelling: Looks at them.
            lane: Whose photos these are.
            photos_in_hand: The most that are received and not yet answered.
            results_wait_seconds: How long a result may wait for others to be sent with.
            visibility_timeout_seconds: Of the queue.
            finish_seconds: For so long what is in hand at a stop is finished, and then sent; the rest is given back.
            gather_seconds: How long the poll after one that brought little waits, so that it brings more.
        """
        self._queue = queue
        self._labelling = labelling
        self._lane = lane
        self._photos_in_hand = photos_in_hand
        self._finish_seconds = finish_seconds
        self._pauses = PollPauses(gather_seconds)
        self._heartbeat = VisibilityHeartbeat(queue, visibility_timeout_seconds=visibility_timeout_seconds)
        self._sender = ResultSender(
            queue,
            classified,
            in_hand=lambda: len(self._heartbeat.in_hand),
            let_go=self._let_go,
            give_back=self._back_later,
            wait_seconds=results_wait_seconds,
        )
        self._room = asyncio.Event()
        self._working: set[asyncio.Task[None]] = set()
        self._unavailable_in_a_row = 0
        self._store_answered = asyncio.Event()

    async def run(self, stopping: asyncio.Event) -> None:
        """Consume until `stopping` is set; then finish what is begun, give back the rest, and return."""
        heartbeat = asyncio.create_task(self._heartbeat.run())
        receiver = asyncio.create_task(self._receive(stopping))
        sender = asyncio.create_task(self._sender.run())
        stop = asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait({stop, receiver, sender}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({receiver}, timeout=_LAST_POLL_SECONDS)
            receiver.cancel()
            await asyncio.wait({receiver})
            if self._working:
                _, unfinished = await asyncio.wait(self._working, timeout=self._finish_seconds)
                for task in unfinished:
                    task.cancel()
            self._sender.close()
            await asyncio.wait({sender}, timeout=self._finish_seconds)
        finally:
            self._sender.stop_delivering()
            for task in (heartbeat, receiver, sender, *self._working):
                task.cancel()
            stop.cancel()
            await self._give_back(self._heartbeat.in_hand, after_seconds=0)
        for task in (receiver, sender):
            if task.done() and not task.cancelled():
                task.result()  # raises what ended it, if anything did

    async def _receive(self, stopping: asyncio.Event) -> None:
        """Keep as much in hand as there is room for; several polls at once only while each comes back full."""
        polls = 1
        pause_seconds = _FIRST_PAUSE_SECONDS
        while not stopping.is_set():
            room = await self._until_room()
            if self._unavailable_in_a_row < _MOST_UNAVAILABLE:
                pause_seconds = _FIRST_PAUSE_SECONDS
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause_seconds):
                        await self._store_answered.wait()
                pause_seconds = min(2 * pause_seconds, _MOST_PAUSE_SECONDS)
                room = 1
            polls = min(polls, -(-room // SQS_BATCH))
            wait_seconds = LONG_POLL_SECONDS if polls == 1 else 0
            most = min(SQS_BATCH, room // polls)
            counts = await asyncio.gather(*(self._poll(most, wait_seconds, stopping) for _ in range(polls)))
            is_full = all(count == most for count in counts)
            polls = min(2 * polls, _POLLS_AT_ONCE) if is_full else 1
            if pause := self._pauses.after(sum(counts), asked=most * len(counts)):
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await stopping.wait()

    async def _until_room(self) -> int:
        """Return how many more may be in hand, once it is a poll's worth or all there can be."""
        worth_while = min(SQS_BATCH, self._photos_in_hand)
        while (room := self._photos_in_hand - len(self._heartbeat.in_hand)) < worth_while:
            self._room.clear()
            await self._room.wait()
        return room

    async def _poll(self, most: int, wait_seconds: int, stopping: asyncio.Event) -> int:
        """Begin with what a poll brings, and return how many that is."""
        started = perf_counter()
        try:
            messages = await self._queue.receive(most=most, wait_seconds=wait_seconds)
        except Exception as error:  # noqa: BLE001 - a receiver that ends would be a standstill
            _logger.warning("the queue does not answer", extra={"error": str(error)})
            await asyncio.sleep(_PAUSE_AFTER_ERROR_SECONDS)
            return 0
        if not messages and wait_seconds and perf_counter() - started < _QUICK_SECONDS:
            await asyncio.sleep(_PAUSE_AFTER_ERROR_SECONDS)
        self._heartbeat.take(messages)  # from here on, a stop gives them back
        _IN_HAND.labels(self._lane).set(len(self._heartbeat.in_hand))
        if stopping.is_set():
            await self._give_back(messages, after_seconds=0)
            return 0
        for message in messages:
            task = asyncio.create_task(self._handle(message))
            self._working.add(task)
            task.add_done_callback(self._working.discard)
        return len(messages)

    async def _handle(self, message: ReceivedMessage) -> None:
        """Look at a photo; what goes wrong leaves its message to come back, or is said on its last chance."""
        photo = _parsed(message)
        result = await self._answer(photo, message) if photo else None
        if result:
            self._sender.add(result)
        else:
            _AGAIN.inc()
            await self._back_later([message])

    async def _answer(self, photo: PhotoPrepared, message: ReceivedMessage) -> Result | None:
        try:
            answer = await self._classified_photo(photo, message)
            return Result(message, answer, answer.model_dump_json()) if answer else None
        except Exception:
            _logger.exception("looking at a photo failed in an unforeseen way", extra={"photo_id": photo.photo_id})
            if not message.is_last_chance:
                return None
        answer = _failed(photo, "The photo could not be looked at.")
        return Result(message, answer, answer.model_dump_json())

    async def _classified_photo(self, photo: PhotoPrepared, message: ReceivedMessage) -> PhotoClassified | None:
        """Return the result to send; None where looking again may help and there are tries left, or in an outage.

        A message that is left to the dead letters by an outage is replaced: metadata's reconciler sends it again,
        unless the photo was only to be looked at once more, which can be asked for again.
        """
        models = self._labelling.models_for(photo.models)
        if unknown := set(photo.models or ()) - set(models):
            _logger.warning("networks that were asked for are not here", extra={"networks": sorted(unknown)})
        try:
            seen = await self._labelling.look_at(photo.preview_key, self._lane, models)
        except UnreadablePreviewError as error:
            self._store_has_answered()
            return _failed(photo, str(error))
        except HeliographError as error:
            is_outage = isinstance(error, PreviewUnavailableError)
            if is_outage:
                self._unavailable_in_a_row += 1
                self._store_answered.clear()
            else:
                self._store_has_answered()
            with correlated(photo.correlation_id):
                _logger.warning("a photo was not looked at", extra={"photo_id": photo.photo_id, "error": str(error)})
            if is_outage or self._labelling.is_in_doubt or not message.is_last_chance:
                return None
            return _failed(photo, str(error))
        self._store_has_answered()
        return PhotoClassified(
            correlation_id=photo.correlation_id,
            photo_id=photo.photo_id,
            owner_id=photo.owner_id,
            labels=tuple(_on_the_wire(label) for label in seen.labels),
            models=models,
            features=seen.features and PhotoFeatures(space=seen.features.space, values=seen.features.values),
            again=photo.again,
        )

    def _store_has_answered(self) -> None:
        self._unavailable_in_a_row = 0
        self._store_answered.set()

    def _let_go(self, messages: Sequence[ReceivedMessage]) -> None:
        self._heartbeat.let_go(messages)
        _IN_HAND.labels(self._lane).set(len(self._heartbeat.in_hand))
        self._sender.reconsider()
        self._room.set()

    async def _back_later(self, messages: Sequence[ReceivedMessage]) -> None:
        for receive_count in {message.receive_count for message in messages}:
            await self._give_back(
                [message for message in messages if message.receive_count == receive_count],
                after_seconds=_RETRY_AFTER_SECONDS * _LATER_EACH_TIME ** min(receive_count - 1, 3),
            )

    async def _give_back(self, messages: Sequence[ReceivedMessage], *, after_seconds: int) -> None:
        if not messages:
            return
        self._let_go(messages)
        try:
            async with asyncio.timeout(self._finish_seconds):
                await self._queue.change_visibility(messages, after_seconds)
        except (UnavailableError, TimeoutError) as error:
            _logger.warning(
                "messages were not given back; their visibility timeout does it", extra={"error": str(error)}
            )


def _parsed(message: ReceivedMessage) -> PhotoPrepared | None:
    """Return what a message says; one that says nothing comes back until the redrive policy moves it away."""
    try:
        return PhotoPrepared.model_validate_json(message.body)
    except ValidationError as error:
        _MALFORMED.inc()
        _logger.error(  # noqa: TRY400 - its traceback says nothing that the error doesn't
            "a message is malformed",
            extra={
                "message_id": message.message_id,
                "receive_count": message.receive_count,
                "errors": error.error_count(),
                "first": str(error.errors(include_url=False, include_input=False, include_context=False)[0])[:500],
            },
        )
        return None


def _failed(photo: PhotoPrepared, failure: str) -> PhotoClassified:
    return PhotoClassified(
        correlation_id=photo.correlation_id,
        photo_id=photo.photo_id,
        owner_id=photo.owner_id,
        failure=failure,
        again=photo.again,
    )


def _on_the_wire(label: Label) -> ClassifiedLabel:
    return ClassifiedLabel(
        name=label.name,
        confidence=_rounded(label.confidence),
        raw_confidence=_rounded(label.confidence if label.raw_confidence is None else label.raw_confidence),
        model=label.model,
        boxes=tuple(
            BoundingBox(
                x1=_rounded(box.x1),
                y1=_rounded(box.y1),
                x2=_rounded(box.x2),
                y2=_rounded(box.y2),
                confidence=_rounded(box.confidence),
            )
            for box in label.boxes
        ),
    )


def _rounded(share: float) -> float:
    return round(share, _SHARE_DIGITS)
