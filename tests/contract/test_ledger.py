"""What a library's ledger stands between: processes that die, stall, or mend the same library at the same time."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from heliograph.aws import AwsClients
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.photo import Location, Photo, edited
from heliograph_metadata.domain.terms import FAVOURITE
from heliograph_metadata.dynamodb.ledger import LEASE_SECONDS
from heliograph_metadata.dynamodb.library_index import DynamoLibraryIndex
from heliograph_metadata.dynamodb.photo_store import DynamoPhotoStore
from heliograph_metadata.dynamodb.verification import IndexVerifier
from heliograph_upload.domain import NewPhoto
from heliograph_upload.dynamodb import DynamoAdmissionStore
from tests.builders import LISBON, OWNER, a_photo, admission_of
from tests.contract.random_steps import NOW


def saves(request: Any) -> bool:
    return "photos" in request["TableName"]


def counts(request: Any) -> bool:
    return "#counts#" in request["Key"].get("pk", {"S": ""})["S"]


def commits(request: Any) -> bool:
    return "committed_at = :batch" in request["UpdateExpression"]


class Stopping:
    """DynamoDB as one process sees it: it waits before updates of one kind, or never gets to them."""

    def __init__(
        self,
        client: Any,
        is_one: Callable[[Any], bool],
        *,
        go_on: asyncio.Event | None = None,
        after: int = 0,
    ) -> None:
        """Make one that lets the first few through."""
        self._client = client
        self._is_one = is_one
        self._go_on = go_on
        self._left = after
        self.reached = asyncio.Event()
        self._is_dead = False

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if name == "exceptions" or not callable(found):
            return found

        async def call(**request: Any) -> Any:
            if name == "update_item" and self._is_one(request):
                self._left -= 1
                if self._left < 0:
                    self.reached.set()
                    if self._go_on:
                        await self._go_on.wait()
                    else:
                        self._is_dead = True
            if self._is_dead:
                raise ConnectionError("the process is dead")
            return await found(**request)

        return call


class World:
    def __init__(self, aws: AwsClients, stack: SharedSettings) -> None:
        self.client = aws.dynamodb
        self.tables: Any = {"photos_table": stack.table_name("photos"), "terms_table": stack.table_name("terms")}
        self.seconds = 1_000_000.0

    def store(self, client: Any = None) -> DynamoPhotoStore:
        return DynamoPhotoStore(client or self.client, **self.tables, now=lambda: self.seconds)

    def index(self, store: DynamoPhotoStore) -> DynamoLibraryIndex:
        index = DynamoLibraryIndex(self.client, **self.tables, mend=store.mend)
        index.ledger = store.ledger
        return index

    def time_passes(self) -> None:
        self.seconds += LEASE_SECONDS + 1

    async def stored(self, number: int, **known: Any) -> Photo:
        photo = a_photo(number, **known)
        await self.admit(photo)
        following = replace(photo, version=2)
        assert await self.store().replace(following, stored=admission_of(photo))
        return following

    async def admit(self, photo: Photo) -> None:
        new = NewPhoto(photo.photo_id, photo.owner_id, photo.admission, photo.created_at, photo.correlation_id)
        await DynamoAdmissionStore(self.client, self.tables["photos_table"]).admit([new])

    async def differences(self) -> list[str]:
        verifier = IndexVerifier(self.client, self.store(), **self.tables)
        return [str(one) for one in (await verifier.verify(OWNER)).differences]


class Slow:
    """DynamoDB as one process sees it while its table answers slowly: each count takes a part of a lease."""

    def __init__(self, client: Any, clock: list[float]) -> None:
        self._client, self._clock = client, clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def update_item(self, **request: Any) -> Any:
        if counts(request):
            self._clock[0] += LEASE_SECONDS / 50
        return await self._client.update_item(**request)


@pytest.fixture
def world(aws: AwsClients, stack: SharedSettings) -> World:
    return World(aws, stack)


async def test_a_batch_whose_counts_take_longer_than_a_lease_is_done_by_who_began_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("heliograph_metadata.dynamodb.ledger.time", SimpleNamespace(monotonic=lambda: clock[0]))
    photos = [
        a_photo(number, taken_at=NOW - timedelta(days=40 * number), location=Location(1.0 * number, 2.0 * number))
        for number in range(30)
    ]
    for photo in photos:
        await world.admit(photo)

    store = world.store(Slow(world.client, clock))
    saves = (store.replace(replace(photo, version=2), stored=admission_of(photo)) for photo in photos)
    assert await asyncio.gather(*saves) == [True] * 30

    assert clock[0] > 2 * LEASE_SECONDS
    assert await world.differences() == []


@pytest.mark.parametrize(("dies_before", "after"), [(counts, 0), (counts, 1), (commits, 0)])
async def test_many_who_mend_the_same_library_count_what_was_left_once(
    world: World, dies_before: Callable[[Any], bool], after: int
) -> None:
    photos = [await world.stored(number) for number in range(8)]
    dying = world.store(Stopping(world.client, dies_before, after=after))
    several = [dying.replace(edited(photo, {"favourite": True}, at=NOW), stored=photo) for photo in photos]
    await asyncio.gather(*several, return_exceptions=True)
    world.time_passes()

    store = world.store()
    indexes = [world.index(store) for _ in range(4)]
    counted = await asyncio.gather(*(index.counts_of(OWNER, [FAVOURITE]) for index in indexes for _ in range(3)))

    assert await indexes[0].counts_of(OWNER, [FAVOURITE]) == {FAVOURITE: 8}
    assert {one[FAVOURITE] for one in counted} <= {0, 8}  # who read before the mending may see none of it yet
    assert await world.differences() == []


async def test_a_removal_that_was_refused_is_not_done_when_its_batch_is_done_again(world: World) -> None:
    photo = await world.stored(1, labels=["dog"], location=LISBON)
    newer = edited(photo, {"favourite": True}, at=NOW)
    assert await world.store().replace(newer, stored=photo)
    dying = world.store(Stopping(world.client, commits))
    await asyncio.gather(dying.remove(photo), return_exceptions=True)
    world.time_passes()

    assert await world.differences() == []
    assert await world.store().get(photo.photo_id) == newer


async def test_a_process_that_was_stalled_while_it_counted_counts_nothing_twice(world: World) -> None:
    photo = await world.stored(1, labels=["dog"], location=LISBON)
    go_on = asyncio.Event()
    client = Stopping(world.client, counts, go_on=go_on)
    loved = edited(photo, {"favourite": True}, at=NOW)
    save = asyncio.create_task(world.store(client).replace(loved, stored=photo))
    await client.reached.wait()
    world.time_passes()
    store = world.store()
    unloved = edited(loved, {"favourite": False}, at=NOW)
    assert await store.replace(unloved, stored=loved)
    go_on.set()

    assert await save
    assert await world.index(store).counts_of(OWNER, [FAVOURITE]) == {FAVOURITE: 0}
    assert await world.differences() == []


async def test_a_process_that_was_stalled_writes_no_document_after_its_batch_was_done_again(world: World) -> None:
    photo = await world.stored(1)
    go_on = asyncio.Event()
    client = Stopping(world.client, saves, go_on=go_on)
    save = asyncio.create_task(world.store(client).replace(edited(photo, {"favourite": True}, at=NOW), stored=photo))
    await client.reached.wait()
    world.time_passes()
    await world.store().mend(OWNER)
    go_on.set()

    assert not await save
    assert await world.store().get(photo.photo_id) == photo
    assert await world.differences() == []


async def test_what_is_done_again_has_its_names(world: World) -> None:
    photo = a_photo(1, location=LISBON)
    before = admission_of(photo)
    new = NewPhoto(photo.photo_id, photo.owner_id, photo.admission, photo.created_at, photo.correlation_id)
    await DynamoAdmissionStore(world.client, world.tables["photos_table"]).admit([new])
    dying = world.store(Stopping(world.client, counts))
    await asyncio.gather(dying.replace(replace(photo, version=2), stored=before), return_exceptions=True)
    world.time_passes()

    countries = await world.index(world.store()).counts(OWNER, "place", last="PT")

    assert [(one.value, one.name) for one in countries] == [("PT", "Portugal")]
