"""Which photos are looked at again, by whom, how many at a time, and what a second run does."""

from collections.abc import Sequence
from typing import Any

import pytest

from heliograph.messages import PhotoClassified, PhotoPrepared, Reclassification
from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.photo import Photo, PhotoFailure
from heliograph_metadata.domain.search.saved import SearchQuery
from heliograph_metadata.service.label import LabelService
from heliograph_metadata.service.reclassify import Reclassifier, Wish
from tests.builders import NOON, OWNER, a_photo
from tests.fakes.in_memory_library_ids import InMemoryLibraryIds
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore
from tests.fakes.in_memory_queue import InMemoryQueue

OLD, NEW = "yolov8n@1", "yolov8n@2"
BROKEN = PhotoFailure("classification-failed", "No network answered.")
REFUSED = PhotoFailure("truncated-image", "It ends early.")


class Found:
    """A search that finds these."""

    def __init__(self, *photos: Photo) -> None:
        self.texts: list[str] = []
        self._ids = [photo.photo_id for photo in photos]

    async def page(
        self, owner_id: OwnerId, search: SearchQuery, *, cursor: str | None, limit: int
    ) -> tuple[Sequence[PhotoId], str | None]:
        self.texts.append(search.text)
        at = int(cursor or 0)
        return self._ids[at : at + 1], str(at + 1) if at + 1 < len(self._ids) else None


class Stage:
    """A library, and networks that answer when they are asked to."""

    def __init__(self, *photos: Photo, most_waiting: int = 1000, found: Found | None = None) -> None:
        self.photos = InMemoryPhotoStore(photos)
        self.prepared, self.classified = InMemoryQueue(), InMemoryQueue()
        self.labelling = LabelService(self.photos, now=lambda: NOON)
        self.deepest = 0
        self.reclassifier = Reclassifier(
            self.photos,
            InMemoryLibraryIds(self.photos),
            found or Found(),
            prepared=self.prepared,
            classified=self.classified,
            most_waiting=most_waiting,
            pause=self.work_off,
        )

    async def run(self, *, stop_after: int | None = None, **wish: Any) -> int:
        queued = 0
        async for stretch in self.reclassifier.run(OWNER, Wish(**{"configured": (NEW,)} | wish)):
            queued += stretch.queued
            if stop_after and queued >= stop_after:
                break
        return queued

    async def work_off(self) -> None:
        """Let the networks answer all that wait."""
        self.deepest = max(self.deepest, await self.prepared.depth())
        for message in await self.prepared.receive(wait_seconds=0):
            await self.prepared.delete([message])
            asked = PhotoPrepared.model_validate_json(message.body)
            await self.labelling.label(
                PhotoClassified(
                    correlation_id=asked.correlation_id,
                    photo_id=asked.photo_id,
                    owner_id=asked.owner_id,
                    models=asked.models or (),
                    again=asked.again,
                )
            )

    @property
    def asked(self) -> list[PhotoPrepared]:
        return [PhotoPrepared.model_validate_json(body) for body in self.prepared.sent]


def looked_at(number: int, *models: str, **changes: Any) -> Photo:
    return a_photo(number, models=tuple(sorted(models)), **changes)


async def test_only_networks_that_have_not_looked_are_asked_and_told_who_has() -> None:
    stage = Stage(looked_at(1, OLD, "other@1"), looked_at(2, NEW, "other@1"))

    assert await stage.run(configured=(NEW, "other@1")) == 1

    [asked] = stage.asked
    assert asked.models == (NEW,)
    assert asked.again == Reclassification(looked=("other@1", OLD))


async def test_a_photo_of_which_nobody_knows_who_looked_is_looked_at_by_all() -> None:
    stage = Stage(looked_at(1))

    await stage.run(configured=(NEW, "other@1"))

    assert [asked.models for asked in stage.asked] == [(NEW, "other@1")]


@pytest.mark.parametrize(
    "photo",
    [
        a_photo(1, status="awaiting_upload"),
        a_photo(1, status="prepared"),
        a_photo(1, status="failed", failure=REFUSED),
        a_photo(1, status="failed", failure=BROKEN),
        a_photo(1, trashed_at=NOON),
        a_photo(1, owner_id="stranger"),
    ],
)
async def test_photos_on_their_way_failed_in_the_trash_or_of_others_are_left_alone(photo: Photo) -> None:
    assert await Stage(photo).run() == 0


async def test_photos_that_no_network_could_look_at_are_taken_along_where_that_is_asked_for() -> None:
    stage = Stage(a_photo(1, status="failed", failure=BROKEN), a_photo(2, status="failed", failure=REFUSED))

    assert await stage.run(with_failed=True) == 1


async def test_a_network_that_is_no_longer_there_is_forgotten_in_exchange_for_a_look() -> None:
    stage = Stage(looked_at(1, NEW, "gone@1"))
    assert await stage.run() == 0

    assert await stage.run(forget_others=True) == 1

    [asked] = stage.asked
    assert (asked.models, asked.again) == ((NEW,), Reclassification(looked=("gone@1", NEW), forget=("gone@1",)))
    await stage.work_off()
    assert await stage.run(forget_others=True) == 0


async def test_a_search_says_which_photos() -> None:
    photos = [looked_at(number, OLD) for number in range(3)]
    found = Found(photos[2], photos[0])
    stage = Stage(*photos, found=found)

    assert await stage.run(text="label:dog") == 2

    assert found.texts == ["label:dog", "label:dog"]
    assert [asked.photo_id for asked in stage.asked] == [photos[2].photo_id, photos[0].photo_id]


async def test_no_more_wait_than_are_allowed_and_all_have_their_turn() -> None:
    stage = Stage(*(looked_at(number, OLD) for number in range(9)), most_waiting=2)

    assert await stage.run() == 9

    assert stage.deepest == 2


async def test_what_was_broken_off_goes_on_where_it_was_and_a_second_run_has_nothing_to_do() -> None:
    photos = [looked_at(number, OLD) for number in range(8)]
    stage = Stage(*photos)

    assert await stage.run(stop_after=4) == 4
    await stage.work_off()
    assert await stage.run() == 4
    await stage.work_off()

    assert sorted(asked.photo_id for asked in stage.asked) == sorted(photo.photo_id for photo in photos)
    assert {photo.models for photo in stage.photos.photos.values()} == {(NEW,)}
    assert await stage.run() == 0


async def test_a_photo_that_is_handed_over_twice_is_changed_once() -> None:
    stage = Stage(looked_at(1, OLD))

    await stage.run()
    await stage.run()
    await stage.work_off()

    [photo] = stage.photos.photos.values()
    assert (len(stage.asked), photo.models, photo.version) == (2, (NEW,), 2)
