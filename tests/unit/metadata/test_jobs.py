"""Bulk edits from beginning to end: what is changed, refused, cancelled, undone and reported."""

from dataclasses import replace
from datetime import timedelta

import pytest

from heliograph.messages import JobStep
from heliograph_metadata.domain.albums import Album, SmartAlbumError
from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.errors import (
    AlbumNotFoundError,
    IdempotencyKeyReusedError,
    InvalidEditError,
    JobFinishedError,
    JobNotFoundError,
    JobNotUndoableError,
)
from heliograph_metadata.domain.job import JobStatus
from heliograph_metadata.domain.photo import Source, Sourced, edited, trashed
from heliograph_metadata.domain.search.saved import SearchQuery
from heliograph_metadata.service.jobs import Asked
from tests.builders import NOON, OWNER, a_photo
from tests.unit.metadata.job_stage import MINUTE, SHIFT, Stage, ids, photos_taken_at_noon


async def test_every_photo_is_changed_and_the_job_says_so() -> None:
    photos = photos_taken_at_noon(250)
    stage = Stage(*photos)

    begun = await stage.service.start(OWNER, SHIFT, Asked(ids(photos)))
    assert (begun.status, begun.total, begun.chunks) == (JobStatus.RUNNING, 250, 3)
    await stage.work()

    job = await stage.service.get(OWNER, begun.job_id)
    assert (job.status, job.made.changed, job.made.photos, job.failures) == (JobStatus.DONE, 250, 250, ())
    assert {stage.photo(photo).taken for photo in photos} == {NOON + SHIFT.shift}


async def test_undo_leads_back_to_every_former_value_and_cannot_be_repeated() -> None:
    photos = photos_taken_at_noon(3)
    stage = Stage(*photos)
    job = await stage.made(SHIFT, Asked(ids(photos)))

    back = await stage.undone(job)

    assert (back.status, back.undone.changed) == (JobStatus.UNDONE, 3)
    assert [stage.photo(photo).taken_at for photo in photos] == [Sourced(NOON, Source.EXIF)] * 3
    assert (await stage.service.undo(OWNER, job.job_id)) == back
    assert stage.queue.waiting() == []


async def test_what_was_changed_since_is_left_alone_and_reported() -> None:
    photos = photos_taken_at_noon(2)
    stage = Stage(*photos)
    job = await stage.made(SHIFT, Asked(ids(photos)))
    mine = edited(stage.photo(photos[0]), {"taken_at": NOON + MINUTE}, at=stage.now)
    stage.photos.photos[mine.photo_id] = mine

    back = await stage.undone(job)

    [failure] = back.failures
    assert (failure.photo_id, failure.code) == (photos[0].photo_id, "changed-since")
    assert "date" in failure.detail
    assert stage.photo(photos[0]).taken == NOON + MINUTE
    assert stage.photo(photos[1]).taken == NOON


async def test_photos_that_cannot_be_changed_are_told_of_and_keep_no_other_from_it() -> None:
    good, undated, strange = a_photo(1, taken_at=NOON), a_photo(2), a_photo(3, owner_id="stranger", taken_at=NOON)
    missing = a_photo(4).photo_id
    stage = Stage(good, undated, strange)

    job = await stage.made(SHIFT, Asked([*ids([undated, strange, good]), missing]))

    codes = {failure.photo_id: failure.code for failure in job.failures}
    assert codes == {
        undated.photo_id: "no-date",
        strange.photo_id: "photo-not-found",
        missing: "photo-not-found",
    }
    assert (job.status, job.made.changed, job.made.failed) == (JobStatus.DONE, 1, 3)
    assert stage.photo(strange) == strange


async def test_an_edit_that_fails_in_one_part_changes_none() -> None:
    photo = a_photo()
    stage = Stage(photo)

    job = await stage.made(BulkEdit(shift=MINUTE, favourite=True), Asked([photo.photo_id]))

    assert job.made.failed == 1
    assert stage.photo(photo) == photo


async def test_a_search_selects_before_anything_changes_so_that_all_it_found_are_changed() -> None:
    photos = [a_photo(number, taken_at=NOON, favourite=True) for number in range(230)]
    stage = Stage(*photos, a_photo(999, taken_at=NOON))

    job = await stage.made(BulkEdit(favourite=False), Asked(search=SearchQuery(favourite=True)))

    assert (job.status, job.total, job.made.changed) == (JobStatus.DONE, 230, 230)
    assert not any(photo.favourite for photo in stage.photos.photos.values())


async def test_a_search_that_finds_nothing_is_done_at_once() -> None:
    job = await Stage().made(BulkEdit(favourite=False), Asked(search=SearchQuery(favourite=True)))

    assert (job.status, job.total) == (JobStatus.DONE, 0)


