"""What every `AccountRemoval` does: the fake and DynamoDB, held to the same."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from heliograph.audit import AuditEvent, AuditKind, AuditLog, DynamoAuditLog
from heliograph.aws import AwsClients
from heliograph.departures import Departure, Departures, DynamoDepartures
from heliograph.identity import AccessRecord, AccessRecords, DynamoAccessRecords, Scope
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_auth.domain.accounts import Account, email_key
from heliograph_auth.domain.api_keys import ApiKey
from heliograph_auth.domain.sessions import Session
from heliograph_auth.dynamodb.accounts import DynamoAccountStore
from heliograph_auth.dynamodb.api_keys import DynamoApiKeyStore
from heliograph_auth.dynamodb.audit import DynamoAuditReader
from heliograph_auth.dynamodb.leaving import DynamoAccountRemoval
from heliograph_auth.dynamodb.sessions import DynamoSessionStore
from heliograph_auth.dynamodb.table import key_of
from heliograph_auth.service.api_keys import ApiKeyStore
from heliograph_auth.service.leaving import AccountRemoval
from heliograph_auth.service.ports import AccountStore, SessionStore
from heliograph_auth.service.security_log import AuditReader
from tests.fakes.in_memory_account_removal import InMemoryAccountRemoval
from tests.fakes.in_memory_account_store import InMemoryAccountStore
from tests.fakes.in_memory_api_key_store import InMemoryApiKeyStore
from tests.fakes.in_memory_audit_log import InMemoryAuditLog
from tests.fakes.in_memory_departures import InMemoryDepartures
from tests.fakes.in_memory_session_store import InMemorySessionStore

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ADA, EVE = (Account(OwnerId(name), f"{name}@example.com", name, "hash", NOON) for name in ("ada", "eve"))


@dataclass
class Auth:
    removal: AccountRemoval
    accounts: AccountStore
    sessions: SessionStore
    keys: ApiKeyStore
    audit: AuditLog
    log: AuditReader
    access: AccessRecords
    departures: Departures

    async def furnish(self, account: Account) -> None:
        account_id = account.account_id
        await self.accounts.create(account)
        for number in range(30):
            await self.sessions.begin(Session(f"{account_id}-{number}", account_id, "now", "before", NOON, NOON, NOON))
        key = ApiKey(f"{account_id}-key", account_id, "Phone", frozenset({Scope.LIBRARY_READ}), NOON)
        await self.keys.add(key, digest="digest")
        for _ in range(30):
            await self.audit.record(AuditEvent(account_id, NOON, AuditKind.SIGNED_IN))

    async def has(self, account_id: OwnerId) -> tuple[int, int, int]:
        """Return how many sessions, keys and events of an account there are."""
        page = await self.log.page(account_id, before=None, limit=100)
        return (
            len(await self.sessions.of_account(account_id)),
            len(await self.keys.of_account(account_id)),
            len(page.events),
        )


@pytest.fixture(params=["in memory", "dynamodb"])
def auth(request: pytest.FixtureRequest) -> Auth:
    if request.param == "in memory":
        accounts, audit, departures = InMemoryAccountStore(), InMemoryAuditLog(), InMemoryDepartures()
        sessions, keys = InMemorySessionStore(accounts.access), InMemoryApiKeyStore(accounts.access)
        removal = InMemoryAccountRemoval(accounts, sessions, keys, audit, departures)
        return Auth(removal, accounts, sessions, keys, audit, audit, accounts.access, departures)
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    table, access, log = (stack.table_name(name) for name in ("accounts", "access", "audit"))
    client, departing = aws.dynamodb, stack.table_name("departures")
    return Auth(
        DynamoAccountRemoval(client, table=table, access_table=access, audit_table=log, departures_table=departing),
        DynamoAccountStore(client, table=table, access_table=access),
        DynamoSessionStore(client, table=table, access_table=access),
        DynamoApiKeyStore(client, table=table, access_table=access, audit_table=log),
        DynamoAuditLog(client, log),
        DynamoAuditReader(client, log),
        DynamoAccessRecords(client, access),
        DynamoDepartures(client, departing),
    )


async def test_at_once_the_account_is_gone_with_its_address_and_closed_for_every_service(auth: Auth) -> None:
    await auth.furnish(ADA)

    assert await auth.removal.begin(ADA, at=NOON)

    assert await auth.accounts.get(ADA.account_id) is None
    assert await auth.accounts.with_email("ada@example.com") is None
    assert await auth.access.of(ADA.account_id, "ada-1") == AccessRecord(generation=1, is_closed=True)
    assert await auth.access.are_closed([ADA.account_id, EVE.account_id]) == {ADA.account_id}
    assert await auth.departures.all() == [Departure(ADA.account_id, NOON)]
    assert await auth.accounts.create(replace(EVE, email=ADA.email))


async def test_an_account_that_changed_meanwhile_or_is_gone_is_left_as_it_is(auth: Auth) -> None:
    await auth.furnish(ADA)

    assert not await auth.removal.begin(replace(ADA, password_hash="another"), at=NOON)
    assert not await auth.removal.begin(EVE, at=NOON)

    assert await auth.accounts.get(ADA.account_id) == ADA
    assert await auth.access.are_closed([ADA.account_id, EVE.account_id]) == frozenset()
    assert await auth.departures.all() == []


async def test_the_rest_goes_and_nothing_of_anybody_else(auth: Auth) -> None:
    for account in (ADA, EVE):
        await auth.furnish(account)
    await auth.removal.begin(ADA, at=NOON)

    for _ in range(2):
        await auth.removal.remove_rest(ADA.account_id)

    assert await auth.has(ADA.account_id) == (0, 0, 0)
    assert await auth.access.api_key("ada-key") is None
    assert await auth.has(EVE.account_id) == (30, 1, 30)
    assert await auth.access.api_key("eve-key") is not None


async def test_in_the_end_it_is_not_even_known_that_it_was_closed(auth: Auth) -> None:
    await auth.furnish(ADA)
    await auth.removal.begin(ADA, at=NOON)

    await auth.removal.end(ADA.account_id)

    assert await auth.access.of(ADA.account_id, "") == AccessRecord()


class LaggingIndex:
    """DynamoDB whose index still knows of an address that was the account's."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def query(self, **query: Any) -> Any:
        page = await self._client.query(**query)
        if query.get("IndexName") == "by-account":
            page["Items"].append(key_of("email", email_key(ADA.email)) | {"account_id": {"S": ADA.account_id}})
        return page


async def test_whoever_has_taken_the_address_since_keeps_it_whatever_the_index_says(
    aws: AwsClients, stack: SharedSettings
) -> None:
    table, access, log = (stack.table_name(name) for name in ("accounts", "access", "audit"))
    accounts = DynamoAccountStore(aws.dynamodb, table=table, access_table=access)
    client: Any = LaggingIndex(aws.dynamodb)
    removal = DynamoAccountRemoval(
        client, table=table, access_table=access, audit_table=log, departures_table=stack.table_name("departures")
    )
    await accounts.create(ADA)
    await removal.begin(ADA, at=NOON)
    newcomer = replace(ADA, account_id=OwnerId("ada-again"))
    assert await accounts.create(newcomer)

    await removal.remove_rest(ADA.account_id)

    assert await accounts.with_email(email_key(ADA.email)) == newcomer
