"""Photos that have stood still: which are moved on, when, how often, and which are left."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from heliograph.errors import UnavailableError
from heliograph.messages import Lane, PhotoPrepared, PhotoUploaded, photos_uploaded
from heliograph.photos import OriginalPrefix, original_key
from heliograph.rounds import rounds
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.service import reconcile
from heliograph_metadata.service.reconcile import BUSY_FACTOR, MOST_RESENDS, Reconciler
from tests.builders import NOON, a_photo
from tests.fakes.in_memory_photo_files import InMemoryPhotoFiles
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore
from tests.fakes.in_memory_queue import InMemoryQueue
from tests.fakes.in_memory_unfinished_photos import InMemoryUnfinishedPhotos

MINUTE = timedelta(minutes=1)


class Stage:
    """One photo, last changed at noon, and a clock."""

    def __init__(
        self,
        status: str,
        *,
        arrived: bool = True,
        version: int = 1,
        photo_uploaded: InMemoryQueue | None = None,
        lane: Lane = Lane.INTERACTIVE,
    ) -> None:
        photo = a_photo(status=status, created_at=NOON, updated_at=NOON, version=version)
        self.photo = replace(photo, admission=photo.admission.model_copy(update={"lane": lane}))
        self.photos = InMemoryPhotoStore([self.photo])
        self.files = InMemoryPhotoFiles()
        if arrived:
            self.files.objects[original_key(self.photo.owner_id, self.photo.photo_id)] = b"original"
        self.photo_uploaded, self.photo_prepared, self.photo_classified = (InMemoryQueue() for _ in range(3))
        self.photo_uploaded = photo_uploaded or self.photo_uploaded
        self.backlog = {kind: InMemoryQueue() for kind in ("uploaded", "prepared", "classified")}
        self.unfinished = InMemoryUnfinishedPhotos(self.photos)
        self.now = NOON
        self.reconciler = Reconciler(
            self.unfinished,
            self.photos,
            self.files,
            photo_uploaded={Lane.INTERACTIVE: self.photo_uploaded, Lane.BACKLOG: self.backlog["uploaded"]},
            photo_prepared={Lane.INTERACTIVE: self.photo_prepared, Lane.BACKLOG: self.backlog["prepared"]},
            photo_classified={Lane.INTERACTIVE: self.photo_classified, Lane.BACKLOG: self.backlog["classified"]},
            bucket="photos",
            admission_lives=timedelta(hours=24),
            now=lambda: self.now,
        )

    async def look(self, at: timedelta) -> None:
        self.now = NOON + at
        await self.reconciler.look(after=MINUTE)

    async def look_with_empty_queues(self, at: timedelta) -> None:
        for queue in (self.photo_uploaded, self.photo_prepared, self.photo_classified):
            await queue.delete(await queue.receive(wait_seconds=0))
        await self.look(at)

    @property
    def stored(self) -> Photo | None:
        return self.photos.photos.get(self.photo.photo_id)

    @property
    def failure_code(self) -> str | None:
        return self.stored.failure.code if self.stored and self.stored.failure else None


async def test_s3s_event_is_told_again_of_an_original_that_has_arrived() -> None:
    stage = Stage("awaiting_upload")

    await stage.look(MINUTE)

    [uploaded] = photos_uploaded(stage.photo_uploaded.sent[0])
    assert uploaded.object_key == original_key(stage.photo.owner_id, stage.photo.photo_id)
    assert uploaded.size_bytes == len(b"original")
    assert stage.photo_prepared.sent == []


async def test_a_prepared_photo_is_handed_to_the_models_again() -> None:
    stage = Stage("prepared")

    await stage.look(MINUTE)

    [body] = stage.photo_prepared.sent
    assert PhotoPrepared.model_validate_json(body).photo_id == stage.photo.photo_id
    assert stage.photo_uploaded.sent == []


@pytest.mark.parametrize("status", ["awaiting_upload", "prepared"])
async def test_a_photo_that_has_just_moved_is_left_alone(status: str) -> None:
    stage = Stage(status)

    await stage.look(timedelta(seconds=59))

    assert stage.photo_uploaded.sent + stage.photo_prepared.sent == []


@pytest.mark.parametrize("status", ["ready", "failed"])
async def test_a_finished_photo_is_left_alone(status: str) -> None:
    stage = Stage(status)

    await stage.look(timedelta(days=30))

    assert stage.photo_uploaded.sent + stage.photo_prepared.sent == []


@pytest.mark.parametrize("busy", ["photo_prepared", "photo_classified"])
async def test_a_photo_whose_message_may_still_be_there_is_given_far_more_time(busy: str) -> None:
    stage = Stage("prepared")
    queue: InMemoryQueue = getattr(stage, busy)
    await queue.send(["of another photo"])

    await stage.look(MINUTE)
    assert len(stage.photo_prepared.waiting()) == (busy == "photo_prepared")

    await stage.look(BUSY_FACTOR * MINUTE)
    assert len(stage.photo_prepared.waiting()) == 1 + (busy == "photo_prepared")


@pytest.mark.parametrize(("status", "busy"), [("awaiting_upload", "uploaded"), ("prepared", "prepared")])
async def test_a_backlog_gives_no_interactive_photo_more_time(status: str, busy: str) -> None:
    stage = Stage(status)
    await stage.backlog[busy].send(["of a bulk import"])

    await stage.look(MINUTE)

    assert len(stage.photo_uploaded.sent + stage.photo_prepared.sent) == 1


@pytest.mark.parametrize(("status", "queue"), [("awaiting_upload", "uploaded"), ("prepared", "prepared")])
async def test_a_photo_of_a_bulk_import_is_sent_again_by_its_own_lane(status: str, queue: str) -> None:
    stage = Stage(status, lane=Lane.BACKLOG)

    await stage.look(MINUTE)

    assert len(stage.backlog[queue].sent) == 1
    assert stage.photo_uploaded.sent + stage.photo_prepared.sent == []


async def test_an_original_is_found_wherever_it_came() -> None:
    stage = Stage("awaiting_upload", arrived=False)
    there = original_key(stage.photo.owner_id, stage.photo.photo_id, OriginalPrefix.IMPORTS)
    stage.files.objects[there] = b"original"

    await stage.look(MINUTE)

    [event] = stage.photo_uploaded.sent
    assert photos_uploaded(event) == [PhotoUploaded(object_key=there, size_bytes=len(b"original"))]


async def test_each_resend_waits_twice_as_long_as_the_one_before() -> None:
    stage = Stage("prepared")
    sent_at = [second for second in range(0, 1000, 10) if await _sends_one_more(stage, timedelta(seconds=second))]

    assert sent_at == [60, 180, 420, 900]


async def _sends_one_more(stage: Stage, at: timedelta) -> bool:
    before = len(stage.photo_prepared.sent)
    await stage.look_with_empty_queues(at)
    return len(stage.photo_prepared.sent) > before


@pytest.mark.parametrize("status", ["awaiting_upload", "prepared"])
async def test_a_photo_that_never_moves_has_failed_after_five_fruitless_resends(status: str) -> None:
    stage = Stage(status)

    for hours in range(MOST_RESENDS):
        await stage.look_with_empty_queues(timedelta(hours=hours + 1))
    assert stage.failure_code is None
    await stage.look_with_empty_queues(timedelta(hours=10))

    assert stage.failure_code == "processing-failed"
    assert len(stage.photo_uploaded.sent + stage.photo_prepared.sent) == MOST_RESENDS


async def test_a_photo_does_not_fail_while_its_queue_is_busy() -> None:
    stage = Stage("prepared")
    for days in range(MOST_RESENDS + 3):
        await stage.look(timedelta(days=10 * days + 1))

    assert stage.failure_code is None
    assert len(stage.photo_prepared.sent) == MOST_RESENDS


async def test_an_admission_whose_bytes_never_come_is_forgotten_after_a_day() -> None:
    stage = Stage("awaiting_upload", arrived=False)

    await stage.look(timedelta(hours=23))
    assert stage.stored is not None
    await stage.look(timedelta(hours=25))

    assert stage.stored is None
    assert stage.photo_uploaded.sent == []


async def test_a_photo_whose_original_has_vanished_is_failed_and_not_forgotten() -> None:
    stage = Stage("awaiting_upload", arrived=False, version=3)

    await stage.look(timedelta(hours=25))

    assert stage.failure_code == "processing-failed"


async def test_a_photo_that_is_announced_anew_meanwhile_is_left_to_wait() -> None:
    stage = Stage("awaiting_upload", arrived=False)
    stage.unfinished.then = lambda: stage.photos.photos.update(
        {stage.photo.photo_id: replace(stage.photo, updated_at=NOON + timedelta(hours=25))}
    )

    await stage.look(timedelta(hours=25))

    assert stage.stored is not None
    assert stage.stored.status == "awaiting_upload"


async def test_a_photo_that_cannot_be_moved_keeps_no_other_from_it() -> None:
    stage = Stage("prepared")
    broken = a_photo(1, status="prepared", created_at=NOON - MINUTE, updated_at=NOON, width_px=-1)
    stage.photos.photos[broken.photo_id] = broken

    await stage.look(MINUTE)

    [body] = stage.photo_prepared.sent
    assert PhotoPrepared.model_validate_json(body).photo_id == stage.photo.photo_id


class BrokenOnce(InMemoryQueue):
    """Fails the first time that it is asked."""

    asked = 0

    async def is_idle(self) -> bool:
        self.asked += 1
        if self.asked == 1:
            raise ValueError("nobody foresaw this")
        return await super().is_idle()


async def test_a_look_that_breaks_off_is_taken_again() -> None:
    stage = Stage("prepared", photo_uploaded=BrokenOnce())
    stage.now = NOON + MINUTE
    stopping = asyncio.Event()

    running = asyncio.create_task(
        rounds(
            "photos",
            stage.reconciler.look,
            stopping,
            at_start_after=timedelta(),
            after=MINUTE,
            every=timedelta(hours=1),
        )
    )
    async with asyncio.timeout(5):
        await stage.photo_prepared.receive()
        stopping.set()
        await running


async def test_bytes_that_come_late_are_noticed() -> None:
    stage = Stage("awaiting_upload", arrived=False)
    await stage.look(MINUTE)
    stage.files.objects[original_key(stage.photo.owner_id, stage.photo.photo_id)] = b"original"

    await stage.look(3 * MINUTE)

    assert len(stage.photo_uploaded.sent) == 1


def waiting_beside(stage: Stage, photos: int) -> None:
    for number in range(1, photos):
        waiting = a_photo(number, status="awaiting_upload", created_at=NOON - MINUTE, updated_at=NOON)
        stage.photos.photos[waiting.photo_id] = waiting


async def test_after_many_photos_it_looks_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "PAUSE_PER_PHOTO", MINUTE)
    stage = Stage("prepared")
    waiting_beside(stage, 10)
    await stage.look(timedelta())

    await stage.look(9 * MINUTE)
    assert stage.photo_prepared.sent == []

    await stage.look(10 * MINUTE)
    assert len(stage.photo_prepared.sent) == 1


async def test_after_however_many_it_looks_again_in_a_quarter_of_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "PAUSE_PER_PHOTO", MINUTE)
    stage = Stage("prepared")
    waiting_beside(stage, 100)
    await stage.look(timedelta())

    await stage.look(15 * MINUTE)

    assert len(stage.photo_prepared.sent) == 1


async def test_a_look_that_broke_off_has_read_as_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "PAUSE_PER_PHOTO", MINUTE)
    stage = Stage("prepared")
    waiting_beside(stage, 10)
    looks: list[None] = []
    stage.unfinished.then = lambda: looks.append(None)
    monkeypatch.setattr(stage.photo_prepared, "send", _unavailable)

    for minute in range(1, 6):
        with suppress(UnavailableError):
            await stage.look(minute * MINUTE)

    assert len(looks) == 1


async def _unavailable(bodies: object) -> None:
    raise UnavailableError("The queue does not answer.")


async def test_it_looks_at_its_start_and_ends_when_it_is_told_to() -> None:
    stage = Stage("prepared")
    stage.now = NOON + MINUTE
    stopping = asyncio.Event()

    running = asyncio.create_task(
        rounds(
            "photos",
            stage.reconciler.look,
            stopping,
            at_start_after=timedelta(),
            after=MINUTE,
            every=timedelta(hours=1),
        )
    )
    async with asyncio.timeout(5):
        [message] = await stage.photo_prepared.receive()
        stopping.set()
        await running

    assert PhotoPrepared.model_validate_json(message.body).photo_id == stage.photo.photo_id
