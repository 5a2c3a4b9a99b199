"""What every `ExportStore` and `ExportRequests` does: the fake and DynamoDB, held to the same."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from heliograph.aws import AwsClients
from heliograph.exports import DynamoExportRequests, ExportRequests, ExportStatus
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.export import Export, ExportPart
from heliograph_metadata.dynamodb.export_store import DynamoExportStore
from heliograph_metadata.service.exporting import ExportStore
from tests.builders import NOON, OWNER
from tests.fakes.in_memory_exports import InMemoryExports

MINUTE = timedelta(minutes=1)
FACTS = {"account": {"email": "ada@example.com"}}


@dataclass
class Exports:
    requests: ExportRequests
    store: ExportStore
    another: ExportStore

    async def asked(self, export_id: str = "first") -> Export:
        assert await self.requests.ask(OWNER, export_id, at=NOON, facts=FACTS)
        export = await self.store.get(OWNER)
        assert export is not None
        return export

    async def taken(self) -> Export:
        taken = await self.store.take(await self.asked(), now=NOON, until=NOON + MINUTE)
        assert taken is not None
        return taken


@pytest.fixture(params=["in memory", "dynamodb"])
def exports(request: pytest.FixtureRequest) -> Exports:
    if request.param == "in memory":
        fake = InMemoryExports()
        return Exports(fake, fake, fake.as_another())
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    table, client = stack.table_name("exports"), aws.dynamodb
    return Exports(
        DynamoExportRequests(client, table), DynamoExportStore(client, table), DynamoExportStore(client, table)
    )


async def test_what_is_asked_for_waits_with_what_auth_has_said(exports: Exports) -> None:
    export = await exports.asked()

    assert export == Export(OWNER, "first", ExportStatus.WAITING, NOON)
    assert await exports.store.all() == [export]
    assert await exports.store.facts(OWNER) == FACTS


async def test_there_is_one_at_a_time_and_the_next_takes_its_place(exports: Exports) -> None:
    taken = await exports.taken()
    assert not await exports.requests.ask(OWNER, "second", at=NOON, facts={})
    part = ExportPart(1, 2, 300)
    done = replace(taken, status=ExportStatus.DONE, parts=(part,), photos=2, done=2, cursor="b", ends_at=NOON + MINUTE)
    assert await exports.store.save(done, until=NOON + MINUTE)
    assert await exports.store.get(OWNER) == done

    assert await exports.asked("second") == Export(OWNER, "second", ExportStatus.WAITING, NOON)


async def test_of_two_workers_one_has_it_until_its_time_is_over(exports: Exports) -> None:
    taken = await exports.taken()

    assert taken.attempts == 1
    assert await exports.another.take(taken, now=NOON + MINUTE, until=NOON + 2 * MINUTE) is None
    again = await exports.another.take(taken, now=NOON + 2 * MINUTE, until=NOON + 3 * MINUTE)
    assert again is not None
    assert again.attempts == 2
    assert not await exports.store.save(taken, until=NOON + 3 * MINUTE)
    assert await exports.another.save(replace(again, status=ExportStatus.WORKING, photos=7), until=NOON + 4 * MINUTE)
    assert await exports.store.take(taken, now=NOON + 3 * MINUTE, until=NOON + 5 * MINUTE) is None


async def test_one_that_is_ended_is_nobodys_to_make_any_more(exports: Exports) -> None:
    taken = await exports.taken()

    assert not await exports.store.end(OWNER, "another", at=NOON)
    assert await exports.store.end(OWNER, "first", at=NOON)

    assert not await exports.store.save(taken, until=NOON + MINUTE)
    ended = await exports.store.get(OWNER)
    assert ended is not None
    assert ended.ends_at == NOON
    assert not ended.is_at_work


async def test_one_is_forgotten_with_what_auth_has_said_unless_another_is_in_its_place(exports: Exports) -> None:
    export = await exports.asked()

    await exports.store.remove(replace(export, export_id="another"))
    assert await exports.store.get(OWNER) == export
    await exports.store.remove(export)

    assert await exports.store.get(OWNER) is None
    assert await exports.store.facts(OWNER) == {}
