"""What every `SketchStore` does: the fake and DynamoDB, held to the same."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from heliograph.aws import AwsClients
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.photo import Camera, Label, Photo, Source, edited, trashed
from heliograph_metadata.domain.questions.engine import Group
from heliograph_metadata.domain.sketched import mark_of, sketch_terms
from heliograph_metadata.dynamodb.ledger import LEASE_SECONDS
from heliograph_metadata.dynamodb.photo_store import DynamoPhotoStore
from heliograph_metadata.dynamodb.rebuild import IndexRebuilder
from heliograph_metadata.dynamodb.sketches import DynamoSketchStore
from heliograph_metadata.service.photo_store import PhotoStore
from heliograph_metadata.service.question_book import SketchStore
from heliograph_upload.domain import NewPhoto
from heliograph_upload.dynamodb import DynamoAdmissionStore
from tests.builders import LISBON, NOON, OWNER, a_photo, admission_of
from tests.contract.test_index_state_machine import DiedError, Mortal
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore
from tests.fakes.in_memory_sketch_store import InMemorySketchStore

JUNE: Group = ("place", "2024-06")


@dataclass(frozen=True)
class Kept:
    """A store of sketches, the photos that they are of, and a way to put a photo there as `upload` does."""

    sketches: SketchStore
    photos: PhotoStore
    admit: Callable[[Photo], Any]

    async def stored(self, photo: Photo) -> Photo:
        before = admission_of(photo)
        await self.admit(before)
        following = replace(photo, version=2)
        assert await self.photos.replace(following, stored=before)
        return following

    async def stale(self, owner_id: OwnerId = OWNER) -> set[Group]:
        return {one.group for one in (await self.sketches.stale(owner_id, limit=100)).groups}

    async def cleared(self) -> None:
        found = await self.sketches.stale(OWNER, limit=100)
        await self.sketches.clear(OWNER, found.generation, found.groups)


@pytest.fixture(params=["in memory", "dynamodb"])
def kept(request: pytest.FixtureRequest) -> Kept:
    if request.param == "in memory":
        fake = InMemoryPhotoStore()

        async def remember(photo: Photo) -> None:
            fake.photos[photo.photo_id] = photo

        return Kept(InMemorySketchStore(fake), fake, remember)
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    return on_dynamo(aws, stack)


def on_dynamo(aws: AwsClients, stack: SharedSettings) -> Kept:
    tables: Any = {"photos_table": stack.table_name("photos"), "terms_table": stack.table_name("terms")}
    admissions = DynamoAdmissionStore(aws.dynamodb, tables["photos_table"])

    async def admit(photo: Photo) -> None:
        new = NewPhoto(photo.photo_id, photo.owner_id, photo.admission, photo.created_at, photo.correlation_id)
        await admissions.admit([new])

    sketches = DynamoSketchStore(aws.dynamodb, tables["terms_table"])
    return Kept(sketches, DynamoPhotoStore(aws.dynamodb, **tables), admit)


async def test_a_sketch_counts_the_photos_of_its_cells(kept: Kept) -> None:
    for number in range(3):
        await kept.stored(a_photo(number, taken_at=NOON))
    await kept.stored(a_photo(3, taken_at=NOON, location=LISBON))

    found = await kept.sketches.sketches(OWNER, 0, [JUNE, ("place", "2024-07"), ("event", "2024-06")])

    assert found[JUNE]["1512|-"] == 3
    assert sum(found[JUNE].values()) == 4
    assert found["place", "2024-07"] == {}
    assert found["event", "2024-06"] == {"1512|-": 4}


async def test_months_are_read_together_and_kept_apart(kept: Kept) -> None:
    for month in (1, 2, 3, 5, 12):
        await kept.stored(a_photo(month, taken_at=NOON.replace(month=month)))
        await kept.stored(a_photo(100 + month, taken_at=NOON.replace(month=month, year=2025)))
    months = [f"{year}-{month:02}" for year in (2024, 2025) for month in range(1, 13)]

    found = await kept.sketches.sketches(OWNER, 0, [("place", month) for month in months if month != "2024-03"])

    assert {month: sum(sketch.values()) for (_, month), sketch in found.items()} == {
        month: int(month[5:] in {"01", "02", "03", "05", "12"}) for month in months if month != "2024-03"
    }


async def test_the_sketch_of_a_label_counts_how_doubtful_it_is(kept: Kept) -> None:
    names = ["dog", "Straße #1"]
    for number, confidence in enumerate((0.31, 0.33, 0.62, 0.95)):
        labels = [Label(name, confidence, Source.MODEL) for name in names]
        photo = await kept.stored(a_photo(number, labels=labels))

    groups = [("label", "dog"), ("label", "strasse #1"), ("label", "cat")]
    found = await kept.sketches.sketches(OWNER, 0, groups)

    assert found == {groups[0]: {"06": 2, "12": 1}, groups[1]: {"06": 2, "12": 1}, groups[2]: {}}
    assert set(groups[:2]) <= await kept.stale()
    sure = replace(photo, labels=(Label("dog", 0.31, Source.MODEL),), version=3)
    assert await kept.photos.replace(sure, stored=photo)
    assert (await kept.sketches.sketches(OWNER, 0, groups[:1]))[groups[0]] == {"06": 3, "12": 1}


async def test_a_photo_that_leaves_leaves_its_sketches(kept: Kept) -> None:
    photo = await kept.stored(a_photo(taken_at=NOON))

    assert await kept.photos.replace(trashed(photo, at=NOON), stored=photo)

    assert (await kept.sketches.sketches(OWNER, 0, [JUNE]))[JUNE] == {}


async def test_a_save_marks_the_groups_that_it_changes_and_no_others(kept: Kept) -> None:
    photo = await kept.stored(a_photo(taken_at=NOON))
    assert JUNE in await kept.stale()
    await kept.cleared()
    assert await kept.stale() == set()

    favourite = edited(photo, {"favourite": True}, at=NOON)
    assert await kept.photos.replace(favourite, stored=photo)
    assert await kept.stale() == set()

    later = edited(favourite, {"taken_at": NOON + timedelta(days=31)}, at=NOON)
    assert await kept.photos.replace(later, stored=favourite)
    assert {JUNE, ("place", "2024-07")} <= await kept.stale()
    assert await kept.stale(OwnerId("stranger")) == set()


async def test_a_group_that_is_marked_again_is_not_cleared_by_who_has_seen_the_mark_before(kept: Kept) -> None:
    await kept.stored(a_photo(1, taken_at=NOON))
    await kept.sketches.mark_stale(OWNER, [("label", "dog")])
    before = await kept.sketches.stale(OWNER, limit=100)
    await kept.stored(a_photo(2, taken_at=NOON))
    await kept.sketches.mark_stale(OWNER, [("label", "dog")])

    await kept.sketches.clear(OWNER, before.generation, before.groups)

    assert {JUNE, ("label", "dog")} <= await kept.stale()
    await kept.cleared()
    assert await kept.stale() == set()


async def test_as_many_marks_are_read_as_are_asked_for(kept: Kept) -> None:
    await kept.stored(a_photo(taken_at=NOON))

    [first] = (await kept.sketches.stale(OWNER, limit=1)).groups

    assert first.group == JUNE


async def test_what_many_saves_have_changed_is_all_marked_and_each_group_once(kept: Kept) -> None:
    months = [f"{year}-{month:02}" for year in (2023, 2024) for month in range(1, 13)]
    for number, month in enumerate(months * 2):
        taken_at = NOON.replace(year=int(month[:4]), month=int(month[5:]))
        await kept.stored(a_photo(number, taken_at=taken_at))

    found = await kept.sketches.stale(OWNER, limit=1000)  # all notes that piled up, or groups are made again

    marked = [one.group for one in found.groups]
    assert {("place", month) for month in months} <= set(marked)
    assert len(marked) == len(set(marked))
    assert all(one.is_settled for one in found.groups)


async def test_others_have_their_turn_before_each_page_of_a_sketch(
    aws: AwsClients, stack: SharedSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = on_dynamo(aws, stack)
    for day in range(1, 6):
        await kept.stored(a_photo(day, taken_at=NOON.replace(day=day)))
    monkeypatch.setattr("heliograph_metadata.dynamodb.sketches._PAGE", 2)
    turns = 0

    async def turn() -> None:
        nonlocal turns
        turns += 1

    sketches = DynamoSketchStore(aws.dynamodb, stack.table_name("terms"), turn=turn)
    found = await sketches.sketches(OWNER, 0, [JUNE])

    assert (len(found[JUNE]), turns) == (5, 3)


class Refusing:
    """DynamoDB while its table takes no more batches of writes."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def batch_write_item(self, **_request: Any) -> Any:
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "too much"}}, "BatchWriteItem")


