"""What every `ApiKeyStore` does, and what others read of it: the fakes and DynamoDB, held to the same."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from heliograph.aws import AwsClients
from heliograph.errors import UnavailableError
from heliograph.identity import AccessRecords, ApiKeyRecord, DynamoAccessRecords, Scope
from heliograph.identity.api_keys import DynamoKeyUses
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_auth.domain.api_keys import MAX_KEYS, ApiKey
from heliograph_auth.dynamodb.api_keys import DynamoApiKeyStore
from heliograph_auth.service.api_keys import ApiKeyStore
from tests.fakes.in_memory_api_key_store import InMemoryApiKeyStore

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ADA = OwnerId("ada")
SCOPES = frozenset({Scope.LIBRARY_READ, Scope.UPLOADS_WRITE})


def dynamodb(aws: AwsClients, stack: SharedSettings) -> DynamoApiKeyStore:
    return DynamoApiKeyStore(
        aws.dynamodb,
        table=stack.table_name("accounts"),
        access_table=stack.table_name("access"),
        audit_table=stack.table_name("audit"),
    )


@pytest.fixture(params=["in memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> ApiKeyStore:
    if request.param == "in memory":
        return InMemoryApiKeyStore()
    return dynamodb(request.getfixturevalue("aws"), request.getfixturevalue("stack"))


@pytest.fixture
def access(request: pytest.FixtureRequest, store: ApiKeyStore) -> AccessRecords:
    if isinstance(store, InMemoryApiKeyStore):
        return store.access
    stack: SharedSettings = request.getfixturevalue("stack")
    aws: AwsClients = request.getfixturevalue("aws")
    return DynamoAccessRecords(aws.dynamodb, stack.table_name("access"))


def a_key(key_id: str = "k1", *, account_id: OwnerId = ADA, expires_at: datetime | None = None) -> ApiKey:
    return ApiKey(key_id, account_id, "Phone", SCOPES, NOON, expires_at)


@pytest.mark.parametrize("expires_at", [None, NOON + timedelta(days=30)])
async def test_a_key_is_known_to_its_person_and_to_every_service(
    store: ApiKeyStore, access: AccessRecords, expires_at: datetime | None
) -> None:
    key = a_key(expires_at=expires_at)

    await store.add(key, digest="digest")

    assert await store.get("k1") == key
    assert await access.api_key("k1") == ApiKeyRecord("k1", "digest", ADA, SCOPES, expires_at)


async def test_a_key_that_was_removed_is_known_to_nobody(store: ApiKeyStore, access: AccessRecords) -> None:
    await store.add(a_key(), digest="digest")

    await store.remove("k1")
    await store.remove("k1")

    assert await store.get("k1") is None
    assert await access.api_key("k1") is None
    assert await store.of_account(ADA) == []


async def test_an_account_has_so_many_keys_and_no_more_however_many_are_added_at_once(store: ApiKeyStore) -> None:
    for number in range(MAX_KEYS - 2):
        assert await store.add(a_key(f"k{number}"), digest="digest")

    async def added(number: int) -> bool:
        try:
            return await store.add(a_key(f"late{number}"), digest="digest")
        except UnavailableError:
            return False

    assert sum(await asyncio.gather(*(added(number) for number in range(8)))) <= 2
    for last in ("last", "very-last"):
        await store.add(a_key(last), digest="digest")
    assert len(await store.of_account(ADA)) == MAX_KEYS
    assert await store.add(a_key("hers", account_id=OwnerId("eve")), digest="digest")

    await store.remove("k0")

    assert await store.add(a_key("one-more"), digest="digest")
    assert not await store.add(a_key("too-many"), digest="digest")


async def test_keys_are_found_by_their_account_and_no_other(store: ApiKeyStore) -> None:
    for key in (a_key("k1"), a_key("k2"), a_key("k3", account_id=OwnerId("eve"))):
        await store.add(key, digest="digest")

    assert sorted(await store.of_account(ADA), key=lambda key: key.key_id) == [a_key("k1"), a_key("k2")]
    assert await store.of_account(OwnerId("nobody")) == []


async def test_the_last_use_is_noted_at_most_once_a_minute_and_shown(aws: AwsClients, stack: SharedSettings) -> None:
    store = dynamodb(aws, stack)
    await store.add(a_key(), digest="digest")
    now = NOON
    uses = DynamoKeyUses(aws.dynamodb, stack.table_name("audit"), clock=lambda: now.timestamp())  # noqa: PLW0108 - time goes on

    for seconds in (0, 59, 61, 90):
        now = NOON + timedelta(seconds=seconds)
        await uses.note("k1")

    used = replace(a_key(), last_used_at=NOON + timedelta(seconds=61))
    assert await store.of_account(ADA) == [used]
    assert await store.get("k1") == used


async def test_a_use_that_cannot_be_noted_is_left_out(aws: AwsClients) -> None:
    await DynamoKeyUses(aws.dynamodb, "no-such-table").note("k1")
