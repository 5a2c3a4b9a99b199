"""How far the pipeline has come: exact while few photos wait, and cheap while many do."""

from dataclasses import replace

import pytest

from heliograph.photos import OwnerId, PhotoStatus
from heliograph_metadata.service import progress
from heliograph_metadata.service.progress import PipelineProgress, Progress
from tests.builders import OWNER, a_photo
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore


class Counting(InMemoryPhotoStore):
    """A library that notes how often its waiting photos are counted one by one."""

    counted = 0

    async def unfinished(self, owner_id: OwnerId, status: PhotoStatus) -> int:
        self.counted += 1
        return await super().unfinished(owner_id, status)

    def move_on(self, photos: int) -> None:
        waiting = [one for one in self.photos.values() if one.status is PhotoStatus.AWAITING_UPLOAD]
        for photo in waiting[:photos]:
            self.photos[photo.photo_id] = replace(photo, status=PhotoStatus.READY)


@pytest.fixture
def library() -> Counting:
    return Counting([a_photo(number, status="awaiting_upload") for number in range(20)])


async def test_a_few_waiting_photos_are_counted_each_time(library: Counting) -> None:
    pipeline = PipelineProgress(library, clock=lambda: 0.0)

    for moved in (0, 3, 2):
        library.move_on(moved)
        await pipeline.of(OWNER)

    assert library.counted == 3
    assert await pipeline.of(OWNER) == Progress(15, 0, 5, 0)


async def test_many_are_remembered_and_those_that_go_on_are_taken_off(
    library: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_COUNTED_AT_ONCE", 10)
    monkeypatch.setattr(progress, "_COUNTED_A_SECOND", 4)
    now = 0.0
    pipeline = PipelineProgress(library, clock=lambda: now)
    await pipeline.of(OWNER)

    library.move_on(6)
    now = 4.9  # twenty waited: they are remembered for five seconds
    assert await pipeline.of(OWNER) == Progress(14, 0, 6, 0)
    assert library.counted == 1

    now = 5.0
    late = a_photo(99, status="awaiting_upload")
    library.photos[late.photo_id] = late
    assert await pipeline.of(OWNER) == Progress(15, 0, 6, 0)
    assert library.counted == 2


async def test_a_photo_that_goes_on_while_it_is_counted_is_not_left_out() -> None:
    class Moving(Counting):
        async def unfinished(self, owner_id: OwnerId, status: PhotoStatus) -> int:
            waiting = await super().unfinished(owner_id, status)
            self.move_on(1)
            return waiting

    told = await PipelineProgress(Moving([a_photo(1, status="awaiting_upload")])).of(OWNER)

    assert told.awaiting_upload + told.ready >= 1


async def test_photos_that_come_back_from_the_trash_do_not_end_what_waits(
    library: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_COUNTED_AT_ONCE", 10)
    pipeline = PipelineProgress(library, clock=lambda: 0.0)
    await pipeline.of(OWNER)

    library.photos |= {photo.photo_id: photo for photo in (a_photo(number) for number in range(100, 130))}

    assert await pipeline.of(OWNER) == Progress(1, 0, 30, 0)


async def test_another_owners_are_counted_for_themselves(library: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_COUNTED_AT_ONCE", 10)
    pipeline = PipelineProgress(library, clock=lambda: 0.0)
    await pipeline.of(OWNER)

    assert await pipeline.of(OwnerId("stranger")) == Progress(0, 0, 0, 0)
