"""What every `AuditLog` and `AuditReader` does: the fake and DynamoDB, held to the same."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from heliograph.audit import AuditEvent, AuditKind, AuditLog, DynamoAuditLog
from heliograph.aws import AwsClients
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_auth.dynamodb.audit import DynamoAuditReader
from heliograph_auth.service.security_log import AuditReader
from tests.fakes.in_memory_audit_log import InMemoryAuditLog

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ADA = OwnerId("ada")


@dataclass
class Log:
    """Both sides of it."""

    writer: AuditLog
    reader: AuditReader


@pytest.fixture(params=["in memory", "dynamodb"])
def log(request: pytest.FixtureRequest) -> Log:
    if request.param == "in memory":
        both = InMemoryAuditLog()
        return Log(both, both)
    aws: AwsClients = request.getfixturevalue("aws")
    table = request.getfixturevalue("stack").table_name("audit")
    return Log(DynamoAuditLog(aws.dynamodb, table), DynamoAuditReader(aws.dynamodb, table))


def an_event(minutes: int = 0, *, owner_id: OwnerId = ADA) -> AuditEvent:
    return AuditEvent(
        owner_id,
        NOON + timedelta(minutes=minutes),
        AuditKind.SIGNED_IN,
        "198.51.100.1",
        "Firefox on Linux",
        {"session": "this one"},
    )


async def test_events_are_read_the_latest_first_and_by_their_owner_only(log: Log) -> None:
    for event in (an_event(0), an_event(2), an_event(1, owner_id=OwnerId("eve")), an_event(1)):
        await log.writer.record(event)

    page = await log.reader.page(ADA, before=None, limit=10)

    assert page.events == (an_event(2), an_event(1), an_event(0))
    assert page.before is None


async def test_of_several_with_one_mark_in_one_moment_the_last_is_kept(log: Log) -> None:
    last = replace(an_event(), address="203.0.113.9")
    for event in (an_event(), last):
        await log.writer.record(event, mark="key1")
    await log.writer.record(an_event(), mark="key2")
    await log.writer.record(an_event(1), mark="key1")

    found = (await log.reader.page(ADA, before=None, limit=10)).events

    assert found[0] == an_event(1)
    assert sorted(found[1:], key=lambda event: event.address) == [an_event(), last]


async def test_a_log_is_read_page_by_page(log: Log) -> None:
    for minutes in range(5):
        await log.writer.record(an_event(minutes))

    seen: list[AuditEvent] = []
    before = None
    while True:
        page = await log.reader.page(ADA, before=before, limit=2)
        seen += page.events
        before = page.before
        if before is None:
            break

    assert seen == [an_event(minutes) for minutes in (4, 3, 2, 1, 0)]


async def test_who_has_no_events_has_an_empty_log(log: Log) -> None:
    assert (await log.reader.page(OwnerId("nobody"), before="x", limit=2)).events == ()


async def test_two_events_of_one_moment_are_two(log: Log) -> None:
    await log.writer.record(an_event())
    await log.writer.record(an_event())

    assert len((await log.reader.page(ADA, before=None, limit=10)).events) == 2


async def test_what_a_newer_service_wrote_is_left_out(aws: AwsClients, stack: SharedSettings) -> None:
    table = stack.table_name("audit")
    await DynamoAuditLog(aws.dynamodb, table).record(an_event())
    text = {name: {"S": "x"} for name in ("address", "device")}
    await aws.dynamodb.put_item(
        TableName=table,
        Item={
            "owner_id": {"S": ADA},
            "event": {"S": f"{NOON.isoformat()}#new"},
            "kind": {"S": "of-tomorrow"},
            "about": {"M": {}},
            **text,
        },
    )

    page = await DynamoAuditReader(aws.dynamodb, table).page(ADA, before=None, limit=10)

    assert page.events == (an_event(),)
