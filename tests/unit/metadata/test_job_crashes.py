"""Bulk edits are exact though messages are lost, others write, and the process dies between any two calls."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from heliograph.errors import UnavailableError
from heliograph.messages import JobStep
from heliograph_metadata.domain.albums import Album
from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.job import Job, JobStatus
from heliograph_metadata.domain.photo import Photo, Source, Sourced, in_albums, trashed
from heliograph_metadata.domain.search.saved import SearchQuery
from heliograph_metadata.service.jobs import TRASH, Asked
from heliograph_metadata.service.reconcile import BUSY_FACTOR, MOST_RESENDS
from tests.builders import NOON, OWNER, a_photo
from tests.unit.metadata.job_stage import MINUTE, SHIFT, Calls, Crash, Stage, ids, photos_taken_at_noon


async def test_a_job_whose_messages_were_lost_is_found_again() -> None:
    photos = photos_taken_at_noon(150)
    stage = Stage(*photos)
    job = await stage.service.start(OWNER, SHIFT, Asked(ids(photos)))
    messages = await stage.queue.receive(wait_seconds=0)
    await stage.runner.step(JobStep.model_validate_json(messages[0].body))
    await stage.queue.delete(messages)

    await stage.reconciler.look(MINUTE)
    assert stage.queue.waiting() == []  # it has just moved
    stage.now += MINUTE
    await stage.reconciler.look(MINUTE)
    assert len(stage.queue.waiting()) == 1
    await stage.reconciler.look(MINUTE)
    assert len(stage.queue.waiting()) == 1
    await stage.work()

    assert (await stage.service.get(OWNER, job.job_id)).status is JobStatus.DONE
    assert {stage.photo(photo).taken for photo in photos} == {NOON + SHIFT.shift}


async def test_a_job_whose_message_may_still_be_there_is_given_far_more_time() -> None:
    photos = photos_taken_at_noon(1)
    stage = Stage(*photos)
    await stage.service.start(OWNER, SHIFT, Asked(ids(photos)))

    stage.now += MINUTE
    await stage.reconciler.look(MINUTE)
    assert len(stage.queue.waiting()) == 1

    stage.now += BUSY_FACTOR * MINUTE
    await stage.reconciler.look(MINUTE)
    assert len(stage.queue.waiting()) == 2


@pytest.mark.parametrize("asked", [Asked([a_photo(0).photo_id]), Asked(search=SearchQuery(favourite=True))])
async def test_a_job_that_never_moves_comes_to_an_end_and_says_so(asked: Asked) -> None:
    stage = Stage(a_photo(0))
    job = await stage.service.start(OWNER, SHIFT, asked)

    for resends in range(MOST_RESENDS + 1):
        await stage.queue.delete(await stage.queue.receive(wait_seconds=0))
        stage.now += MINUTE * 2**resends
        await stage.reconciler.look(MINUTE)

    there = await stage.service.get(OWNER, job.job_id)
    assert not there.is_at_work
    assert [failure.code for failure in there.failures] == ["processing-failed"] * len(asked.photo_ids)
    assert (there.status is JobStatus.CANCELLED) == (asked.search is not None)


async def test_a_job_is_begun_though_its_messages_cannot_be_sent() -> None:
    photos = photos_taken_at_noon(1)
    stage = Stage(*photos)
    sending, stage.queue.send = stage.queue.send, _refused  # type: ignore[method-assign, assignment]

    job = await stage.service.start(OWNER, SHIFT, Asked(ids(photos)))
    stage.queue.send = sending  # type: ignore[method-assign]
    stage.now += MINUTE
    await stage.reconciler.look(MINUTE)
    await stage.work()

    assert (await stage.service.get(OWNER, job.job_id)).status is JobStatus.DONE


async def _refused(bodies: list[str]) -> None:
    raise UnavailableError("The queue does not answer.")


# Crashes: the story is told once to count the calls, then once for each of them with a crash there.

ALBUM = Album(owner_id=OWNER, album_id="a", name="A", created_at=NOON, updated_at=NOON)


def a_stage_for_crashes() -> tuple[Stage, list[Photo], Calls]:
    photos = [a_photo(number, taken_at=NOON, favourite=True) for number in range(3)]
    stage = Stage(*photos)
    stage.albums.albums[OWNER, "a"] = ALBUM
    calls = Calls()
    calls.wrap(stage.photos, "get", "get_many", "replace", "remove")
    calls.wrap(stage.jobs, "get", "chunk", "replace")
    calls.wrap(stage.files, "remove_all")
    calls.wrap(stage.queue, "send", "delete")
    return stage, photos, calls


@contextmanager
def surviving() -> Iterator[None]:
    with suppress(Crash):
        yield


async def worked_off(stage: Stage, job: Job) -> Job:
    """Work until the job is through, each time with a new process: what was in hand comes back."""
    for _ in range(8):
        with surviving():
            await stage.work()
        for held in stage.queue._held:
            held.visible_at = 0.0
        there = stage.jobs.jobs[OWNER, job.job_id]
        if not there.is_at_work and not stage.queue.waiting():
            return there
        if not stage.queue.waiting():
            stage.now += timedelta(hours=1)
            await stage.reconciler.look(MINUTE)
    raise AssertionError("the job is not through")


async def the_story(fatal: int | None) -> int:
    """Shift dates and put into an album by a search, then undo it; killed at the call `fatal`."""
    stage, photos, calls = a_stage_for_crashes()
    edit = BulkEdit(shift=timedelta(hours=3), add_albums=("a",), favourite=False)
    job = await stage.service.start(OWNER, edit, Asked(search=SearchQuery(favourite=True)))
    calls.count, calls.fatal = 0, fatal

    there = await worked_off(stage, job)

    assert (there.status, there.made.changed, there.total) == (JobStatus.DONE, 3, 3)
    for photo in photos:
        assert stage.photo(photo).taken_at == Sourced(NOON + timedelta(hours=3), Source.PERSON)
        assert (stage.photo(photo).album_ids, stage.photo(photo).favourite) == (("a",), False)

    with surviving():
        await stage.service.undo(OWNER, job.job_id)
    if not stage.jobs.jobs[OWNER, job.job_id].is_undoing:
        await stage.service.undo(OWNER, job.job_id)
    back = await worked_off(stage, job)

    assert (back.status, back.undone.changed, back.failures) == (JobStatus.UNDONE, 3, ())
    for photo in photos:
        there_now = stage.photo(photo)
        assert replace(there_now, formers=(), version=1, updated_at=photo.updated_at) == photo
    return calls.count


async def test_a_process_killed_between_any_two_calls_does_nothing_twice_and_leaves_nothing_undone() -> None:
    calls = await the_story(fatal=None)
    assert calls > 60

    for fatal in range(1, calls + 1):
        await the_story(fatal)


async def the_purge(fatal: int | None) -> int:
    stage, photos, calls = a_stage_for_crashes()
    for photo in photos:
        await stage.files.put(photo.owner_id, photo.photo_id, thumbnail=b"t", preview=b"p")
        stage.photos.photos[photo.photo_id] = trashed(photo, at=stage.now)
    job = await stage.service.start(OWNER, BulkEdit(purge=True), Asked(search=TRASH))
    calls.count, calls.fatal = 0, fatal

    there = await worked_off(stage, job)

    assert (there.status, there.total) == (JobStatus.DONE, 3)
    assert (stage.photos.photos, stage.files.objects) == ({}, {})
    return calls.count


async def test_a_process_killed_while_it_empties_the_trash_leaves_nothing_behind() -> None:
    calls = await the_purge(fatal=None)

    for fatal in range(1, calls + 1):
        await the_purge(fatal)


async def test_somebody_else_who_changes_the_photos_meanwhile_loses_nothing() -> None:
    photo = a_photo(taken_at=NOON)
    stage = Stage(photo)
    replacing = stage.photos.replace

    async def overtaken(changed: Photo, *, stored: Photo) -> bool:
        stage.photos.replace = replacing  # type: ignore[method-assign]
        other = in_albums(stored, add=["theirs"], at=stage.now)
        assert await replacing(other, stored=stored)
        return await replacing(changed, stored=stored)

    stage.photos.replace = overtaken  # type: ignore[method-assign, assignment]
    job = await stage.made(SHIFT, Asked([photo.photo_id]))

    assert job.made.changed == 1
    assert stage.photo(photo).taken == NOON + SHIFT.shift
    assert stage.photo(photo).album_ids == ("theirs",)
    await stage.undone(job)
    assert (stage.photo(photo).taken, stage.photo(photo).album_ids) == (NOON, ("theirs",))
