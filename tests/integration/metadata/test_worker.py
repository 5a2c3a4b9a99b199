"""The metadata worker on real S3, SQS and DynamoDB, with its own role's keys: from a PUT to `photo-prepared`."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from PIL import Image

from heliograph.aws import AwsClients
from heliograph.messages import (
    BoundingBox,
    ClassifiedLabel,
    Lane,
    PhotoClassified,
    PhotoPrepared,
    PhotoUploaded,
    Reclassification,
    queue_in,
    s3_event,
)
from heliograph.photos import (
    Admission,
    OriginalPrefix,
    OwnerId,
    PhotoId,
    PhotoStatus,
    original_key,
    photo_id_of,
    thumbnail_key,
)
from heliograph.settings import SharedSettings
from heliograph.sqs import SqsQueue
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.stacks import StackStatus
from heliograph_metadata.domain.terms import Term
from heliograph_metadata.dynamodb.library_index import DynamoLibraryIndex
from heliograph_metadata.dynamodb.photo_store import DynamoPhotoStore
from heliograph_metadata.dynamodb.stack_store import DynamoStackStore
from heliograph_metadata.worker import create_app
from heliograph_upload.domain import NewPhoto
from heliograph_upload.dynamodb import DynamoAdmissionStore
from tests.photos import Exif, a_jpeg, a_png_bomb, a_truncated_jpeg, text_named_jpg
from tools.access import apply_access
from tools.standin import Standin

OWNER = OwnerId("ada")


class Library:
    """Somebody's library, seen from outside the worker."""

    def __init__(self, aws: AwsClients, stack: SharedSettings) -> None:
        self.aws = aws
        self.stack = stack
        self.photos = DynamoPhotoStore(
            aws.dynamodb, photos_table=stack.table_name("photos"), terms_table=stack.table_name("terms")
        )

    async def admit(self, content: bytes, *, announced: bytes | None = None, lane: Lane = Lane.INTERACTIVE) -> PhotoId:
        """Admit a photo as the upload service does."""
        announced = announced or content
        digest = sha256(announced).hexdigest()
        photo_id = photo_id_of(OWNER, digest)
        admission = Admission(
            filename="street.jpg",
            content_type="image/jpeg",
            size_bytes=len(announced),
            sha256=digest,
            lane=lane,
            prefix=OriginalPrefix.of_lane(lane),
        )
        store = DynamoAdmissionStore(self.aws.dynamodb, self.stack.table_name("photos"))
        await store.admit([NewPhoto(photo_id, OWNER, admission, datetime.now(UTC), "story")])
        return photo_id

    async def put(self, photo_id: PhotoId, content: bytes, *, lane: Lane = Lane.INTERACTIVE) -> None:
        key = original_key(OWNER, photo_id, OriginalPrefix.of_lane(lane))
        await self.aws.s3.put_object(Bucket=self.stack.bucket_name, Key=key, Body=content)

    async def upload(self, content: bytes, *, announced: bytes | None = None, lane: Lane = Lane.INTERACTIVE) -> PhotoId:
        photo_id = await self.admit(content, announced=announced, lane=lane)
        await self.put(photo_id, content, lane=lane)
        return photo_id

    async def settled(self, photo_id: PhotoId, *leaving: PhotoStatus) -> Photo:
        """Return the photo once it is in none of these states any more."""
        async with asyncio.timeout(20):
            while True:
                photo = await self.photos.get(photo_id)
                assert photo is not None
                if photo.status not in (leaving or (PhotoStatus.AWAITING_UPLOAD,)):
                    return photo
                await asyncio.sleep(0.05)

    async def handed_on(self, lane: Lane = Lane.INTERACTIVE) -> list[PhotoPrepared]:
        """Return what has been sent to the models since the last time; wait for the first."""
        queue = SqsQueue(self.aws.sqs, self.stack.queue_name(queue_in("photo-prepared", lane)))
        messages = await queue.receive(wait_seconds=10)
        await queue.delete(messages)
        return [PhotoPrepared.model_validate_json(message.body) for message in messages]

    async def send(self, queue: str, body: str) -> None:
        await SqsQueue(self.aws.sqs, self.stack.queue_name(queue)).send([body])

    async def rendition(self, key: str) -> tuple[str, Image.Image]:
        response = await self.aws.s3.get_object(Bucket=self.stack.bucket_name, Key=key)
        return response["ContentType"], Image.open(io.BytesIO(await response["Body"].read()))


