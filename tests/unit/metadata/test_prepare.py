"""Preparing a photo: what is read, what is stored, what is sent, and what a second time changes (nothing)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from heliograph.errors import UnavailableError
from heliograph.messages import Lane, PhotoPrepared, PhotoUploaded, s3_event
from heliograph.photos import OriginalPrefix, PhotoStatus, original_key, preview_key, thumbnail_key
from heliograph_metadata.consumer import PhotoUploadedHandler
from heliograph_metadata.domain.media import Exif, PhotoContent, TruncatedImageError
from heliograph_metadata.domain.photo import Camera, Exposure, Photo, Place, Source
from heliograph_metadata.service.prepare import PrepareService, ReadingProcessDiedError
from tests.builders import NOON, a_photo, an_admission
from tests.fakes.fixed_photo_reader import A_CONTENT, FixedPhotoReader
from tests.fakes.in_memory_photo_files import InMemoryPhotoFiles
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore
from tests.fakes.in_memory_queue import InMemoryQueue

ORIGINAL = b"the original's bytes"
NOW = NOON + timedelta(days=366)
PLACE = Place("PT", "Portugal", "Lisboa", "Lisbon")


class OnePlace:
    """Everywhere is there."""

    def place_at(self, latitude: float, longitude: float) -> Place | None:
        return PLACE


class Stage:
    """A photo whose original has arrived, and all that preparing it needs."""

    def __init__(
        self,
        answer: PhotoContent | Exception = A_CONTENT,
        *,
        status: str = "awaiting_upload",
        lane: Lane = Lane.INTERACTIVE,
    ) -> None:
        admission = an_admission(size_bytes=len(ORIGINAL), lane=lane, prefix=OriginalPrefix.of_lane(lane))
        self.photo = replace(a_photo(status=status), admission=admission)
        self.key = self.photo.original_key
        self.photos = InMemoryPhotoStore([self.photo])
        self.files = InMemoryPhotoFiles()
        self.files.objects[self.key] = ORIGINAL
        self.reader = FixedPhotoReader(answer)
        self.backlog_reader = FixedPhotoReader(answer)
        self.queue, self.backlog = InMemoryQueue(), InMemoryQueue()
        self.service = PrepareService(
            self.photos,
            self.files,
            self.files,
            {Lane.INTERACTIVE: self.reader, Lane.BACKLOG: self.backlog_reader},
            OnePlace(),
            {Lane.INTERACTIVE: self.queue, Lane.BACKLOG: self.backlog},
            at_once=1,
            now=lambda: NOW,
        )

    async def prepare(self, key: str | None = None) -> Photo:
        await self.service.prepare(PhotoUploaded(object_key=key or self.key, size_bytes=len(ORIGINAL)))
        return self.photos.photos[self.photo.photo_id]

    @property
    def sent(self) -> list[PhotoPrepared]:
        return [PhotoPrepared.model_validate_json(body) for body in self.queue.sent]


def reading(exif: Exif) -> PhotoContent:
    return replace(A_CONTENT, exif=exif)


async def test_a_photo_that_has_arrived_is_read_stored_and_handed_to_the_models() -> None:
    stage = Stage()

    photo = await stage.prepare()

    assert photo.status is PhotoStatus.PREPARED
    assert (photo.content_type, photo.width_px, photo.height_px) == ("image/png", 4000, 3000)
    assert photo.thumbhash == "aGFzaA=="
    assert stage.reader.files == [ORIGINAL]
    assert stage.files.objects[thumbnail_key(photo.owner_id, photo.photo_id)] == b"thumbnail"
    assert stage.files.objects[preview_key(photo.owner_id, photo.photo_id)] == b"preview"
    assert stage.sent == [
        PhotoPrepared(
            correlation_id=photo.correlation_id,
            photo_id=photo.photo_id,
            owner_id=photo.owner_id,
            preview_key=preview_key(photo.owner_id, photo.photo_id),
            width_px=4000,
            height_px=3000,
        )
    ]


async def test_preparing_a_photo_twice_sends_one_more_message_and_changes_nothing_else() -> None:
    stage = Stage()
    once = await stage.prepare()

    twice = await stage.prepare()

    assert twice == once
    assert len(stage.reader.files) == 1
    assert stage.sent[0] == stage.sent[1]


async def test_a_photo_of_the_backlog_is_read_and_goes_on_without_touching_the_interactive_lane() -> None:
    stage = Stage(lane=Lane.BACKLOG)

    photo = await stage.prepare()

    assert photo.status is PhotoStatus.PREPARED
    assert (stage.reader.files, stage.backlog_reader.files) == ([], [ORIGINAL])
    assert (len(stage.backlog.sent), stage.queue.sent) == (1, [])


async def test_a_photo_for_which_somebody_has_come_to_wait_goes_on_by_the_interactive_lane() -> None:
    stage = Stage(lane=Lane.BACKLOG)
    stage.photos.photos[stage.photo.photo_id] = replace(stage.photo, is_waited_for=True)

    await stage.prepare()

    assert (stage.reader.files, len(stage.queue.sent), stage.backlog.sent) == ([ORIGINAL], 1, [])


async def test_an_original_that_came_by_the_other_lane_is_read_and_known_where_it_lies() -> None:
    stage = Stage()
    there = original_key(stage.photo.owner_id, stage.photo.photo_id, OriginalPrefix.IMPORTS)
    stage.files.objects = {there: ORIGINAL}

    photo = await stage.prepare(there)

    assert (photo.status, photo.original_key) == (PhotoStatus.PREPARED, there)


async def test_a_refused_original_that_came_by_the_other_lane_is_found_when_it_is_tried_again() -> None:
    stage = Stage(TruncatedImageError("The end of the picture is missing."))
    there = original_key(stage.photo.owner_id, stage.photo.photo_id, OriginalPrefix.IMPORTS)
    stage.files.objects = {there: ORIGINAL}

    assert (await stage.prepare(there)).original_key == there


@pytest.mark.parametrize("status", ["ready", "failed"])
async def test_a_photo_that_has_gone_on_is_left_alone(status: str) -> None:
    stage = Stage(status=status)

    assert await stage.prepare() == stage.photo
    assert stage.sent == []


async def test_a_refused_photo_has_failed_with_the_reason_and_is_not_sent_on() -> None:
    stage = Stage(TruncatedImageError("The end of the picture is missing."))

    photo = await stage.prepare()

    assert photo.status is PhotoStatus.FAILED
    assert photo.failure is not None
    assert (photo.failure.code, photo.failure.detail) == ("truncated-image", "The end of the picture is missing.")
    assert stage.sent == []


async def test_a_file_of_another_size_than_announced_is_refused_unread() -> None:
    stage = Stage()
    stage.files.objects[stage.key] = ORIGINAL + b"more"

    photo = await stage.prepare()

    assert photo.failure is not None
    assert photo.failure.code == "size-mismatch"
    assert stage.reader.files == []


async def test_what_is_not_the_photos_fault_brings_the_message_back_and_leaves_the_photo() -> None:
    stage = Stage(UnavailableError("The process that was reading the photo has died."))

    with pytest.raises(UnavailableError):
        await stage.prepare()

    assert stage.photos.photos[stage.photo.photo_id] == stage.photo


async def test_a_photo_that_is_given_up_has_failed() -> None:
    stage = Stage()

    await stage.service.gave_up(PhotoUploaded(object_key=stage.key, size_bytes=1))

    photo = stage.photos.photos[stage.photo.photo_id]
    assert photo.failure is not None
    assert photo.failure.code == "processing-failed"


async def test_a_prepared_photo_is_not_given_up_because_sending_it_on_failed() -> None:
    stage = Stage(status="prepared")

    await stage.service.gave_up(PhotoUploaded(object_key=stage.key, size_bytes=1))

    assert stage.photos.photos[stage.photo.photo_id] == stage.photo


OUTAGE = UnavailableError("photo bucket: it does not answer")


@pytest.mark.parametrize(
    ("error", "status"),
    [(OUTAGE, "awaiting_upload"), (ReadingProcessDiedError(), "failed"), (ZeroDivisionError(), "failed")],
)
async def test_an_outage_is_no_photos_failure_however_long_it_lasts(error: Exception, status: str) -> None:
    stage = Stage()
    arrival = PhotoUploaded(object_key=stage.key, size_bytes=1)

    await PhotoUploadedHandler(stage.service).gave_up(s3_event("photos", arrival), error)

    assert stage.photos.photos[stage.photo.photo_id].status == status


@pytest.mark.parametrize("key", ["originals/owner/nothing", "originals/somebody/{id}", "elsewhere/a/b", "originals"])
async def test_an_object_that_is_no_photos_original_is_ignored(key: str) -> None:
    stage = Stage()

    assert await stage.prepare(key.format(id=stage.photo.photo_id)) == stage.photo
    assert stage.sent == []


async def test_an_original_that_is_gone_changes_nothing() -> None:
    stage = Stage()
    del stage.files.objects[stage.key]

    assert await stage.prepare() == stage.photo
    assert stage.sent == []


async def test_what_the_camera_wrote_becomes_the_photos() -> None:
    taken_at = datetime(2024, 6, 1, 10, 30, tzinfo=timezone(timedelta(hours=1)))
    exif = Exif(taken_at=taken_at, latitude=38.7, longitude=-9.1, make="FUJIFILM", model="X-T4", aperture=2.8, iso=200)

    photo = await Stage(reading(exif)).prepare()

    assert photo.taken_at is not None
    assert (photo.taken_at.value, photo.taken_at.source) == (taken_at, Source.EXIF)
    assert photo.taken_at.value.utcoffset() == timedelta(hours=1)
    assert photo.location is not None
    assert photo.location.source is Source.EXIF
    assert photo.point is not None
    assert (photo.point.latitude, photo.point.longitude, photo.point.place) == (38.7, -9.1, PLACE)
    assert photo.camera == Camera("FUJIFILM", "X-T4")
    assert photo.exposure == Exposure(aperture=2.8, iso=200)


async def test_a_photo_on_the_equator_and_the_meridian_has_a_location() -> None:
    on_equator = await Stage(reading(Exif(latitude=0.0, longitude=32.5))).prepare()
    on_meridian = await Stage(reading(Exif(latitude=51.5, longitude=0.0))).prepare()

    assert on_equator.point is not None
    assert on_meridian.point is not None


async def test_a_photo_without_exif_has_no_camera_no_exposure_and_no_location() -> None:
    photo = await Stage().prepare()

    assert (photo.camera, photo.exposure, photo.location) == (None, None, None)
    assert photo.taken_at is not None
    assert photo.taken_at.source is Source.DEFAULT
    assert photo.taken_at.value.tzinfo is UTC
