"""What becomes of a photo when the models have looked at it."""

from datetime import UTC, datetime

import pytest

from heliograph.errors import UnavailableError
from heliograph.messages import ClassifiedLabel, PhotoClassified, Reclassification
from heliograph.photos import OwnerId, PhotoStatus
from heliograph_metadata.consumer import PhotoClassifiedHandler
from heliograph_metadata.domain.photo import Photo, PhotoFailure
from heliograph_metadata.service.label import LabelService
from heliograph_metadata.service.lookalikes import LookalikeService
from tests.builders import NOON, a_photo
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore
from tests.fakes.in_memory_stack_store import InMemoryStackStore

DOG = ClassifiedLabel(name="dog", confidence=0.9, model="yolov8n")


def a_message(
    photo: Photo, *labels: ClassifiedLabel, failure: str | None = None, owner_id: str = ""
) -> PhotoClassified:
    return PhotoClassified(
        correlation_id="correlation",
        photo_id=photo.photo_id,
        owner_id=OwnerId(owner_id or photo.owner_id),
        labels=labels,
        models=() if failure else ("yolov8n",),
        failure=failure,
    )


def a_service(*photos: Photo) -> tuple[LabelService, InMemoryPhotoStore]:
    store = InMemoryPhotoStore(photos)
    return LabelService(store, now=lambda: datetime.now(UTC)), store


async def test_a_photo_that_was_looked_at_is_ready_with_its_labels() -> None:
    waiting = a_photo(status="prepared")
    service, store = a_service(waiting)

    await service.label(a_message(waiting, DOG))

    photo = store.photos[waiting.photo_id]
    assert (photo.status, [label.name for label in photo.labels]) == (PhotoStatus.READY, ["dog"])


async def test_a_photo_on_which_no_model_saw_anything_is_ready() -> None:
    waiting = a_photo(status="prepared")
    service, store = a_service(waiting)

    await service.label(a_message(waiting))

    assert store.photos[waiting.photo_id].status is PhotoStatus.READY


async def test_a_photo_that_no_model_could_look_at_says_why() -> None:
    waiting = a_photo(status="prepared")
    service, store = a_service(waiting)

    await service.label(a_message(waiting, failure="The preview is not to be had."))

    photo = store.photos[waiting.photo_id]
    assert photo.status is PhotoStatus.FAILED
    assert photo.failure == PhotoFailure("classification-failed", "The preview is not to be had.")


async def test_the_same_message_again_changes_nothing() -> None:
    waiting = a_photo(status="prepared")
    service, store = a_service(waiting)

    first = await service.label(a_message(waiting, DOG))
    second = await service.label(a_message(waiting, DOG))

    assert first == second == store.photos[waiting.photo_id]


@pytest.mark.parametrize("status", ["awaiting_upload", "ready", "failed"])
@pytest.mark.parametrize("failure", [None, "No model answered."])
async def test_a_message_that_comes_too_late_is_harmless(status: str, failure: str | None) -> None:
    photo = a_photo(status=status)
    service, store = a_service(photo)

    assert await service.label(a_message(photo, DOG, failure=failure)) == photo

    assert store.photos[photo.photo_id] == photo


async def test_a_later_look_that_fails_leaves_the_photo_ready_as_it_was() -> None:
    photo = a_photo(labels=["dog"])
    service, store = a_service(photo)
    failure = a_message(photo, failure="The preview is not to be had.")

    await service.label(failure.model_copy(update={"again": Reclassification(looked=())}))

    assert store.photos[photo.photo_id] == photo


async def test_a_later_look_replaces_the_labels_in_one_save() -> None:
    photo = a_photo(labels=["cat"])
    service, store = a_service(photo)
    message = a_message(photo, DOG).model_copy(update={"again": Reclassification(looked=())})

    await service.label(message)
    await service.label(message)

    again = store.photos[photo.photo_id]
    assert ([label.name for label in again.labels], again.version) == (["dog"], photo.version + 1)


async def test_a_photo_in_the_trash_stays_there_with_its_labels() -> None:
    trashed = a_photo(status="prepared", trashed_at=NOON)
    service, _ = a_service(trashed)

    photo = await service.label(a_message(trashed, DOG))

    assert photo is not None
    assert (photo.trashed_at, photo.status) == (NOON, PhotoStatus.READY)


async def test_a_message_for_no_photo_or_for_another_s_is_harmless() -> None:
    photo = a_photo(status="prepared")
    service, store = a_service(photo)

    assert await service.label(a_message(a_photo(99), DOG)) is None
    await service.label(a_message(photo, DOG, owner_id="stranger"))

    assert store.photos[photo.photo_id] == photo


@pytest.mark.parametrize(("error", "status"), [(UnavailableError(), "prepared"), (ZeroDivisionError(), "failed")])
async def test_an_outage_is_no_photos_failure_however_long_it_lasts(error: Exception, status: str) -> None:
    photo = a_photo(status="prepared")
    service, store = a_service(photo)

    lookalikes = LookalikeService(store, store, InMemoryStackStore(), now=lambda: NOON)
    handler = PhotoClassifiedHandler(service, lookalikes, store, now=lambda: NOON)
    await handler.gave_up(a_message(photo, DOG).model_dump_json(), error)

    assert store.photos[photo.photo_id].status == status
