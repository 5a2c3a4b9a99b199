"""What every `SessionStore` does, and what others read of it: the fakes and DynamoDB, held to the same."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from heliograph.aws import AwsClients
from heliograph.errors import UnavailableError
from heliograph.identity import AccessRecord, AccessRecords, DynamoAccessRecords
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_auth.domain.sessions import Session
from heliograph_auth.dynamodb.sessions import DynamoSessionStore
from heliograph_auth.service.ports import SessionStore
from tests.fakes.in_memory_session_store import InMemorySessionStore

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ADA = OwnerId("a1")


@pytest.fixture(params=["in memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> SessionStore:
    if request.param == "in memory":
        return InMemorySessionStore()
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    return DynamoSessionStore(aws.dynamodb, table=stack.table_name("accounts"), access_table=stack.table_name("access"))


@pytest.fixture
def access(request: pytest.FixtureRequest, store: SessionStore) -> AccessRecords:
    if isinstance(store, InMemorySessionStore):
        return store.access
    stack: SharedSettings = request.getfixturevalue("stack")
    aws: AwsClients = request.getfixturevalue("aws")
    return DynamoAccessRecords(aws.dynamodb, stack.table_name("access"))


def a_session(session_id: str = "s1", *, account_id: OwnerId = ADA) -> Session:
    return Session(
        session_id,
        account_id,
        "current",
        "",
        NOON,
        NOON + timedelta(days=30),
        NOON - timedelta(days=1),
        "Firefox on Linux",
        "198.51.100.1",
        generation=2,
    )


async def test_a_session_is_kept_until_it_ends(store: SessionStore) -> None:
    await store.begin(a_session())
    assert await store.get("s1") == a_session()

    await store.end("s1")

    assert await store.get("s1") is None


async def test_who_is_not_there_is_not_found_and_ends_without_ado(store: SessionStore) -> None:
    assert await store.get("none") is None
    assert await store.of_account(OwnerId("nobody")) == []
    await store.end("none")


async def test_a_session_that_has_ended_is_known_to_every_service(store: SessionStore, access: AccessRecords) -> None:
    await store.begin(a_session())
    assert await access.of(ADA, "s1") == AccessRecord()

    await store.end("s1")
    await store.end("s1")

    assert await access.of(ADA, "s1") == AccessRecord(has_session_ended=True)
    assert await access.of(ADA, "s2") == AccessRecord()


async def test_sessions_are_found_by_their_account_and_no_other(store: SessionStore) -> None:
    for session in (a_session("s1"), a_session("s2"), a_session("s3", account_id=OwnerId("a2"))):
        await store.begin(session)

    found = await store.of_account(ADA)

    assert sorted(found, key=lambda session: session.session_id) == [a_session("s1"), a_session("s2")]


async def test_a_session_rotates_only_from_the_token_that_is_current(store: SessionStore) -> None:
    await store.begin(a_session())
    later = NOON + timedelta(minutes=1)
    rotated = a_session().rotated("next", now=later, lives=timedelta(days=30), address="203.0.113.9")

    assert await store.rotate(rotated, expected_digest="current")
    assert not await store.rotate(rotated, expected_digest="current")

    assert await store.get("s1") == rotated
    assert rotated == replace(
        a_session(),
        current_digest="next",
        previous_digest="current",
        rotated_at=later,
        expires_at=later + timedelta(days=30),
        address="203.0.113.9",
    )


async def test_of_many_rotations_at_once_one_succeeds(store: SessionStore) -> None:
    await store.begin(a_session())
    rotated = [a_session().rotated(f"next {n}", now=NOON, lives=timedelta(days=30)) for n in range(8)]

    won = await asyncio.gather(*(store.rotate(each, expected_digest="current") for each in rotated))

    assert sum(won) == 1
    assert await store.get("s1") == rotated[won.index(True)]


async def test_a_session_that_has_ended_does_not_come_back_by_rotating(store: SessionStore) -> None:
    assert not await store.rotate(a_session(), expected_digest="current")

    assert await store.get("s1") is None


async def test_a_session_of_before_there_was_a_list_goes_on(aws: AwsClients, stack: SharedSettings) -> None:
    store = DynamoSessionStore(
        aws.dynamodb, table=stack.table_name("accounts"), access_table=stack.table_name("access")
    )
    await aws.dynamodb.put_item(
        TableName=stack.table_name("accounts"),
        Item={
            "pk": {"S": "session#old"},
            "sk": {"S": "session"},
            "account_id": {"S": ADA},
            "current_digest": {"S": "current"},
            "previous_digest": {"S": ""},
            "rotated_at": {"S": NOON.isoformat()},
            "expires_at": {"N": str(int(NOON.timestamp()))},
        },
    )

    session = await store.get("old")

    assert session == Session("old", ADA, "current", "", NOON, NOON, NOON)
    assert await store.of_account(ADA) == [session]


async def test_where_it_cannot_be_known_what_was_taken_back_nobody_is_let_in(aws: AwsClients) -> None:
    with pytest.raises(UnavailableError):
        await DynamoAccessRecords(aws.dynamodb, "no-such-table").of(ADA, "s1")
