"""Lists, albums, the map and events over a library in memory: what they answer, and how much they read for it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from heliograph_metadata.domain.errors import EditConflictError
from heliograph_metadata.domain.photo import Photo, edited, trashed
from heliograph_metadata.service.photo_store import change
from heliograph_metadata.service.progress import Pace, changes_since
from tests.builders import NOON, OWNER, a_photo
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore


async def test_those_who_always_come_too_late_are_told_so() -> None:
    class Busy(InMemoryPhotoStore):
        async def replace(self, photo: Photo, *, stored: Photo) -> bool:
            return False

    store = Busy([a_photo()])
    with pytest.raises(EditConflictError):
        await change(store, a_photo().photo_id, lambda photo: trashed(photo, at=NOON))


async def test_a_step_is_taken_on_the_photo_that_is_there() -> None:
    there = edited(a_photo(), {"favourite": True}, at=NOON)
    store = InMemoryPhotoStore([there])

    stepped = await change(store, there.photo_id, lambda photo: trashed(photo, at=NOON), known=a_photo())

    assert stepped is not None
    assert (stepped.favourite, stepped.version, stepped.trashed_at) == (True, 3, NOON)


async def test_each_change_is_told_once_however_often_it_is_looked_for() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    shelf = [a_photo(number, updated_at=start + timedelta(milliseconds=number)) for number in range(7)]
    store, stopping = InMemoryPhotoStore(shelf), asyncio.Event()
    told: list[tuple[str, int]] = []
    looks = 0
    pace = Pace(most=3, busy_seconds=0.0, idle_seconds=0.0)
    async for changes in changes_since(store, OWNER, start, stopping=stopping, pace=pace):
        told += [(one.photo_id, one.version) for one in changes]
        looks += 1
        if looks == 5:  # a change while somebody watches, with the same clock
            store.photos[shelf[6].photo_id] = replace(shelf[6], version=2)
        if looks == 8:
            stopping.set()

    assert sorted(told) == sorted([*((photo.photo_id, 1) for photo in shelf), (shelf[6].photo_id, 2)])