async def test_one_key_begins_one_job() -> None:
    photo = a_photo(taken_at=NOON)
    stage = Stage(photo)
    first = await stage.service.start(OWNER, SHIFT, Asked([photo.photo_id]), key="k")

    again = await stage.service.start(OWNER, SHIFT, Asked([photo.photo_id]), key="k")
    await stage.work()

    assert again == first
    assert stage.photo(photo).taken == NOON + SHIFT.shift
    with pytest.raises(IdempotencyKeyReusedError):
        await stage.service.start(OWNER, BulkEdit(favourite=True), Asked([photo.photo_id]), key="k")


async def test_a_cancelled_job_goes_no_further_and_can_be_undone() -> None:
    photos = photos_taken_at_noon(150)
    stage = Stage(*photos)
    job = await stage.service.start(OWNER, SHIFT, Asked(ids(photos)))
    [first, _] = await stage.queue.receive(wait_seconds=0)
    await stage.runner.step(JobStep.model_validate_json(first.body))

    assert (await stage.service.cancel(OWNER, job.job_id)).status is JobStatus.CANCELLING
    await stage.queue.change_visibility([first, _], 0)
    await stage.work()

    there = await stage.service.get(OWNER, job.job_id)
    assert (there.status, there.made.changed, there.made.skipped) == (JobStatus.CANCELLED, 100, 50)
    back = await stage.undone(there)
    assert back.status is JobStatus.UNDONE
    assert {stage.photo(photo).taken for photo in photos} == {NOON}


async def test_what_cannot_be_asked_for_is_refused() -> None:
    photo = a_photo(taken_at=NOON)
    stage = Stage(photo)
    job = await stage.service.start(OWNER, SHIFT, Asked([photo.photo_id]))

    with pytest.raises(JobNotUndoableError):
        await stage.service.undo(OWNER, job.job_id)
    await stage.work()
    with pytest.raises(JobFinishedError):
        await stage.service.cancel(OWNER, job.job_id)
    stranger = a_photo(owner_id="stranger").owner_id
    with pytest.raises(JobNotFoundError):
        await stage.service.get(stranger, job.job_id)
    with pytest.raises(JobNotFoundError):
        await stage.service.undo(stranger, job.job_id)
    with pytest.raises(AlbumNotFoundError):
        await stage.service.start(OWNER, BulkEdit(add_albums=("none",)), Asked([photo.photo_id]))
    with pytest.raises(InvalidEditError):
        await stage.service.start(OWNER, SHIFT, Asked())
    with pytest.raises(InvalidEditError):
        await stage.service.start(OWNER, SHIFT, Asked([photo.photo_id], SearchQuery()))
    stage.now += timedelta(days=30)
    with pytest.raises(JobNotUndoableError):
        await stage.service.undo(OWNER, job.job_id)


async def test_photos_go_into_no_album_that_was_deleted_meanwhile() -> None:
    photo = a_photo()
    stage = Stage(photo)
    album = Album(owner_id=OWNER, album_id="a", name="A", created_at=NOON, updated_at=NOON)
    await stage.albums.create(album)
    job = await stage.service.start(OWNER, BulkEdit(add_albums=("a",)), Asked([photo.photo_id]))
    await stage.albums.replace(replace(album, is_deleted=True, updated_at=NOON + MINUTE), stored=album)

    await stage.work()

    [failure] = (await stage.service.get(OWNER, job.job_id)).failures
    assert failure.code == "album-not-found"
    assert stage.photo(photo) == photo


async def test_photos_go_into_no_smart_album() -> None:
    photo = a_photo()
    stage = Stage(photo)
    await stage.albums.create(
        Album(owner_id=OWNER, album_id="a", name="A", created_at=NOON, updated_at=NOON, query="dog")
    )

    with pytest.raises(SmartAlbumError):
        await stage.service.start(OWNER, BulkEdit(add_albums=("a",)), Asked([photo.photo_id]))


async def test_emptying_the_trash_deletes_what_is_there_and_nothing_that_comes_later() -> None:
    kept, old, late = a_photo(1), a_photo(2), a_photo(3)
    stage = Stage(kept, old, late)
    stage.photos.photos[old.photo_id] = trashed(old, at=stage.now - MINUTE)
    for photo in (kept, old, late):
        await stage.files.put(photo.owner_id, photo.photo_id, thumbnail=b"t", preview=b"p")
    job = await stage.service.empty_trash(OWNER)
    stage.photos.photos[late.photo_id] = trashed(late, at=stage.now + MINUTE)

    await stage.work()

    assert set(stage.photos.photos) == {kept.photo_id, late.photo_id}
    assert len(stage.files.objects) == 4
    there = await stage.service.get(OWNER, job.job_id)
    assert (there.status, there.made.changed, there.made.unchanged) == (JobStatus.DONE, 1, 1)
    with pytest.raises(JobNotUndoableError):
        await stage.service.undo(OWNER, job.job_id)


async def test_nobody_else_s_photo_is_deleted_for_good() -> None:
    strange = trashed(a_photo(owner_id="stranger"), at=NOON)
    stage = Stage(strange)

    await stage.made(BulkEdit(purge=True), Asked([strange.photo_id]))

    assert stage.photo(strange) == strange
