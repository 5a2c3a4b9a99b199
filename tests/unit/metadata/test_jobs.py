"""Bulk edits from beginning to end: exact under crashes between any two calls, cancelled, undone, reported."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from heliograph.errors import UnavailableError
from heliograph.messages import JobStep
from heliograph.photos import PhotoId
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
from heliograph_metadata.domain.job import Job, JobStatus
from heliograph_metadata.domain.photo import Photo, Source, Sourced, edited, in_albums, trashed
from heliograph_metadata.domain.search.saved import SearchQuery
from heliograph_metadata.service.answer_selection import AnswerSelection
from heliograph_metadata.service.job_reconcile import JobReconciler
from heliograph_metadata.service.job_runner import JobRunner
from heliograph_metadata.service.jobs import TRASH, Asked, JobService
from heliograph_metadata.service.memories import Memories
from heliograph_metadata.service.photo_selection import SearchSelection
from heliograph_metadata.service.purge import Purger
from heliograph_metadata.service.reconcile import BUSY_FACTOR, MOST_RESENDS
from heliograph_metadata.service.search import Search
from tests.builders import LISBON, NOON, OWNER, a_photo
from tests.fakes.in_memory_album_store import InMemoryAlbumStore
from tests.fakes.in_memory_answer_store import InMemoryAnswerStore
from tests.fakes.in_memory_job_store import InMemoryJobStore
from tests.fakes.in_memory_photo_files import InMemoryPhotoFiles
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore
from tests.fakes.in_memory_queue import InMemoryQueue
from tests.fakes.in_memory_trashed_photos import InMemoryTrashedPhotos

MINUTE = timedelta(minutes=1)
SHIFT = BulkEdit(shift=timedelta(hours=3))


class Crash(BaseException):
    """The process is killed: nothing catches this."""


class Calls:
    """Counts what is asked of the outside, and kills the process before or after one of these calls."""

    def __init__(self) -> None:
        self.count = 0
        self.fatal: int | None = None

    def wrap(self, thing: Any, *names: str) -> None:
        for name in names:
            setattr(thing, name, self._counted(getattr(thing, name)))

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        async def counted(*arguments: Any, **named: Any) -> Any:
            self.count += 1
            if self.count == self.fatal:
                raise Crash
            answer = await call(*arguments, **named)
            self.count += 1
            if self.count == self.fatal:
                raise Crash
            return answer

        return counted


class Places:
    def place_at(self, latitude: float, longitude: float) -> Any:
        return LISBON.place


class Stage:
    """A library, its worker and a clock."""

    def __init__(self, *photos: Photo) -> None:
        self.photos = InMemoryPhotoStore(photos)
        self.jobs = InMemoryJobStore()
        self.albums = InMemoryAlbumStore()
        self.files = InMemoryPhotoFiles()
        self.queue = InMemoryQueue()
        self.now = NOON + timedelta(days=400)
        purger = Purger(
            self.photos,
            InMemoryTrashedPhotos(self.photos),
            self.files,
            keeps=timedelta(days=30),
            now=self.clock,
        )
        selection = SearchSelection(Search(self.photos, self.albums, self.photos))
        answers = AnswerSelection(Memories(InMemoryAnswerStore()), self.photos, self.photos, self.jobs, now=self.clock)
        self.runner = JobRunner(
            self.jobs, self.photos, self.albums, selection, answers, purger, self.queue, now=self.clock
        )
        self.service = JobService(self.jobs, self.albums, Places(), self.queue, now=self.clock)
        self.reconciler = JobReconciler(self.jobs, self.runner, answers, self.queue, now=self.clock)

    def clock(self) -> datetime:
        return self.now

    async def work(self) -> None:
        """Do all that is in the queue, as the consumer does."""
        while messages := await self.queue.receive(wait_seconds=0):
            for message in messages:
                await self.runner.step(JobStep.model_validate_json(message.body))
                await self.queue.delete([message])

    async def made(self, edit: BulkEdit, asked: Asked) -> Job:
        job = await self.service.start(OWNER, edit, asked)
        await self.work()
        return await self.service.get(OWNER, job.job_id)

    async def undone(self, job: Job) -> Job:
        await self.service.undo(OWNER, job.job_id)
        await self.work()
        return await self.service.get(OWNER, job.job_id)

    def photo(self, photo: Photo) -> Photo:
        return self.photos.photos[photo.photo_id]


def photos_taken_at_noon(count: int) -> list[Photo]:
    return [a_photo(number, taken_at=NOON) for number in range(count)]


def ids(photos: list[Photo]) -> list[PhotoId]:
    return [photo.photo_id for photo in photos]


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
