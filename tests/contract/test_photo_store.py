"""What every `PhotoStore` and the `LibraryIndex` that follows it do: the fake and DynamoDB, held to the same."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError

from heliograph.aws import AwsClients
from heliograph.errors import UnavailableError
from heliograph.messages import BoundingBox, ClassifiedLabel
from heliograph.photos import OwnerId, PhotoId, PhotoStatus
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.index import COUNTED_KINDS, in_time, postings, sort_key, term_counts
from heliograph_metadata.domain.labelling import classified
from heliograph_metadata.domain.photo import (
    Location,
    Photo,
    edited,
    in_albums,
    prepared,
    restored,
    trashed,
)
from heliograph_metadata.domain.terms import PRESENT, SPOTS, TRASHED, Term, terms, tile_of, year_of
from heliograph_metadata.domain.tiles import quadkey
from heliograph_metadata.dynamodb.library_index import DynamoLibraryIndex
from heliograph_metadata.dynamodb.photo_store import DynamoPhotoStore
from heliograph_metadata.dynamodb.rebuild import IndexRebuilder
from heliograph_metadata.service.library_index import LibraryIndex
from heliograph_metadata.service.photo_store import PhotoStore, change
from heliograph_upload.domain import NewPhoto
from heliograph_upload.dynamodb import DynamoAdmissionStore
from tests.builders import LISBON, NOON, OWNER, a_photo, admission_of
from tests.contract.random_steps import NOW, a_preparation, a_random_step
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore, is_of


@dataclass(frozen=True)
class Kept:
    """A store, its index, and a way to put a photo there as `upload` does."""

    store: PhotoStore
    index: LibraryIndex
    admit: Callable[[Photo], Any]


@pytest.fixture(params=["in memory", "dynamodb"])
def kept(request: pytest.FixtureRequest) -> Kept:
    if request.param == "in memory":
        fake = InMemoryPhotoStore()

        async def remember(photo: Photo) -> None:
            fake.photos[photo.photo_id] = photo

        return Kept(fake, fake, remember)
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    tables: Any = {"photos_table": stack.table_name("photos"), "terms_table": stack.table_name("terms")}

    admissions = DynamoAdmissionStore(aws.dynamodb, tables["photos_table"])

    async def admit(photo: Photo) -> None:
        await admissions.admit([a_new_photo(photo)])

    return Kept(DynamoPhotoStore(aws.dynamodb, **tables), DynamoLibraryIndex(aws.dynamodb, **tables), admit)


def a_new_photo(photo: Photo) -> NewPhoto:
    return NewPhoto(photo.photo_id, photo.owner_id, photo.admission, photo.created_at, photo.correlation_id)


async def stored(kept: Kept, photo: Photo) -> Photo:
    """Store a photo that has come as far as it says, in one step."""
    before = admission_of(photo)
    await kept.admit(before)
    following = replace(photo, version=2)
    assert await kept.store.replace(following, stored=before)
    return following


async def newest(kept: Kept, term: Term, *, owner_id: OwnerId = OWNER) -> list[str]:
    return [
        posting.photo_id for posting in await kept.index.postings(owner_id, term, before=None, since=None, limit=100)
    ]


async def test_a_photo_that_was_only_admitted_is_there_as_it_was_admitted(kept: Kept) -> None:
    photo = a_photo(status="awaiting_upload")

    await kept.admit(photo)

    assert await kept.store.get(photo.photo_id) == photo
    assert await kept.store.get_many([photo.photo_id, photo.photo_id]) == {photo.photo_id: photo}


async def test_a_photo_that_was_never_admitted_is_not_there(kept: Kept) -> None:
    assert await kept.store.get(a_photo().photo_id) is None
    assert await kept.store.get_many([a_photo().photo_id]) == {}
    assert not await kept.store.replace(replace(a_photo(), version=2), stored=a_photo())


async def test_everything_that_is_known_of_a_photo_is_kept(kept: Kept) -> None:
    seen = [
        ClassifiedLabel(
            name="dog",
            confidence=0.75,
            raw_confidence=0.8,
            model="yolov8n",
            boxes=(BoundingBox(x1=0.1, y1=0.2, x2=0.3, y2=0.4, confidence=0.75),),
        )
    ]
    photo = a_photo(status="prepared", taken_at=NOON.astimezone(timezone(timedelta(hours=2))), location=LISBON)
    photo = classified(photo, seen, at=NOW)
    photo = edited(photo, {"caption": "At the “sea” 🌊", "keywords": ["süd"], "favourite": True}, at=NOW)
    photo = in_albums(photo, add=["summer"], at=NOW)
    before = admission_of(photo)
    await kept.admit(before)

    assert await kept.store.replace(photo, stored=before)

    assert await kept.store.get(photo.photo_id) == photo


async def test_the_second_of_two_who_change_the_same_version_changes_nothing(kept: Kept) -> None:
    photo = await stored(kept, a_photo(labels=["dog"]))
    first = edited(photo, {"caption": "first"}, at=NOW)
    second = edited(photo, {"caption": "second"}, at=NOW)

    assert await kept.store.replace(first, stored=photo)
    assert not await kept.store.replace(second, stored=photo)

    assert await kept.store.get(photo.photo_id) == first
    assert await newest(kept, Term("word", "second")) == []


async def test_a_list_is_newest_first_by_the_clock_of_the_place_and_pages(kept: Kept) -> None:
    tokyo = timezone(timedelta(hours=9))
    photos = [await stored(kept, a_photo(n, taken_at=datetime(2024, 6, 1 + n, 8, tzinfo=tokyo))) for n in range(5)]
    term = Term("time", "2024-06")

    first = await kept.index.postings(OWNER, term, before=None, since=None, limit=2)
    second = await kept.index.postings(OWNER, term, before=first[-1].sort_key, since="2024-06-02", limit=10)

    assert [one.photo_id for one in first] == [photos[4].photo_id, photos[3].photo_id]
    assert [one.photo_id for one in second] == [photos[2].photo_id, photos[1].photo_id]
    assert second[0].taken_at == photos[2].taken
    assert await kept.index.postings(OWNER, term, before="2024-06-02", since="2024-06-09", limit=10) == []


async def test_a_list_is_read_oldest_first_from_any_photo_on(kept: Kept) -> None:
    shelf = [a_photo(number, labels=["dog"], taken_at=NOON + timedelta(days=number)) for number in range(4)]
    for photo in shelf:
        await stored(kept, photo)
    term = Term("label", "dog")

    first = await kept.index.postings_from(OWNER, term, after=None, limit=2)
    rest = await kept.index.postings_from(OWNER, term, after=first[-1].sort_key, limit=10)

    assert [one.photo_id for one in [*first, *rest]] == [photo.photo_id for photo in shelf]
    assert list(await kept.index.postings_from(OWNER, term, after=rest[-1].sort_key, limit=10)) == []


async def test_all_photos_are_listed_month_by_month_newest_first(kept: Kept) -> None:
    shelf = [
        await stored(kept, a_photo(number, taken_at=datetime(2024 - number // 8, 1 + number % 8, 5, tzinfo=UTC)))
        for number in range(24)
    ]
    newest_first = [photo.photo_id for photo in sorted(shelf, key=lambda photo: photo.taken, reverse=True)]

    async def listed(*, before: str | None = None, since: str | None = None, limit: int = 100) -> list[PhotoId]:
        found = await kept.index.postings(OWNER, PRESENT, before=before, since=since, limit=limit)
        return [one.photo_id for one in found]

    assert await listed() == newest_first
    assert await listed(limit=5) == newest_first[:5]
    assert (
        await listed(before=sort_key(next(one for one in shelf if one.photo_id == newest_first[3])))
        == (newest_first[4:])
    )
    assert await listed(before="2024-03", since="2023-07") == newest_first[6:10]
    assert await listed(before="2024-03-05", since="2024-02-06") == []


async def test_only_bearers_of_a_term_are_found_among_some_photos(kept: Kept) -> None:
    dog = await stored(kept, a_photo(1, labels=["dog"]))
    cat = await stored(kept, a_photo(2, labels=["cat"]))
    keys = [key for photo in (dog, cat) for (term, key) in postings(photo) if term.kind == "time"]

    bearing = await kept.index.bearing(OWNER, Term("label", "dog"), keys)

    assert [one.photo_id for one in bearing.values()] == [dog.photo_id]
    assert bearing[keys[0]].confidence == 0.9
    assert await kept.index.bearing(OWNER, Term("label", "dog"), []) == {}


async def test_photos_say_themselves_which_still_wait_for_their_labels(kept: Kept) -> None:
    waiting, thrown_away = [await stored(kept, a_photo(number, status="prepared")) for number in (1, 2)]
    ready = await stored(kept, a_photo(3, labels=["dog"]))
    await change(kept.store, thrown_away.photo_id, lambda photo: replace(photo, trashed_at=NOW))
    asked = [waiting.photo_id, thrown_away.photo_id, ready.photo_id, PhotoId("e" * 26)]

    assert await kept.index.still_prepared(OWNER, [*asked, *asked]) == {waiting.photo_id}
    assert await kept.index.still_prepared(OwnerId("somebody-else"), asked) == frozenset()
    assert await kept.index.still_prepared(OWNER, []) == frozenset()


async def test_another_owner_sees_none_of_it(kept: Kept) -> None:
    await stored(kept, a_photo(location=LISBON, labels=["dog"]))
    stranger = OwnerId("stranger")

    assert await newest(kept, PRESENT, owner_id=stranger) == []
    assert await kept.index.counts(stranger, "label") == []
    assert await kept.index.counts_of(stranger, [PRESENT]) == {PRESENT: 0}
    assert await kept.index.changes(stranger, since=datetime(2020, 1, 1, tzinfo=UTC), limit=10) == []
    assert await kept.index.unfinished(stranger, PhotoStatus.READY) == 0


async def test_a_trashed_photo_is_in_the_trash_alone_and_comes_back_whole(kept: Kept) -> None:
    photo = await stored(kept, a_photo(labels=["dog"], location=LISBON))
    gone = trashed(photo, at=NOW)
    assert await kept.store.replace(gone, stored=photo)

    assert await newest(kept, TRASHED) == [photo.photo_id]
    assert await newest(kept, Term("label", "dog")) == []
    assert await kept.index.counts(OWNER, "tile12") == []

    assert await kept.store.replace(restored(gone, at=NOW), stored=gone)
    assert await newest(kept, TRASHED) == []
    assert await newest(kept, Term("label", "dog")) == [photo.photo_id]
    assert [count.photos for count in await kept.index.counts(OWNER, "tile12")] == [1]


async def test_counts_carry_names_and_can_be_read_by_range(kept: Kept) -> None:
    for number, label in enumerate(["Dog", "dog", "Cat", "traffic light"]):
        await stored(kept, a_photo(number, labels=[label]))

    counts = await kept.index.counts(OWNER, "label", first="c", last="dzz")

    assert [(count.value, count.photos) for count in counts] == [("cat", 1), ("dog", 2)]
    assert counts[0].name == "Cat"
    assert await kept.index.counts_of(OWNER, [Term("label", "dog"), Term("label", "owl")]) == {
        Term("label", "dog"): 2,
        Term("label", "owl"): 0,
    }


async def test_as_many_counts_are_read_as_are_asked_for(kept: Kept) -> None:
    await stored(kept, a_photo(labels=["ant", "bee", "cat", "dog"]))

    for limit, expected in (
        (1, ["bee"]),
        (2, ["bee", "cat"]),
        (9, ["bee", "cat", "dog"]),
        (None, ["bee", "cat", "dog"]),
    ):
        counts = await kept.index.counts(OWNER, "label", first="b", limit=limit)
        assert [count.value for count in counts] == expected


async def test_a_tile_knows_the_middle_of_its_photos(kept: Kept) -> None:
    await stored(kept, a_photo(1, location=Location(38.70, -9.10)))
    photo = await stored(kept, a_photo(2, location=Location(38.70, -9.20)))

    [tile] = await kept.index.counts(OWNER, "tile06")
    assert (tile.photos, round(tile.latitude, 6), round(tile.longitude, 6)) == (2, 38.70, -9.15)

    moved = edited(photo, {"location": Location(38.72, -9.20)}, at=NOW)
    assert await kept.store.replace(moved, stored=photo)
    [tile] = await kept.index.counts(OWNER, "tile06")
    assert (tile.photos, round(tile.latitude, 6), round(tile.longitude, 6)) == (2, 38.71, -9.15)


async def test_a_tile_knows_the_years_of_its_photos(kept: Kept) -> None:
    await stored(kept, a_photo(1, location=LISBON, taken_at=datetime(2023, 5, 1, tzinfo=UTC)))
    photo = await stored(kept, a_photo(2, location=LISBON, taken_at=datetime(2023, 6, 1, tzinfo=UTC)))
    [tile] = await kept.index.counts(OWNER, "tile06")
    assert dict(tile.years) == {"2023": 2}

    assert await kept.store.replace(edited(photo, {"taken_at": NOON}, at=NOW), stored=photo)

    [tile] = await kept.index.counts(OWNER, "tile06")
    assert (tile.photos, dict(tile.years)) == (2, {"2023": 1, "2024": 1})


async def test_the_photos_of_any_tile_lie_together(kept: Kept) -> None:
    places = [Location(38.71, -9.14), Location(38.7101, -9.1401), Location(38.9, -9.4), Location(-17.0, 179.95)]
    shelf = [await stored(kept, a_photo(number, location=place)) for number, place in enumerate(places)]
    await stored(kept, a_photo(9))
    for level in (0, 3, 10, 20):
        tile = quadkey(38.71, -9.14, level)
        spots = await kept.index.postings(OWNER, SPOTS, since=tile, before=f"{tile}~", limit=10)
        assert {in_time(spot).photo_id for spot in spots} == {photo.photo_id for photo in shelf if _is_in(photo, tile)}
        assert all(in_time(spot).taken_at == shelf[0].taken for spot in spots)


async def test_a_tile_whose_representative_leaves_is_represented_by_another(kept: Kept) -> None:
    close = [await stored(kept, a_photo(n, location=Location(38.71, -9.14))) for n in range(3)]
    far = await stored(kept, a_photo(9, location=Location(38.9, -9.4)))

    for leaving, left in ((close[2], {0, 1}), (close[0], {1}), (close[1], set())):
        assert await kept.store.replace(trashed(leaving, at=NOW), stored=leaving)
        here = {close[n].photo_id for n in left}
        for level in (4, 12, 18):
            tiles = {one.value: one.photo_id for one in await kept.index.counts(OWNER, f"tile{level:02}")}
            representative = tiles.get(quadkey(38.71, -9.14, level))
            around = here | {far.photo_id} if level == 4 else here
            assert representative in around or not around


async def test_waiting_photos_are_counted_until_they_are_finished(kept: Kept) -> None:
    photo = a_photo(status="awaiting_upload")
    await kept.admit(photo)
    assert await kept.index.unfinished(OWNER, PhotoStatus.AWAITING_UPLOAD) == 1

    ready = await change(kept.store, photo.photo_id, lambda p: prepared(p, a_preparation(), at=NOW))
    assert ready is not None
    assert await kept.index.unfinished(OWNER, PhotoStatus.AWAITING_UPLOAD) == 0
    assert await kept.index.unfinished(OWNER, PhotoStatus.PREPARED) == 1

    await change(kept.store, photo.photo_id, lambda p: classified(p, [], at=NOW))
    assert await kept.index.unfinished(OWNER, PhotoStatus.PREPARED) == 0


async def test_changes_come_in_the_order_in_which_they_were_saved(kept: Kept) -> None:
    photos = [await stored(kept, a_photo(n, updated_at=NOW + timedelta(seconds=n))) for n in range(3)]
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)

    changes = await kept.index.changes(OWNER, since=long_ago, limit=10)
    later = await kept.index.changes(OWNER, since=changes[1].updated_at, limit=10)

    assert [one.photo_id for one in changes] == [photo.photo_id for photo in photos]
    assert (changes[1].version, changes[1].status) == (2, PhotoStatus.READY)
    assert later == changes[1:]
    assert await kept.index.changes(OWNER, since=long_ago, limit=2) == changes[:2]
    assert await kept.index.changes(OWNER, since=changes[2].updated_at + timedelta(seconds=1), limit=10) == []


async def test_a_photo_that_is_removed_leaves_nothing(kept: Kept) -> None:
    photo = await stored(kept, a_photo(labels=["dog"], location=LISBON))
    changed = edited(photo, {"favourite": True}, at=NOW)
    assert await kept.store.replace(changed, stored=photo)

    assert not await kept.store.remove(photo)
    assert await kept.store.remove(changed)
    assert not await kept.store.remove(changed)

    assert await kept.store.get(photo.photo_id) is None
    assert await newest(kept, PRESENT) == []
    assert [await kept.index.counts(OWNER, kind) for kind in COUNTED_KINDS] == [[] for _ in COUNTED_KINDS]


async def test_saves_made_at_the_same_time_are_all_made(kept: Kept) -> None:
    photos = [await stored(kept, a_photo(n, labels=["dog"])) for n in range(40)]

    outcomes = await asyncio.gather(
        *(kept.store.replace(edited(photo, {"favourite": True}, at=NOW), stored=photo) for photo in photos),
        *(kept.store.replace(edited(photo, {"favourite": True}, at=NOW), stored=photo) for photo in photos[:5]),
    )

    assert outcomes == [True] * 40 + [False] * 5
    assert await kept.index.counts_of(OWNER, [Term("is", "favourite")]) == {Term("is", "favourite"): 40}


@pytest.mark.parametrize("seed", range(3))
async def test_the_index_is_what_the_photos_say_after_any_steps_by_many_at_once(kept: Kept, seed: int) -> None:
    dice = random.Random(seed)
    photos = [a_photo(number, status="awaiting_upload") for number in range(4)]
    for photo in photos:
        await kept.admit(photo)

    async def somebody(dice: random.Random) -> None:
        for _ in range(12):
            await change(kept.store, dice.choice(photos).photo_id, a_random_step(dice))

    await asyncio.gather(*(somebody(random.Random(dice.random())) for _ in range(4)))

    now_there = list((await kept.store.get_many([photo.photo_id for photo in photos])).values())
    expected = term_counts(now_there)
    for kind in COUNTED_KINDS:
        counts = await kept.index.counts(OWNER, kind)
        assert {Term(kind, one.value): one.photos for one in counts} == {
            term: count for term, count in expected.items() if term.kind == kind
        }
        for one in counts:
            if kind.startswith("tile"):
                inside = [photo for photo in now_there if _is_in(photo, one.value)]
                assert {year: photos for year, photos in one.years.items() if photos} == Counter(map(year_of, inside))
                [representative] = [photo for photo in now_there if photo.photo_id == one.photo_id]
                assert representative.point is not None
                point = representative.point
                assert quadkey(point.latitude, point.longitude, len(one.value)) == one.value
    posted = {key: posting for photo in now_there for key, posting in postings(photo).items()}
    for term in {term for term, _ in posted} | {TRASHED, PRESENT, Term("label", "dog"), Term("album", "one")}:
        listed = await kept.index.postings(OWNER, term, before=None, since=None, limit=100)
        assert {one.sort_key: one for one in listed} == {
            sort_key: posting for (borne, sort_key), posting in posted.items() if is_of(borne, term)
        }


def _is_in(photo: Photo, tile: str) -> bool:
    return SPOTS in terms(photo) and photo.point is not None and tile_of(photo.point).startswith(tile)


class Refusing:
    """DynamoDB as it is while it takes no more: it refuses the first few updates of counts."""

    def __init__(self, client: Any, times: int) -> None:
        self._client = client
        self._left = times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def update_item(self, **request: Any) -> Any:
        if self._left and "#counts#" in request["Key"].get("pk", {"S": ""})["S"]:
            self._left -= 1
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "too much"}}, "UpdateItem")
        return await self._client.update_item(**request)


class Clashing:
    """DynamoDB as it is while many write at once: it cancels the first few transactions."""

    def __init__(self, client: Any, *reasons: str) -> None:
        self._client = client
        self._reasons = list(reasons)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def transact_write_items(self, **request: Any) -> Any:
        if self._reasons:
            code = self._reasons.pop(0)
            cancelled: Any = {
                "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
                "CancellationReasons": [{"Code": "None"}, {"Code": code}],
            }
            raise self._client.exceptions.TransactionCanceledException(cancelled, "TransactWriteItems")
        return await self._client.transact_write_items(**request)


async def an_admitted_photo(aws: AwsClients, stack: SharedSettings) -> Photo:
    photo = a_photo(status="awaiting_upload")
    await DynamoAdmissionStore(aws.dynamodb, stack.table_name("photos")).admit([a_new_photo(photo)])
    return photo


async def test_a_save_whose_counts_were_refused_is_finished_by_the_next_one(
    aws: AwsClients, stack: SharedSettings
) -> None:
    photo = await an_admitted_photo(aws, stack)
    client: Any = Refusing(aws.dynamodb, times=3)
    store = DynamoPhotoStore(client, photos_table=stack.table_name("photos"), terms_table=stack.table_name("terms"))
    read = prepared(photo, a_preparation(), at=NOW)

    with pytest.raises(UnavailableError):
        await store.replace(read, stored=photo)
    assert not await store.replace(read, stored=photo)

    index = DynamoLibraryIndex(
        aws.dynamodb, photos_table=stack.table_name("photos"), terms_table=stack.table_name("terms")
    )
    assert await store.get(photo.photo_id) == read
    assert await index.counts_of(OWNER, [PRESENT]) == {PRESENT: 1}


async def test_a_rebuilding_that_clashes_with_others_is_tried_again(aws: AwsClients, stack: SharedSettings) -> None:
    photo = await an_admitted_photo(aws, stack)
    client: Any = Clashing(aws.dynamodb, "TransactionConflict", "TransactionConflict", "ThrottlingError")
    tables: Any = {"photos_table": stack.table_name("photos"), "terms_table": stack.table_name("terms")}
    rebuilder = IndexRebuilder(client, DynamoPhotoStore(client, **tables), **tables)

    steps = [await rebuilder.step(photo.owner_id) for _ in range(3)]

    assert [(step.photos, step.is_done) for step in steps] == [(0, False), (1, False), (0, True)]
