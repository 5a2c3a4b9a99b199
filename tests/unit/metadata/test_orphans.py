"""What has lost its other half is found on both sides, and nothing else is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from heliograph.photos import OriginalPrefix, OwnerId, original_key, preview_key, thumbnail_key
from heliograph_metadata.domain.albums import Album
from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.job import Job
from heliograph_metadata.domain.photo import Photo, purged, trashed
from heliograph_metadata.domain.within_preview import Thumbnails
from heliograph_metadata.service.orphans import OrphanCheck, StoredObject
from tests.builders import NOON, OWNER, a_photo
from tests.fakes.in_memory_album_store import InMemoryAlbumStore
from tests.fakes.in_memory_job_store import InMemoryJobStore
from tests.fakes.in_memory_objects import InMemoryAllPhotos, InMemoryBelongings, InMemoryObjects
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore

DAY = timedelta(days=1)
NOW = NOON + 1000 * DAY


class Stage:
    """Photos with all their objects."""

    def __init__(self, *photos: Photo, thumbnails: Thumbnails = Thumbnails.OBJECTS) -> None:
        self.photos = InMemoryPhotoStore(photos)
        self.objects = InMemoryObjects()
        self.albums = InMemoryAlbumStore()
        self.jobs = InMemoryJobStore()
        self.belongings = InMemoryBelongings(OWNER)
        self.check = OrphanCheck(
            self.objects,
            InMemoryAllPhotos(self.photos),
            self.photos,
            self.albums,
            self.jobs,
            self.belongings,
            thumbnails=thumbnails,
        )
        for photo in photos:
            if photo.is_prepared:
                for key in (original_key, preview_key, thumbnail_key):
                    self.put(key(photo.owner_id, photo.photo_id))

    def put(self, key: str, *, days_old: float = 2) -> StoredObject:
        self.objects.objects[key] = StoredObject(key, 1_000, NOW - days_old * DAY)
        return self.objects.objects[key]

    async def found(self) -> list[str]:
        return [leftover.what async for leftover in self.check.leftovers(at=NOW)]


async def test_a_library_in_order_has_no_leftovers() -> None:
    album = Album(owner_id=OWNER, album_id="a", name="A", created_at=NOON, updated_at=NOON)
    stage = Stage(
        a_photo(1, album_ids=("a",)),
        a_photo(2, status="awaiting_upload"),
        a_photo(3, status="failed"),
        trashed(a_photo(4), at=NOON),
        purged(trashed(a_photo(5), at=NOW), at=NOW),
    )
    await stage.albums.create(album)

    assert await stage.found() == []


@pytest.mark.parametrize("key_of", [original_key, preview_key, thumbnail_key])
async def test_an_object_of_no_photo_and_a_photo_without_an_object_are_told(key_of: object) -> None:
    photo, gone = a_photo(1), a_photo(2)
    stage = Stage(photo)
    assert callable(key_of)
    lacking, orphaned = key_of(OWNER, photo.photo_id), key_of(OWNER, gone.photo_id)
    del stage.objects.objects[lacking]
    stage.put(orphaned)

    found = await stage.found()

    assert len(found) == 2
    assert orphaned in found[0]
    assert lacking in found[1]


async def test_a_thumbnail_may_lie_within_its_preview_or_be_an_object_and_is_told_where_it_is_neither() -> None:
    within, own, neither = a_photo(1), a_photo(2), a_photo(3)
    stage = Stage(within, own, neither, thumbnails=Thumbnails.WITHIN_PREVIEWS)
    for photo in (within, neither):
        del stage.objects.objects[thumbnail_key(OWNER, photo.photo_id)]
    stage.objects.holding_thumbnails.add(preview_key(OWNER, within.photo_id))

    [found] = await stage.found()

    assert thumbnail_key(OWNER, neither.photo_id) in found


async def test_a_thumbnail_within_its_preview_is_none_to_a_deployment_that_looks_for_objects() -> None:
    photo = a_photo()
    stage = Stage(photo)
    del stage.objects.objects[thumbnail_key(OWNER, photo.photo_id)]
    stage.objects.holding_thumbnails.add(preview_key(OWNER, photo.photo_id))

    [found] = await stage.found()

    assert thumbnail_key(OWNER, photo.photo_id) in found


@pytest.mark.parametrize("key", ["stray", "originals/x", f"renditions/owner/{a_photo().photo_id}/other.gif"])
async def test_an_object_under_another_name_belongs_to_nobody(key: str) -> None:
    stage = Stage(a_photo())
    stage.put(key)

    [found] = await stage.found()

    assert key in found


async def test_a_second_original_of_a_photo_belongs_to_nobody() -> None:
    photo = a_photo()
    stage = Stage(photo)
    second = original_key(OWNER, photo.photo_id, OriginalPrefix.IMPORTS)
    stage.put(second)

    [found] = await stage.found()

    assert second in found


async def test_a_photo_of_another_owner_makes_no_object_theirs() -> None:
    photo = a_photo()
    stage = Stage(photo)
    stage.put(original_key(a_photo(owner_id="stranger").owner_id, photo.photo_id))

    assert len(await stage.found()) == 1


async def test_albums_that_are_gone_removals_and_jobs_that_stand_still_are_told() -> None:
    photo = replace(a_photo(1), album_ids=("gone",))
    half = purged(trashed(a_photo(2), at=NOON), at=NOON)
    stage = Stage(photo, half)
    job = Job(
        job_id="j", owner_id=OWNER, version=1, edit=BulkEdit(favourite=True), created_at=NOON, updated_at=NOON, chunks=1
    )
    await stage.jobs.create(job, [], key=None, request="")

    found = await stage.found()

    assert len(found) == 3
    assert "album gone" in found[0]
    assert "never wholly removed" in found[1]
    assert "job j" in found[2]


async def test_only_old_orphans_that_are_still_nobody_s_are_removed() -> None:
    photo = a_photo(1)
    stage = Stage(photo)
    old, young = stage.put("old"), stage.put("young", days_old=0.5)
    owned = stage.objects.objects[original_key(OWNER, photo.photo_id)]

    assert await stage.check.remove([old, young, owned], at=NOW) == 1

    assert "old" not in stage.objects.objects
    assert {"young", owned.key} <= stage.objects.objects.keys()


async def test_what_belongs_to_an_account_that_is_gone_is_told_by_table() -> None:
    stage = Stage()
    gone, leaves = OwnerId("gone"), OwnerId("leaves")
    stage.belongings.leave[leaves] = NOW - DAY / 2
    stage.belongings.items += [("terms", gone), ("terms", gone), ("audit", gone), ("terms", leaves), ("terms", OWNER)]

    assert await stage.found() == [
        "1 items of the table audit belong to the account gone, which is gone",
        "2 items of the table terms belong to the account gone, which is gone",
    ]


async def test_an_account_that_is_not_deleted_within_a_day_is_told() -> None:
    stage = Stage()
    stage.belongings.leave[OwnerId("leaves")] = NOW - 2 * DAY

    [found] = await stage.found()

    assert "account leaves is being deleted since" in found
