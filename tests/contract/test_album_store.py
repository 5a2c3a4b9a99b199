"""What every `AlbumStore` does: the fake and DynamoDB, held to the same."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from heliograph.aws import AwsClients
from heliograph.photos import OwnerId, PhotoId
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.albums import Album, AlbumFolder, AlbumSort
from heliograph_metadata.dynamodb.album_store import DynamoAlbumStore
from heliograph_metadata.service.album_store import AlbumStore
from tests.builders import NOON, OWNER
from tests.fakes.in_memory_album_store import InMemoryAlbumStore

TRIPS = AlbumFolder(owner_id=OWNER, folder_id="f1", name="Reisen", created_at=NOON, updated_at=NOON)
SUMMER = Album(owner_id=OWNER, album_id="a1", name="Sommer 🌞", created_at=NOON, updated_at=NOON)


@pytest.fixture(params=["in memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> AlbumStore:
    if request.param == "in memory":
        return InMemoryAlbumStore()
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    return DynamoAlbumStore(aws.dynamodb, stack.table_name("albums"))


async def test_an_album_is_kept_as_it_was_last_put(store: AlbumStore) -> None:
    await store.create(SUMMER)
    assert await store.get(OWNER, "a1") == SUMMER

    deleted = replace(SUMMER, name="Winter", is_deleted=True, updated_at=NOON + timedelta(microseconds=1))
    assert await store.replace(deleted, stored=SUMMER)
    assert await store.get(OWNER, "a1") == deleted
    assert list(await store.all(OWNER)) == [deleted]


async def test_the_second_of_two_who_change_the_same_album_changes_nothing(store: AlbumStore) -> None:
    await store.create(SUMMER)
    later = replace(SUMMER, name="Winter", updated_at=NOON + timedelta(seconds=1))
    assert await store.replace(later, stored=SUMMER)

    assert not await store.replace(replace(later, name="Spring"), stored=SUMMER)
    assert await store.get(OWNER, "a1") == later

    await store.remove(OWNER, "a1")
    assert not await store.replace(later, stored=later)
    assert await store.get(OWNER, "a1") is None


async def test_an_album_is_another_owner_s_under_no_id(store: AlbumStore) -> None:
    await store.create(SUMMER)
    stranger = OwnerId("stranger")

    assert await store.get(stranger, "a1") is None
    assert list(await store.all(stranger)) == []
    await store.remove(stranger, "a1")
    assert await store.get(OWNER, "a1") == SUMMER


async def test_a_removed_album_is_gone_and_can_be_removed_again(store: AlbumStore) -> None:
    await store.create(SUMMER)
    await store.create(replace(SUMMER, album_id="a2"))

    await store.remove(OWNER, "a1")
    await store.remove(OWNER, "a1")

    assert [album.album_id for album in await store.all(OWNER)] == ["a2"]


async def test_everything_that_is_said_of_an_album_is_kept(store: AlbumStore) -> None:
    smart = replace(SUMMER, album_id="a2", query="dog -cat", description="Zwei\nZeilen")
    wall = replace(
        SUMMER,
        sort=AlbumSort.MANUAL,
        base=AlbumSort.OLDEST,
        cover_photo_id=PhotoId("a" * 26),
        parent_id="f1",
    )
    for album in (smart, wall):
        assert await store.create(album)
        assert await store.get(OWNER, album.album_id) == album


async def test_an_album_is_not_created_in_place_of_another(store: AlbumStore) -> None:
    assert await store.create(SUMMER)

    assert not await store.create(replace(SUMMER, name="Another"))
    assert await store.get(OWNER, "a1") == SUMMER


async def test_folders_and_albums_stand_on_one_shelf_and_are_told_apart(store: AlbumStore) -> None:
    await store.create(SUMMER)
    inner = replace(TRIPS, folder_id="f2", parent_id="f1")

    assert await store.change_folders(OWNER, put=[TRIPS, inner], revision=0)

    shelf = await store.shelf(OWNER)
    assert list(shelf.albums) == list(await store.all(OWNER)) == [SUMMER]
    assert {folder.folder_id: folder for folder in shelf.folders} == {"f1": TRIPS, "f2": inner}
    assert await store.get(OWNER, "f1") is None
    assert list((await store.shelf(OwnerId("stranger"))).folders) == []


async def test_a_change_of_folders_happens_only_where_none_was_changed_since(store: AlbumStore) -> None:
    assert await store.change_folders(OWNER, put=[TRIPS], revision=0)
    shelf = await store.shelf(OWNER)

    assert await store.change_folders(OWNER, put=[replace(TRIPS, name="Ziele")], revision=shelf.revision)
    assert not await store.change_folders(OWNER, remove=["f1"], revision=shelf.revision)
    assert not await store.change_folders(OWNER, remove=["f1"], revision=0)

    assert [folder.name for folder in (await store.shelf(OWNER)).folders] == ["Ziele"]
    assert await store.change_folders(OWNER, remove=["f1"], revision=(await store.shelf(OWNER)).revision)
    assert list((await store.shelf(OWNER)).folders) == []


async def test_of_two_who_change_folders_at_once_one_does(store: AlbumStore) -> None:
    done = await asyncio.gather(
        *(store.change_folders(OWNER, put=[replace(TRIPS, folder_id=one)], revision=0) for one in ("f1", "f2"))
    )

    assert sorted(done) == [False, True]
    assert len((await store.shelf(OWNER)).folders) == 1


async def test_an_album_of_an_earlier_version_is_read_as_a_new_one_is_made(
    aws: AwsClients, stack: SharedSettings
) -> None:
    at = {"S": "2024-06-15T12:00:00.000000Z"}
    item: Any = {
        "owner_id": {"S": OWNER},
        "album_id": {"S": "a1"},
        "name": {"S": SUMMER.name},
        "is_deleted": {"BOOL": False},
    }
    table = stack.table_name("albums")
    await aws.dynamodb.put_item(TableName=table, Item=item | {"created_at": at, "updated_at": at})

    assert await DynamoAlbumStore(aws.dynamodb, table).get(OWNER, "a1") == SUMMER
