"""What becomes of a photo when the models have looked at it."""

from datetime import UTC, datetime

import pytest

from heliograph.errors import UnavailableError
from heliograph.messages import ClassifiedLabel, PhotoClassified, PhotoFeatures, Reclassification
from heliograph.photos import OwnerId, PhotoStatus
from heliograph_metadata.consumer import PhotoClassifiedHandler
from heliograph_metadata.domain.own_labels import OwnLabel
from heliograph_metadata.domain.photo import Features, Photo, PhotoFailure
from heliograph_metadata.service.label import LabelService
from heliograph_metadata.service.lookalikes import LookalikeService
from heliograph_metadata.service.own_labels import OwnLabelling
from tests.builders import NOON, a_photo
from tests.fakes.in_memory_own_label_store import InMemoryOwnLabelStore
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


def a_handler(service: LabelService, store: InMemoryPhotoStore, own: InMemoryOwnLabelStore) -> PhotoClassifiedHandler:
    own_labels = OwnLabelling(own, store, store, now=lambda: NOON)
    lookalikes = LookalikeService(store, store, InMemoryStackStore(), now=lambda: NOON)
    return PhotoClassifiedHandler(service, own_labels, lookalikes, store, now=lambda: NOON)


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

    await a_handler(service, store, InMemoryOwnLabelStore()).gave_up(a_message(photo, DOG).model_dump_json(), error)

    assert store.photos[photo.photo_id].status == status


FEATURES = PhotoFeatures(space="net@1/1", values="f38=")  # 127, 127


async def test_a_photo_keeps_what_the_network_sees_on_it_as_a_whole_until_it_looks_again() -> None:
    photo = a_photo(status="prepared")
    service, store = a_service(photo)

    await service.label(a_message(photo, DOG).model_copy(update={"features": FEATURES}))
    await service.label(a_message(photo).model_copy(update={"again": Reclassification(looked=("yolov8n",))}))

    assert store.photos[photo.photo_id].features == Features("net@1/1", "f38=")


async def test_a_new_photo_gets_its_owners_own_labels_and_a_message_that_comes_again_changes_nothing() -> None:
    photo = a_photo(status="prepared")
    service, store = a_service(photo)
    own = InMemoryOwnLabelStore()
    await own.put(photo.owner_id, OwnLabel("Rex", "dog", "net@1/1", (1.0, 1.0), 0.0, 5))
    body = a_message(photo, DOG).model_copy(update={"features": FEATURES}).model_dump_json()

    await a_handler(service, store, own).handle(body)
    labelled = store.photos[photo.photo_id]
    await a_handler(service, store, own).handle(body)

    assert [(one.name, one.confidence, one.model) for one in labelled.labels] == [
        ("dog", 0.9, "yolov8n"),
        ("Rex", 0.804, "own-labels@1"),
    ]
    assert store.photos[photo.photo_id] is labelled
