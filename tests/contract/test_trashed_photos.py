"""What every `TrashedPhotos` does: the fake and DynamoDB's sparse index, held to the same."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from heliograph.aws import AwsClients
from heliograph.photos import PhotoId
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.photo import Photo, purged, restored, trashed
from heliograph_metadata.domain.terms import PRESENT, TRASHED
from heliograph_metadata.dynamodb.library_index import DynamoLibraryIndex
from heliograph_metadata.dynamodb.photo_store import DynamoPhotoStore
from heliograph_metadata.dynamodb.trashed_photos import DynamoTrashedPhotos
from heliograph_metadata.service.library_index import LibraryIndex
from heliograph_metadata.service.photo_store import PhotoStore
from heliograph_metadata.service.purge import TrashedPhotos
from heliograph_upload.domain import NewPhoto
from heliograph_upload.dynamodb import DynamoAdmissionStore
from tests.builders import NOON, OWNER, a_photo, admission_of
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore
from tests.fakes.in_memory_trashed_photos import InMemoryTrashedPhotos

DAY = timedelta(days=1)
NOW = NOON + 400 * DAY


@dataclass
class Stored:
    trash: TrashedPhotos
    photos: PhotoStore
    index: LibraryIndex
    admit: Callable[[Photo], Awaitable[object]]

    async def due(self) -> set[PhotoId]:
        return {photo_id async for photo_id in self.trash.due(before=NOW)}

    async def put(self, photo: Photo) -> Photo:
        before = admission_of(photo)
        await self.admit(before)
        following = replace(photo, version=2)
        assert await self.photos.replace(following, stored=before)
        return following

    async def step(self, photo: Photo, after: Photo) -> Photo:
        assert await self.photos.replace(after, stored=photo)
        return after


@pytest.fixture(params=["in memory", "dynamodb"])
def stored(request: pytest.FixtureRequest) -> Stored:
    if request.param == "in memory":
        photos = InMemoryPhotoStore()

        async def remember(photo: Photo) -> None:
            photos.photos[photo.photo_id] = photo

        return Stored(InMemoryTrashedPhotos(photos), photos, photos, remember)
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    tables: Any = {"photos_table": stack.table_name("photos"), "terms_table": stack.table_name("terms")}
    admissions = DynamoAdmissionStore(aws.dynamodb, tables["photos_table"])

    async def admit(photo: Photo) -> None:
        new = NewPhoto(photo.photo_id, photo.owner_id, photo.admission, photo.created_at, photo.correlation_id)
        await admissions.admit([new])

    return Stored(
        DynamoTrashedPhotos(aws.dynamodb, tables["photos_table"]),
        DynamoPhotoStore(aws.dynamodb, **tables),
        DynamoLibraryIndex(aws.dynamodb, **tables),
        admit,
    )


async def test_what_was_trashed_before_is_due_and_nothing_else(stored: Stored) -> None:
    kept, early, late, back = [await stored.put(a_photo(number)) for number in range(4)]
    await stored.step(early, trashed(early, at=NOW - DAY))
    await stored.step(late, trashed(late, at=NOW))
    back = await stored.step(back, trashed(back, at=NOW - DAY))
    assert await stored.due() == {early.photo_id, back.photo_id}

    await stored.step(back, restored(back, at=NOW))

    assert await stored.due() == {early.photo_id}
    assert kept.photo_id not in await stored.due()


async def test_what_is_being_removed_is_due_at_once_and_on_no_list(stored: Stored) -> None:
    photo = await stored.put(a_photo())
    photo = await stored.step(photo, trashed(photo, at=NOW))

    photo = await stored.step(photo, purged(photo, at=NOW))

    assert await stored.due() == {photo.photo_id}
    assert await stored.index.counts_of(OWNER, [TRASHED, PRESENT]) == {TRASHED: 0, PRESENT: 0}
    assert await stored.photos.remove(photo)
    assert await stored.due() == set()


async def test_every_due_photo_is_found_however_many_there_are(stored: Stored) -> None:
    expected = set()
    for number in range(70):
        photo = await stored.put(a_photo(number))
        await stored.step(photo, trashed(photo, at=NOW - DAY))
        expected.add(photo.photo_id)

    assert await stored.due() == expected