def a_plain_jpeg(shade: int) -> bytes:
    """Return a picture that takes a while to read, like no other of another shade."""
    content = io.BytesIO()
    Image.new("RGB", (4000, 3000), (12 * shade, 100, 200)).save(content, "JPEG")
    return content.getvalue()


@pytest.fixture
def library(aws: AwsClients, stack: SharedSettings) -> Library:
    return Library(aws, stack)


@pytest.fixture
def as_metadata(standin: Standin, aws: AwsClients, stack: SharedSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a process that starts now hold the metadata role's keys only (the test's own clients are open already)."""
    keys = apply_access(standin.endpoint, {}, stack_name=stack.stack_name)["metadata-worker"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys.secret_access_key)
    monkeypatch.setenv("HELIOGRAPH_STACK_NAME", stack.stack_name)
    monkeypatch.setenv("HELIOGRAPH_READER_PROCESSES", "1")
    monkeypatch.setenv("HELIOGRAPH_RECONCILE_AT_START_AFTER_SECONDS", "0.2")
    monkeypatch.setenv("HELIOGRAPH_RECONCILE_AFTER_SECONDS", "0.2")
    monkeypatch.setenv("HELIOGRAPH_RECONCILE_EVERY_SECONDS", "0.2")


@pytest.fixture
async def worker(as_metadata: None) -> AsyncIterator[None]:
    app = create_app()
    async with app.router.lifespan_context(app):
        yield


@pytest.fixture
async def worker_alone(as_metadata: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """A worker that sends nothing again: what these tests take from its queues is not lost."""
    for name in ("AT_START_AFTER", "AFTER", "EVERY"):
        monkeypatch.setenv(f"HELIOGRAPH_RECONCILE_{name}_SECONDS", "3600")
    app = create_app()
    async with app.router.lifespan_context(app):
        yield


async def test_a_photo_that_arrives_is_prepared_with_renditions_in_s3_and_handed_to_the_models(
    library: Library, worker_alone: None
) -> None:
    content = a_jpeg(
        "bus.jpg",
        exif=Exif(
            taken_at=datetime(2024, 6, 1, 10, 30, tzinfo=UTC), latitude=38.7223, longitude=-9.1393, orientation=6
        ),
    )

    photo_id = await library.upload(content)
    photo = await library.settled(photo_id)

    assert photo.status is PhotoStatus.PREPARED
    assert (photo.content_type, photo.width_px, photo.height_px) == ("image/jpeg", 1080, 810)
    assert photo.taken == datetime(2024, 6, 1, 10, 30, tzinfo=UTC)
    assert photo.point is not None
    assert photo.point.place is not None
    assert (photo.point.place.country_code, photo.point.place.city) == ("PT", "Lisbon")
    [message] = await library.handed_on()
    assert (message.photo_id, message.correlation_id) == (photo_id, "story")
    assert (message.width_px, message.height_px) == (1080, 810)
    content_type, preview = await library.rendition(message.preview_key)
    assert (content_type, preview.size) == ("image/jpeg", (1080, 810))
    content_type, thumbnail = await library.rendition(thumbnail_key(OWNER, photo_id))
    assert (content_type, thumbnail.size) == ("image/webp", (427, 320))
    assert not preview.getexif()


async def test_one_photo_is_prepared_while_a_bulk_import_is_under_way(library: Library, worker_alone: None) -> None:
    many = [await library.upload(a_plain_jpeg(shade), lane=Lane.BACKLOG) for shade in range(20)]

    one = await library.settled(await library.upload(a_jpeg("bus.jpg")))

    imported = [await library.settled(photo_id) for photo_id in many]
    assert {photo.status for photo in (one, *imported)} == {PhotoStatus.PREPARED}
    assert one.updated_at < max(photo.updated_at for photo in imported)
    assert [message.photo_id for message in await library.handed_on()] == [one.photo_id]
    handed_on: set[PhotoId] = set()
    while len(handed_on) < len(set(many)):
        handed_on |= {message.photo_id for message in await library.handed_on(Lane.BACKLOG)}
    assert handed_on == set(many)


async def test_a_later_look_replaces_labels_and_finds_the_photo_by_the_new_ones(library: Library, worker: None) -> None:
    photo_id = await library.upload(a_jpeg("bus.jpg"))
    await library.settled(photo_id)
    first = ClassifiedLabel(name="lorry", confidence=0.8, model="yolov8n@1")
    second = ClassifiedLabel(name="bus", confidence=0.9, model="yolov8n@2")
    looked = PhotoClassified(
        correlation_id="story", photo_id=photo_id, owner_id=OWNER, labels=(first,), models=("yolov8n@1",)
    )
    await library.send("photo-classified", looked.model_dump_json())
    before = await library.settled(photo_id, PhotoStatus.AWAITING_UPLOAD, PhotoStatus.PREPARED)

    again = looked.model_copy(
        update={"labels": (second,), "models": ("yolov8n@2",), "again": Reclassification(looked=before.models)}
    )
    failure = again.model_copy(update={"labels": (), "models": (), "failure": "It was not to be had."})
    await library.send("photo-classified-backlog", failure.model_dump_json())
    for _ in range(2):
        await library.send("photo-classified-backlog", again.model_dump_json())

    async with asyncio.timeout(20):
        while (after := await library.photos.get(photo_id)) is None or after.version == before.version:  # noqa: ASYNC110 - another process changes it
            await asyncio.sleep(0.05)
    assert (after.status, after.models, after.version) == (PhotoStatus.READY, ("yolov8n@2",), before.version + 1)
    assert [(label.name, label.model) for label in after.labels] == [("bus", "yolov8n@2")]
    index = DynamoLibraryIndex(
        library.aws.dynamodb,
        photos_table=library.stack.table_name("photos"),
        terms_table=library.stack.table_name("terms"),
    )
    async with asyncio.timeout(20):
        while (counts := await index.counts_of(OWNER, [Term("label", "bus"), Term("label", "lorry")])) != {
            Term("label", "bus"): 1,
            Term("label", "lorry"): 0,
        }:
            assert counts
            await asyncio.sleep(0.05)


async def test_an_event_that_comes_twice_sends_the_photo_to_the_models_again_and_changes_nothing_else(
    library: Library, worker_alone: None
) -> None:
    photo_id = await library.upload(a_jpeg("zidane.jpg"))
    once = await library.settled(photo_id)
    assert len(await library.handed_on()) == 1

    event = s3_event(library.stack.bucket_name, PhotoUploaded(object_key=original_key(OWNER, photo_id), size_bytes=1))
    await library.send("photo-uploaded", event)

    assert [message.photo_id for message in await library.handed_on()] == [photo_id]
    assert await library.photos.get(photo_id) == once


@pytest.mark.parametrize(
    ("content", "announced", "code"),
    [
        (text_named_jpg(), None, "not-an-image"),
        (a_truncated_jpeg(), None, "truncated-image"),
        (a_png_bomb(), None, "too-many-pixels"),
        (b"longer than announced", b"short", "size-mismatch"),
        (b"not the same bytes", b"of the same length", "checksum-mismatch"),
    ],
    ids=["a text", "half a JPEG", "a bomb", "another size", "other bytes"],
)
async def test_a_file_that_is_refused_is_a_failed_photo_with_its_reason_and_the_next_one_is_prepared(
    library: Library, worker: None, content: bytes, announced: bytes | None, code: str
) -> None:
    bad = await library.upload(content, announced=announced)
    good = await library.upload(a_jpeg("zidane.jpg"))

    photo = await library.settled(bad)

    assert photo.failure is not None
    assert (photo.status, photo.failure.code) == (PhotoStatus.FAILED, code)
    assert photo.failure.detail
    assert (await library.settled(good)).status is PhotoStatus.PREPARED


async def test_what_the_models_saw_makes_a_prepared_photo_ready(library: Library, worker: None) -> None:
    photo_id = await library.upload(a_jpeg("zidane.jpg"))
    await library.settled(photo_id)
    box = BoundingBox(x1=0.1, y1=0.1, x2=0.5, y2=0.9, confidence=0.8)
    seen = ClassifiedLabel(name="person", confidence=0.8, model="yolov8n", boxes=(box,))

    message = PhotoClassified(
        correlation_id="story", photo_id=photo_id, owner_id=OWNER, labels=(seen,), models=("yolov8n",)
    )
    await library.send("photo-classified", message.model_dump_json())

    photo = await library.settled(photo_id, PhotoStatus.AWAITING_UPLOAD, PhotoStatus.PREPARED)
    assert photo.status is PhotoStatus.READY
    assert [label.name for label in photo.labels] == ["person"]


async def test_a_smaller_copy_and_the_next_take_are_stacked_when_they_are_ready(
    library: Library, worker: None, aws: AwsClients, stack: SharedSettings
) -> None:
    at = datetime(2024, 6, 1, 10, 30, tzinfo=UTC)
    contents = [
        a_jpeg("zidane.jpg", exif=Exif(taken_at=at, make="FUJIFILM")),
        a_jpeg("zidane.jpg", size_px=(640, 360), quality=50),
        a_jpeg("bus.jpg", exif=Exif(taken_at=at + timedelta(seconds=1), make="FUJIFILM")),
    ]
    photo_ids = [await library.upload(content) for content in contents]
    stacks = DynamoStackStore(aws.dynamodb, stack.table_name("stacks"))

    for photo_id in photo_ids:
        await library.settled(photo_id)
        message = PhotoClassified(
            correlation_id="story", photo_id=photo_id, owner_id=OWNER, labels=(), models=("yolov8n",)
        ).model_dump_json()
        await library.send("photo-classified", message)
        await library.send("photo-classified", message)
    for photo_id in photo_ids:
        await library.settled(photo_id, PhotoStatus.AWAITING_UPLOAD, PhotoStatus.PREPARED)
    async with asyncio.timeout(20):
        while True:
            if found := await stacks.listed(OWNER, StackStatus.OPEN, after=None, limit=5):
                break
            await asyncio.sleep(0.05)

    [listed] = found
    assert set(listed.stack.photo_ids) == set(photo_ids[:2])
    assert listed.stack.spread <= 12


async def test_photos_whose_messages_were_lost_move_on_after_a_start(library: Library, as_metadata: None) -> None:
    arrived = await library.upload(a_jpeg("zidane.jpg"))
    lost = SqsQueue(library.aws.sqs, library.stack.queue_name("photo-uploaded"))
    await lost.delete(await lost.receive())
    await lost.delete(await lost.receive(wait_seconds=0))
    assert await lost.is_idle()

    app = create_app()
    async with app.router.lifespan_context(app):
        assert (await library.settled(arrived)).status is PhotoStatus.PREPARED
        sent_again = [*await library.handed_on(), *await library.handed_on()]

    assert {message.photo_id for message in sent_again} == {arrived}


async def test_the_worker_says_what_it_depends_on_is_ready(as_metadata: None) -> None:
    app = create_app()
    async with app.router.lifespan_context(app):
        checks = {name: await check() for name, check in app.state.readiness.items()}

    assert json.dumps(checks)
    assert set(checks) == {"bucket", "tables", "queues", "places", "work"}