async def test_what_cannot_be_marked_now_is_named_all_the_same_and_marked_later(
    aws: AwsClients, stack: SharedSettings
) -> None:
    kept = on_dynamo(aws, stack)
    await kept.stored(a_photo(taken_at=NOON))
    refused = DynamoSketchStore(Refusing(aws.dynamodb), stack.table_name("terms"))  # type: ignore[arg-type]

    found = await refused.stale(OWNER, limit=100)

    assert JUNE in {one.group for one in found.groups}
    assert not any(one.is_settled for one in found.groups)
    assert all(one.is_settled for one in (await kept.sketches.stale(OWNER, limit=100)).groups)


async def test_groups_with_any_characters_are_kept_apart(kept: Kept) -> None:
    names = ["a#b_001.jpg", "a_001.jpg", "a%23b_001.jpg", "#%_001.jpg"]
    photos = [await kept.stored(a_photo(number, filename=name)) for number, name in enumerate(names)]
    groups = {mark_of(term)[0] for photo in photos for term in sketch_terms(photo)}
    runs = {group for group in groups if group[0] == "date"}

    found = await kept.sketches.sketches(OWNER, 0, runs)

    assert len(runs) == 4
    assert list(found.values()) == [{"000000001": 1}] * 4
    assert runs <= await kept.stale()


