"""What leaves the trash for good, when, and that nothing of it is left behind."""

from dataclasses import replace
from datetime import timedelta

import pytest

from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId, PhotoId, original_key
from heliograph_metadata.domain.errors import PhotoNotFoundError, PhotoNotTrashedError
from heliograph_metadata.domain.photo import Photo, edited, purged, restored, trashed
from heliograph_metadata.domain.terms import terms
from heliograph_metadata.service.purge import Purger
from tests.builders import NOON, OWNER, a_photo
from tests.fakes.in_memory_photo_files import InMemoryPhotoFiles
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore
from tests.fakes.in_memory_trashed_photos import InMemoryTrashedPhotos

DAYS = timedelta(days=1)
NOW = NOON + 1000 * DAYS


class Stage:
    """Photos with their files, and a purger."""

    def __init__(self, *photos: Photo) -> None:
        self.photos = InMemoryPhotoStore(photos)
        self.files = InMemoryPhotoFiles()
        for photo in photos:
            self.files.objects[original_key(photo.owner_id, photo.photo_id)] = b"original"
        self.now = NOW
        self.purger = Purger(
            self.photos,
            InMemoryTrashedPhotos(self.photos),
            self.files,
            keeps=30 * DAYS,
            now=lambda: self.now,
        )

    @property
    def left(self) -> tuple[int, int]:
        return len(self.photos.photos), len(self.files.objects)


def trashed_for(days: float, number: int = 0) -> Photo:
    return replace(a_photo(number), trashed_at=NOW - days * DAYS)


async def test_the_trash_is_emptied_of_what_was_in_it_long_enough() -> None:
    stage = Stage(a_photo(1), trashed_for(29, 2), trashed_for(31, 3), trashed_for(300, 4))

    assert await stage.purger.look() == 2

    assert stage.left == (2, 2)
    stage.now += 2 * DAYS
    assert await stage.purger.look() == 1
    assert stage.left == (1, 1)


async def test_a_photo_that_was_restored_meanwhile_stays() -> None:
    stage = Stage(trashed_for(31))
    [photo] = stage.photos.photos.values()
    back = restored(photo, at=NOW)

    stage.photos.photos[photo.photo_id] = back
    assert await stage.purger._purge_due(photo.photo_id, NOW) is False
    assert await stage.purger.purge(photo) is False
    assert stage.left == (1, 1)


async def test_one_photo_of_the_trash_can_be_deleted_for_good_now() -> None:
    stage = Stage(trashed_for(1, 1), a_photo(2))
    gone, kept = stage.photos.photos.values()

    await stage.purger.delete(OWNER, gone.photo_id)

    assert stage.left == (1, 1)
    with pytest.raises(PhotoNotTrashedError):
        await stage.purger.delete(OWNER, kept.photo_id)
    with pytest.raises(PhotoNotFoundError):
        await stage.purger.delete(OWNER, gone.photo_id)
    with pytest.raises(PhotoNotFoundError):
        await stage.purger.delete(OwnerId("stranger"), kept.photo_id)


class Silent(InMemoryPhotoFiles):
    async def remove_all(self, owner_id: OwnerId, photo_id: PhotoId) -> None:
        raise UnavailableError("S3 does not answer.")


async def test_a_removal_that_is_broken_off_is_taken_up_again_and_the_photo_is_gone_for_its_owner_meanwhile() -> None:
    stage = Stage(trashed_for(1))
    [photo] = stage.photos.photos.values()
    working, stage.purger._objects = stage.purger._objects, Silent()

    await stage.purger.delete(OWNER, photo.photo_id)

    [marked] = stage.photos.photos.values()
    assert terms(marked) == {}
    assert restored(marked, at=NOW) is marked
    stage.purger._objects = working
    assert await stage.purger.look() == 0  # somebody may be about it
    stage.now += timedelta(minutes=3)
    assert await stage.purger.look() == 1
    assert stage.left == (0, 0)


async def test_one_that_cannot_be_removed_keeps_no_other_from_it() -> None:
    stage = Stage(trashed_for(40, 1), trashed_for(40, 2))
    first = next(iter(stage.photos.photos))
    removing = stage.files.remove_all

    async def picky(owner_id: OwnerId, photo_id: PhotoId) -> None:
        if photo_id == first:
            raise UnavailableError("S3 does not answer.")
        await removing(owner_id, photo_id)

    stage.files.remove_all = picky  # type: ignore[method-assign]

    assert await stage.purger.look() == 1
    assert stage.left == (1, 1)


def test_only_a_trashed_photo_is_given_up_for_good_and_once() -> None:
    photo = a_photo()
    with pytest.raises(PhotoNotTrashedError):
        purged(photo, at=NOW)

    once = purged(trashed(photo, at=NOW), at=NOW)

    assert purged(once, at=NOW + DAYS) is once
    assert edited(once, {"favourite": True}, at=NOW).purged_at == NOW
