"""What every `AlbumStore` does: the fake and DynamoDB, held to the same."""

from dataclasses import replace
from datetime import timedelta

import pytest

from heliograph.aws import AwsClients
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_metadata.dynamodb.album_store import DynamoAlbumStore
from heliograph_metadata.service.album_store import Album, AlbumStore
from tests.builders import NOON, OWNER
from tests.fakes.in_memory_album_store import InMemoryAlbumStore

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