async def test_a_file_with_a_name_too_long_for_a_key_is_not_asked_about_by_it(kept: Kept) -> None:
    photo = await kept.stored(a_photo(filename="㍿" * 255))
    assert {term.kind for term in sketch_terms(photo)}.isdisjoint({"sketch.date"})
    await kept.stored(a_photo(1, camera=Camera("㍿" * 500, "x"), taken_at=NOON))
    assert JUNE in await kept.stale()


async def test_a_mark_is_not_settled_before_its_batch_is(aws: AwsClients, stack: SharedSettings) -> None:
    kept = on_dynamo(aws, stack)
    photo = await kept.stored(a_photo(taken_at=NOON))
    await kept.cleared()
    client: Any = Mortal(aws.dynamodb, dies_at=5)  # the turn, the log, the document, postings and marks, the commit
    tables: Any = {"photos_table": stack.table_name("photos"), "terms_table": stack.table_name("terms")}
    dying = DynamoPhotoStore(client, **tables)

    with pytest.raises(DiedError):
        await dying.replace(edited(photo, {"taken_at": NOON + timedelta(days=31)}, at=NOON), stored=photo)

    found = await kept.sketches.stale(OWNER, limit=100)
    assert ("place", "2024-07") in {one.group for one in found.groups}
    assert not any(one.is_settled for one in found.groups)
    await kept.sketches.clear(OWNER, found.generation, found.groups)
    assert len((await kept.sketches.stale(OWNER, limit=100)).groups) == len(found.groups)

    later = DynamoPhotoStore(aws.dynamodb, **tables, now=lambda: NOON.timestamp() * 2 + LEASE_SECONDS)
    await later.mend(OWNER)
    after = await kept.sketches.stale(OWNER, limit=100)
    assert all(one.is_settled for one in after.groups)
    assert (await kept.sketches.sketches(OWNER, 0, [JUNE]))[JUNE] == {}


async def test_a_library_that_is_built_anew_has_all_its_groups_marked(aws: AwsClients, stack: SharedSettings) -> None:
    kept = on_dynamo(aws, stack)
    for number in range(3):
        await kept.stored(a_photo(number, taken_at=NOON + timedelta(days=31 * number)))
    marked = await kept.stale()
    await kept.cleared()
    tables: Any = {"photos_table": stack.table_name("photos"), "terms_table": stack.table_name("terms")}
    store = DynamoPhotoStore(aws.dynamodb, **tables)
    rebuilder = IndexRebuilder(aws.dynamodb, store, **tables)

    while not (await rebuilder.step(OWNER)).is_done:
        assert await kept.stale() == set()
    await rebuilder.sweep(OWNER)

    found = await kept.sketches.stale(OWNER, limit=100)
    assert (found.generation, {one.group for one in found.groups}) == (1, marked)
    assert (await kept.sketches.sketches(OWNER, 1, [JUNE]))[JUNE] == {"1512|-": 1}
