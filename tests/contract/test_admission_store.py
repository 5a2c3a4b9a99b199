"""What every `AdmissionStore` does: the fake and DynamoDB, held to the same."""

import asyncio
from datetime import UTC, datetime

import pytest

from heliograph.aws import AwsClients
from heliograph.errors import UnavailableError
from heliograph.photos import Admission, OwnerId, PhotoStatus, photo_id_of
from heliograph.settings import SharedSettings
from heliograph_upload.domain import NewPhoto
from heliograph_upload.dynamodb import DynamoAdmissionStore
from heliograph_upload.service import AdmissionStore
from tests.fakes.in_memory_admission_store import InMemoryAdmissionStore

OWNER = OwnerId("owner")
AWAITING = PhotoStatus.AWAITING_UPLOAD


@pytest.fixture(params=["in memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> AdmissionStore:
    if request.param == "in memory":
        return InMemoryAdmissionStore()
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    return DynamoAdmissionStore(aws.dynamodb, stack.table_name("photos"))


def a_new_photo(number: int = 0, *, filename: str = "DSCF2041.JPG") -> NewPhoto:
    sha256 = f"{number:064x}"
    admission = Admission(filename=filename, content_type="image/jpeg", size_bytes=3_500_000, sha256=sha256)
    admitted_at = datetime(2026, 6, 1, 12, 0, 0, 120, tzinfo=UTC)
    return NewPhoto(photo_id_of(OWNER, sha256), OWNER, admission, admitted_at, "correlation")


@pytest.mark.parametrize("count", [1, 2, 100])
async def test_new_photos_await_their_bytes(store: AdmissionStore, count: int) -> None:
    photos = [a_new_photo(number) for number in range(count)]

    assert await store.admit(photos) == {}

    assert await store.statuses([photo.photo_id for photo in photos]) == {photo.photo_id: AWAITING for photo in photos}


async def test_a_photo_that_was_never_admitted_has_no_status(store: AdmissionStore) -> None:
    assert await store.statuses([a_new_photo().photo_id]) == {}


async def test_a_photo_is_admitted_once(store: AdmissionStore) -> None:
    await store.admit([a_new_photo()])

    assert await store.admit([a_new_photo(filename="again.jpg")]) == {a_new_photo().photo_id: AWAITING}


async def test_those_that_are_there_keep_none_of_the_others_out(store: AdmissionStore) -> None:
    photos = [a_new_photo(number) for number in range(6)]
    await store.admit(photos[2:4])

    there = await store.admit(photos)

    assert there == {photo.photo_id: AWAITING for photo in photos[2:4]}
    assert len(await store.statuses([photo.photo_id for photo in photos])) == 6


async def test_a_wait_begins_anew_for_those_that_await_their_bytes(store: AdmissionStore) -> None:
    await store.admit([a_new_photo(1), a_new_photo(2)])

    renewed = await store.renew([a_new_photo(number, filename="again.jpg") for number in range(3)])

    assert renewed == {a_new_photo(1).photo_id, a_new_photo(2).photo_id}
    assert await store.statuses([a_new_photo(0).photo_id]) == {}
    assert await store.renew([]) == set()


async def test_of_two_requests_with_the_same_photo_one_admits_it(store: AdmissionStore) -> None:
    answers = await asyncio.gather(*(store.admit([a_new_photo()]) for _ in range(6)))

    assert sorted(map(len, answers)) == [0, 1, 1, 1, 1, 1]


async def test_the_item_is_the_one_that_metadata_reads(aws: AwsClients, stack: SharedSettings) -> None:
    photo = a_new_photo()
    table = stack.table_name("photos")

    await DynamoAdmissionStore(aws.dynamodb, table).admit([photo])

    found = await aws.dynamodb.get_item(TableName=table, Key={"photo_id": {"S": photo.photo_id}})
    item = {name: next(iter(value.values())) for name, value in found["Item"].items()}
    assert Admission.model_validate_json(str(item.pop("admission"))) == photo.admission
    assert item == {
        "photo_id": photo.photo_id,
        "owner_id": "owner",
        "status": "awaiting_upload",
        "version": "1",
        "created_at": "2026-06-01T12:00:00.000120Z",
        "updated_at": "2026-06-01T12:00:00.000120Z",
        "unfinished": "2026-06-01T12:00:00.000120Z",
        "correlation_id": "correlation",
    }


async def test_what_metadata_has_made_of_a_photo_is_left_alone(aws: AwsClients, stack: SharedSettings) -> None:
    photo, table = a_new_photo(), stack.table_name("photos")
    await aws.dynamodb.put_item(
        TableName=table, Item={"photo_id": {"S": photo.photo_id}, "status": {"S": "ready"}, "version": {"N": "7"}}
    )
    store = DynamoAdmissionStore(aws.dynamodb, table)

    assert await store.admit([photo]) == {photo.photo_id: "ready"}
    assert await store.admit([photo, a_new_photo(1)]) == {photo.photo_id: "ready"}

    found = await aws.dynamodb.get_item(TableName=table, Key={"photo_id": {"S": photo.photo_id}})
    assert found["Item"]["version"] == {"N": "7"}


async def test_a_missing_table_is_said_to_be_unavailable(aws: AwsClients) -> None:
    store = DynamoAdmissionStore(aws.dynamodb, "no-such-table")

    with pytest.raises(UnavailableError):
        await store.check()
    for photos in ([a_new_photo()], [a_new_photo(1), a_new_photo(2)]):
        with pytest.raises(UnavailableError):
            await store.admit(photos)
