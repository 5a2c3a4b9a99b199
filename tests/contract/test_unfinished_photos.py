"""What every `UnfinishedPhotos` does: the fake and DynamoDB's sparse index, held to the same."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from heliograph.aws import AwsClients
from heliograph.photos import Lane, PhotoStatus
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.photo import Photo, PhotoFailure, Preparation, failed, prepared, retried
from heliograph_metadata.dynamodb.photo_store import DynamoPhotoStore
from heliograph_metadata.dynamodb.unfinished_photos import DynamoUnfinishedPhotos
from heliograph_metadata.service.photo_store import PhotoStore
from heliograph_metadata.service.reconcile import UnfinishedPhoto, UnfinishedPhotos
from heliograph_upload.domain import NewPhoto
from heliograph_upload.dynamodb import DynamoAdmissionStore
from tests.builders import NOON, a_photo
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore
from tests.fakes.in_memory_unfinished_photos import InMemoryUnfinishedPhotos

_PREPARATION = Preparation(content_type="image/jpeg", width_px=4, height_px=3, thumbhash="")


@dataclass
class Stored:
    unfinished: UnfinishedPhotos
    photos: PhotoStore
    admissions: DynamoAdmissionStore | None = None

    async def admit(self, number: int = 0, *, lane: Lane = Lane.INTERACTIVE) -> Photo:
        photo = a_photo(number, status="awaiting_upload", created_at=NOON, updated_at=NOON)
        photo = replace(photo, admission=photo.admission.model_copy(update={"lane": lane}))
        if self.admissions is None:
            assert isinstance(self.photos, InMemoryPhotoStore)
            self.photos.photos[photo.photo_id] = photo
        else:
            new = NewPhoto(photo.photo_id, photo.owner_id, photo.admission, NOON, photo.correlation_id)
            await self.admissions.admit([new])
        return photo

    async def announce_anew(self, photo: Photo, at: datetime) -> None:
        if self.admissions is None:
            assert isinstance(self.photos, InMemoryPhotoStore)
            self.photos.photos[photo.photo_id] = replace(photo, version=photo.version + 1, updated_at=at)
        else:
            new = NewPhoto(photo.photo_id, photo.owner_id, photo.admission, at, photo.correlation_id)
            assert await self.admissions.renew([new]) == {photo.photo_id}

    async def step(self, photo: Photo, after: Photo) -> Photo:
        assert await self.photos.replace(after, stored=photo)
        return after

    async def all(self) -> list[UnfinishedPhoto]:
        return [photo async for photo in self.unfinished.all()]


@pytest.fixture(params=["in memory", "dynamodb"])
def stored(request: pytest.FixtureRequest) -> Stored:
    if request.param == "in memory":
        photos = InMemoryPhotoStore()
        return Stored(InMemoryUnfinishedPhotos(photos), photos)
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    table = stack.table_name("photos")
    return Stored(
        DynamoUnfinishedPhotos(aws.dynamodb, table),
        DynamoPhotoStore(aws.dynamodb, photos_table=table, terms_table=stack.table_name("terms")),
        DynamoAdmissionStore(aws.dynamodb, table),
    )


async def test_an_admitted_photo_is_unfinished_with_all_that_is_known_of_it(stored: Stored) -> None:
    photo = await stored.admit()

    assert await stored.all() == [
        UnfinishedPhoto(photo.photo_id, photo.owner_id, PhotoStatus.AWAITING_UPLOAD, NOON, NOON, photo.correlation_id)
    ]


async def test_the_lane_of_a_photo_is_known_in_each_of_its_states(stored: Stored) -> None:
    photo = await stored.admit(lane=Lane.BACKLOG)
    lanes = [one.lane for one in await stored.all()]

    photo = await stored.step(photo, prepared(photo, _PREPARATION, at=NOON))
    lanes += [one.lane for one in await stored.all()]
    photo = await stored.step(photo, failed(photo, PhotoFailure("broken", "It is broken."), at=NOON))
    await stored.step(photo, retried(photo, at=NOON))
    lanes += [one.lane for one in await stored.all()]

    assert lanes == [Lane.BACKLOG, Lane.BACKLOG, Lane.INTERACTIVE]


async def test_a_photo_that_is_announced_anew_goes_by_the_lane_named_last(stored: Stored) -> None:
    photo = await stored.admit(lane=Lane.BACKLOG)
    again = replace(photo, admission=photo.admission.model_copy(update={"lane": Lane.INTERACTIVE}))

    await stored.announce_anew(again, NOON + timedelta(minutes=1))

    assert [one.lane for one in await stored.all()] == [Lane.INTERACTIVE]


async def test_a_resend_is_counted_once_however_many_count_it(stored: Stored) -> None:
    await stored.admit()
    [unfinished] = await stored.all()
    later = NOON + timedelta(minutes=1)

    assert await stored.unfinished.count_resend(unfinished, at=later)
    assert not await stored.unfinished.count_resend(unfinished, at=later)

    [counted] = await stored.all()
    assert (counted.resends, counted.resent_at) == (1, later)
    assert await stored.unfinished.count_resend(counted, at=later)


async def test_each_state_has_its_own_count_and_one_that_is_left_counts_no_more(stored: Stored) -> None:
    photo = await stored.admit()
    [awaited] = await stored.all()
    await stored.unfinished.count_resend(awaited, at=NOON)

    await stored.step(photo, prepared(photo, _PREPARATION, at=NOON))

    [now_prepared] = await stored.all()
    assert (now_prepared.status, now_prepared.resends, now_prepared.resent_at) == (PhotoStatus.PREPARED, 0, None)
    assert not await stored.unfinished.count_resend(awaited, at=NOON)


async def test_a_failed_photo_is_not_unfinished(stored: Stored) -> None:
    photo = await stored.admit()

    await stored.step(photo, failed(photo, PhotoFailure("not-an-image", "It is none."), at=NOON))

    assert await stored.all() == []


async def test_an_admission_can_be_forgotten_once(stored: Stored) -> None:
    photo = await stored.admit()
    [unfinished] = await stored.all()

    assert await stored.unfinished.forget(unfinished)

    assert await stored.photos.get(photo.photo_id) is None
    assert not await stored.unfinished.forget(unfinished)


async def test_a_photo_that_is_announced_anew_is_not_forgotten(stored: Stored) -> None:
    photo = await stored.admit()
    [unfinished] = await stored.all()
    await stored.announce_anew(photo, NOON + timedelta(hours=23))

    assert not await stored.unfinished.forget(unfinished)

    [renewed] = await stored.all()
    assert renewed.updated_at == NOON + timedelta(hours=23)


async def test_what_was_made_of_an_earlier_announcement_is_not_saved(stored: Stored) -> None:
    photo = await stored.admit()
    await stored.announce_anew(photo, NOON)

    assert not await stored.photos.replace(prepared(photo, _PREPARATION, at=NOON), stored=photo)


async def test_a_photo_of_which_more_is_known_is_not_forgotten(stored: Stored) -> None:
    photo = await stored.admit()
    photo = await stored.step(photo, failed(photo, PhotoFailure("not-an-image", "It is none."), at=NOON))
    photo = await stored.step(photo, retried(photo, at=NOON))
    [unfinished] = await stored.all()

    assert not await stored.unfinished.forget(unfinished)

    assert await stored.photos.get(photo.photo_id) == photo
