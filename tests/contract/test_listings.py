"""What an operator's listings of the bucket and of all photos do: the fakes and AWS, held to the same."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from heliograph.aws import AwsClients
from heliograph.departures import departure_item
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.within_preview import with_thumbnail
from heliograph_metadata.dynamodb.all_photos import DynamoAllPhotos
from heliograph_metadata.dynamodb.belongings import DynamoBelongings
from heliograph_metadata.dynamodb.photo_store import DynamoPhotoStore
from heliograph_metadata.s3 import S3Objects
from heliograph_metadata.service.orphans import AllPhotos, Objects, StoredObject
from heliograph_metadata.service.reclassify import LibraryIds
from heliograph_upload.domain import NewPhoto
from heliograph_upload.dynamodb import DynamoAdmissionStore
from tests.builders import NOON, OWNER, a_photo, admission_of
from tests.fakes.in_memory_library_ids import InMemoryLibraryIds
from tests.fakes.in_memory_objects import InMemoryAllPhotos, InMemoryObjects
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore
from tests.photos import like_a_webp


@dataclass
class Listings:
    objects: Objects
    join: Callable[[str], Awaitable[None]]
    """Put a preview there with its thumbnail within."""
    photos: AllPhotos
    put: Callable[[str], Awaitable[None]]
    keep: Callable[[Photo], Awaitable[None]]
    ids: LibraryIds


@pytest.fixture(params=["in memory", "aws"])
def listings(request: pytest.FixtureRequest) -> Listings:
    return _in_memory() if request.param == "in memory" else _on_aws(request)


def _in_memory() -> Listings:
    objects, photos = InMemoryObjects(), InMemoryPhotoStore()

    async def put(key: str) -> None:
        objects.objects[key] = StoredObject(key, 5, NOON)

    async def keep(photo: Photo) -> None:
        photos.photos[photo.photo_id] = replace(photo, version=2)

    async def join(key: str) -> None:
        await put(key)
        objects.holding_thumbnails.add(key)

    return Listings(objects, join, InMemoryAllPhotos(photos), put, keep, InMemoryLibraryIds(photos))


def _on_aws(request: pytest.FixtureRequest) -> Listings:
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    table = stack.table_name("photos")
    store = DynamoPhotoStore(aws.dynamodb, photos_table=table, terms_table=stack.table_name("terms"))
    admissions = DynamoAdmissionStore(aws.dynamodb, table)

    async def put(key: str) -> None:
        await aws.s3.put_object(Bucket=stack.bucket_name, Key=key, Body=b"bytes")

    async def keep(photo: Photo) -> None:
        new = NewPhoto(photo.photo_id, photo.owner_id, photo.admission, photo.created_at, photo.correlation_id)
        await admissions.admit([new])
        assert await store.replace(replace(photo, version=2), stored=admission_of(photo))

    ids = DynamoAllPhotos(aws.dynamodb, table, ids_at_a_time=2)

    async def join(key: str) -> None:
        joined = with_thumbnail(b"preview", like_a_webp(40))
        await aws.s3.put_object(Bucket=stack.bucket_name, Key=key, Body=joined)

    objects = S3Objects(aws.s3, stack.bucket_name)
    return Listings(objects, join, DynamoAllPhotos(aws.dynamodb, table), put, keep, ids)


async def test_every_object_is_listed_with_its_size_and_can_be_removed(listings: Listings) -> None:
    for key in ("renditions/b", "originals/a", "stray"):
        await listings.put(key)

    found = [one async for page in listings.objects.pages() for one in page]

    assert [(one.key, one.size_bytes) for one in found] == [("originals/a", 5), ("renditions/b", 5), ("stray", 5)]
    assert all(one.modified_at.tzinfo for one in found)
    assert await listings.objects.is_there("stray")
    await listings.objects.remove(["stray", "never there"])
    assert not await listings.objects.is_there("stray")


async def test_a_preview_holds_a_thumbnail_or_does_not(listings: Listings) -> None:
    await listings.join("renditions/both")
    await listings.put("renditions/alone")

    held = [await listings.objects.holds_thumbnail(f"renditions/{name}") for name in ("both", "alone", "neither")]

    assert held == [True, False, False]


async def test_every_photo_is_listed_whole(listings: Listings) -> None:
    photos = [a_photo(1, labels=["dog"]), a_photo(2, owner_id="stranger")]
    for photo in photos:
        await listings.keep(photo)

    found = {photo.photo_id: photo async for page in listings.photos.pages() for photo in page}

    assert found == {photo.photo_id: replace(photo, version=2) for photo in photos}


async def test_the_ids_of_one_library_are_listed_in_their_order(listings: Listings) -> None:
    photos = [a_photo(number) for number in range(5)]
    for photo in (*photos, a_photo(9, owner_id="stranger")):
        await listings.keep(photo)

    found = [photo_id async for page in listings.ids.ids_of(OWNER) for photo_id in page]

    assert found == sorted(photo.photo_id for photo in photos)
    assert [list(page) async for page in listings.ids.ids_of(OwnerId("nobody"))] in ([], [[]])


OWNED = {
    "accounts": {"pk": "email#gone@example.com", "sk": "email", "account_id": "gone"},
    "access": {"pk": "account#gone"},
    "audit": {"owner_id": "gone", "event": "2024"},
    "terms": {"pk": "gone~2#label:dog", "sk": "1"},
    "albums": {"owner_id": "gone#order#album", "album_id": "at#1"},
    "stacks": {"owner_id": "gone", "item": "stack#1"},
    "jobs": {"pk": "gone#jobs", "sk": "1"},
    "questions": {"pk": "gone#answers", "sk": "1"},
    "exports": {"account_id": "gone#facts"},
}
"""Something that belongs to somebody, in each table but those that are tried below."""


async def test_every_table_says_whose_its_items_are(aws: AwsClients, stack: SharedSettings) -> None:
    async def put(table: str, **attributes: str) -> None:
        item: Any = {name: {"S": value} for name, value in attributes.items()}
        await aws.dynamodb.put_item(TableName=stack.table_name(table), Item=item)

    for table, attributes in OWNED.items():
        await put(table, **attributes)
    member = '{"owner_id": "host", "account_id": "guest"}'
    await put("shares", pk="host#members", sk="album#guest", member=member)
    await put("shares", pk="secret#hash", sk="link", owner_id="gone")
    await put("shares", pk="visit#hash", sk="visit")
    await put("audit", owner_id="nobody#hash", event="2024")
    await put("audit", owner_id="key#k1", event="last-use")
    await put("accounts", pk="account#there", sk="account", account_id="there")
    belongings = DynamoBelongings(aws.dynamodb, stack.table_name)

    found = {(table, owner) async for table, owners in belongings.owners() for owner in owners}

    assert await belongings.accounts() == {"there"}
    assert found == {(table, "gone") for table in OWNED} | {
        ("shares", "host"),
        ("shares", "guest"),
        ("shares", "gone"),
        ("accounts", "there"),
    }


async def test_who_is_being_deleted_is_told_with_when_that_was_asked_for(
    aws: AwsClients, stack: SharedSettings
) -> None:
    table = stack.table_name("departures")
    await aws.dynamodb.put_item(TableName=table, Item=departure_item(OWNER, NOON))

    assert await DynamoBelongings(aws.dynamodb, stack.table_name).leaving() == {OWNER: NOON}
