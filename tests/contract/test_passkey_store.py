"""What every `PasskeyStore` does: the fake and DynamoDB, held to the same."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from heliograph.aws import AwsClients
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_auth.domain.passkeys import Passkey
from heliograph_auth.dynamodb.passkeys import DynamoPasskeyStore
from heliograph_auth.service.passkey_store import PasskeyStore
from tests.fakes.in_memory_passkey_store import InMemoryPasskeyStore

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ADA = OwnerId("a1")
PHONE = Passkey("cGhvbmU", ADA, b"\x00key\xff", 3, "Phone", NOON)


@pytest.fixture(params=["in memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> PasskeyStore:
    if request.param == "in memory":
        return InMemoryPasskeyStore()
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    return DynamoPasskeyStore(aws.dynamodb, stack.table_name("accounts"))


async def test_a_passkey_is_kept_until_it_is_removed(store: PasskeyStore) -> None:
    assert await store.add(PHONE)
    assert await store.get(PHONE.passkey_id) == PHONE

    await store.remove(PHONE.passkey_id)
    await store.remove(PHONE.passkey_id)

    assert await store.get(PHONE.passkey_id) is None


async def test_a_credential_is_one_account_s_alone(store: PasskeyStore) -> None:
    await store.add(PHONE)

    assert not await store.add(replace(PHONE, account_id=OwnerId("a2"), name="Eve's"))

    assert await store.get(PHONE.passkey_id) == PHONE


async def test_passkeys_are_found_by_their_account_and_no_other(store: PasskeyStore) -> None:
    key = replace(PHONE, credential_id="a2V5", name="Key")
    for passkey in (PHONE, key, replace(PHONE, credential_id="ZXZl", account_id=OwnerId("a2"))):
        await store.add(passkey)

    found = await store.of_account(ADA)

    assert sorted(found, key=lambda passkey: passkey.name) == [key, PHONE]
    assert await store.of_account(OwnerId("nobody")) == []


async def test_of_many_uses_of_one_count_at_once_one_counts(store: PasskeyStore) -> None:
    await store.add(PHONE)
    used = [replace(PHONE, sign_count=4, last_used_at=NOON + timedelta(seconds=n)) for n in range(6)]

    kept = await asyncio.gather(*(store.replace(one, expected=PHONE) for one in used))

    assert sum(kept) == 1
    assert await store.get(PHONE.passkey_id) == used[kept.index(True)]


async def test_what_was_removed_does_not_come_back_by_being_used(store: PasskeyStore) -> None:
    assert not await store.replace(replace(PHONE, sign_count=4), expected=PHONE)

    assert await store.get(PHONE.passkey_id) is None
