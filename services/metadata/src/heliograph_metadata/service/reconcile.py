"""Photos that have stood still: their message was lost, so it is sent again.

A stand-in for SQS that is killed forgets its messages, and S3's events are delivered at least once only as long as
the queue is there. While the queues of a photo's stage and lane hold anything, which may be that very message, it is
given far more time; a backlog gives no interactive photo more.
"""

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from heliograph.errors import UnavailableError
from heliograph.logs import correlated
from heliograph.messages import Lane, PhotoUploaded, s3_event
from heliograph.photos import OwnerId, PhotoId, PhotoStatus
from heliograph.sqs import MessageQueue
from heliograph_metadata.service.giving_up import give_up
from heliograph_metadata.service.photo_store import PhotoStore
from heliograph_metadata.service.prepare import Originals, photo_prepared

MOST_RESENDS: Final = 5
"""After so many fruitless ones a photo has failed."""

BUSY_FACTOR: Final = 60
"""So much longer a photo may stand still while its queues hold anything; and it doesn't fail."""

PAUSE_PER_PHOTO: Final = timedelta(milliseconds=10)
LONGEST_REST: Final = timedelta(minutes=15)
"""A look reads all photos that are on their way: the next one is later the more there were, so that looking costs the
same in a backlog of some thousands and of ninety thousand. While there are fewer no look is left out."""

_LONGEST_PAUSE: Final = timedelta(hours=1)

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class UnfinishedPhoto:
    """A photo that is on its way, as the sparse index has it."""

    photo_id: PhotoId
    owner_id: OwnerId
    status: PhotoStatus
    created_at: datetime
    updated_at: datetime
    correlation_id: str
    resends: int = 0
    """How often its message has been sent again in this state."""
    resent_at: datetime | None = None
    lane: Lane = Lane.INTERACTIVE


class UnfinishedPhotos(Protocol):
    """The photos on their way. tests/contract/test_unfinished_photos.py is its specification."""

    def all(self) -> AsyncIterator[UnfinishedPhoto]:
        """Yield them, each owner's oldest first; of late changes some may be missing."""

    async def count_resend(self, photo: UnfinishedPhoto, *, at: datetime) -> bool:
        """Note that its message is sent again; False where it has gone on, or somebody else has just noted it."""

    async def forget(self, photo: UnfinishedPhoto) -> bool:
        """Delete a photo of which nothing but its admission is known; False where more is, or it is announced anew."""


class Reconciler:
    """Looks for photos that have stood still, and sends again what should have moved them."""

    def __init__(
        self,
        unfinished: UnfinishedPhotos,
        photos: PhotoStore,
        originals: Originals,
        *,
        photo_uploaded: Mapping[Lane, MessageQueue],
        photo_prepared: Mapping[Lane, MessageQueue],
        photo_classified: Mapping[Lane, MessageQueue],
        bucket: str,
        admission_lives: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        self._unfinished = unfinished
        self._photos = photos
        self._originals = originals
        self._photo_uploaded = photo_uploaded
        self._photo_prepared = photo_prepared
        self._photo_classified = photo_classified
        self._bucket = bucket
        self._admission_lives = admission_lives
        self._now = now
        self._absent: dict[PhotoId, tuple[datetime, timedelta]] = {}
        self._rests_until: datetime | None = None

    async def look(self, after: timedelta) -> None:
        """Take a look at each unfinished photo, unless the one before has read so many that it is too early.

        Args:
            after: How long a photo has to have stood still; twice as long after each resend.
        """
        if self._rests_until and self._now() < self._rests_until:
            return
        idle = await self._idle()
        seen: set[PhotoId] = set()
        try:
            async for photo in self._unfinished.all():
                seen.add(photo.photo_id)
                await self._look_at(photo, after, is_idle=idle.get((photo.status, photo.lane), False))
            self._absent = {photo_id: known for photo_id, known in self._absent.items() if photo_id in seen}
        finally:
            self._rests_until = self._now() + min(len(seen) * PAUSE_PER_PHOTO, LONGEST_REST)

    async def _look_at(self, photo: UnfinishedPhoto, after: timedelta, *, is_idle: bool) -> None:
        still = self._now() - max(photo.updated_at, photo.resent_at or photo.updated_at)
        if still >= after * 2**photo.resends * (1 if is_idle else BUSY_FACTOR):
            with correlated(photo.correlation_id):
                await self._move_alone(photo, may_fail=is_idle)

    async def _idle(self) -> dict[tuple[PhotoStatus, Lane], bool]:
        """Say of each stage and lane whether its queues hold nothing."""
        idle: dict[tuple[PhotoStatus, Lane], bool] = {}
        for lane in Lane:
            prepared, classified = self._photo_prepared[lane], self._photo_classified[lane]
            idle[PhotoStatus.AWAITING_UPLOAD, lane] = await self._photo_uploaded[lane].is_idle()
            idle[PhotoStatus.PREPARED, lane] = await prepared.is_idle() and await classified.is_idle()
        return idle

    async def _move_alone(self, photo: UnfinishedPhoto, *, may_fail: bool) -> None:
        """Move a photo, so that one which cannot be moved keeps no other from it."""
        try:
            await self._move(photo, may_fail=may_fail)
        except UnavailableError:
            raise
        except Exception:
            _logger.exception("a photo that stands still was not moved", extra={"photo_id": photo.photo_id})

    async def _move(self, photo: UnfinishedPhoto, *, may_fail: bool) -> None:
        if photo.status is PhotoStatus.AWAITING_UPLOAD:
            uploaded = await self._arrived(photo)
            if uploaded is None:
                return
            queue, body = self._photo_uploaded[photo.lane], s3_event(self._bucket, uploaded)
        else:
            stored = await self._photos.get(photo.photo_id)
            if stored is None or stored.status is not PhotoStatus.PREPARED:
                return
            queue, body = self._photo_prepared[stored.lane], photo_prepared(stored).model_dump_json()
        facts = {"photo_id": photo.photo_id, "status": photo.status, "resends": photo.resends}
        if photo.resends >= MOST_RESENDS:
            if may_fail:
                await give_up(self._photos, photo.photo_id, stuck=photo.status, now=self._now)
                _logger.error("a photo never moved on and has failed", extra=facts)
        elif await self._unfinished.count_resend(photo, at=self._now()):
            await queue.send([body])
            _logger.warning("a photo stood still; its message was sent again", extra=facts)

    async def _arrived(self, photo: UnfinishedPhoto) -> PhotoUploaded | None:
        """The original's arrival; None, and the next question later each time, while it isn't there."""
        now = self._now()
        asked_at, pause = self._absent.get(photo.photo_id, (now, timedelta()))
        if now < asked_at + pause:
            return None
        uploaded = await self._originals.arrived(photo.owner_id, photo.photo_id)
        if uploaded is not None:
            self._absent.pop(photo.photo_id, None)
        elif now - photo.updated_at < self._admission_lives:
            self._absent[photo.photo_id] = now, min(max(2 * pause, timedelta(minutes=1)), _LONGEST_PAUSE)
        elif await self._unfinished.forget(photo):
            _logger.info("an admission whose bytes never came was forgotten", extra={"photo_id": photo.photo_id})
        elif (stored := await self._photos.get(photo.photo_id)) and stored.updated_at == photo.updated_at:
            await give_up(self._photos, photo.photo_id, stuck=photo.status, now=self._now)
        return uploaded
