"""Sketches in DynamoDB, as the index counts them, and which of them have changed: table `terms`.

count    pk `<index>#counts#sketch.<kind>`  sk `<group>#<cell>`          photos (N); of labels see counted_within.py
noted    pk `<index>#noted`                 sk `<batch>#<number>`        groups (B, compressed JSON)
stale    pk `<index>#stale`                 sk `<order>#<kind>#<group>`  mark (S, another one each time)

A batch of saves notes all groups that it changes in one item, before it changes their counts. Whoever asks what is
stale makes marks of the notes, a group's once for all batches that note it. Until its batch is committed the sketches
are what they were, or change at this moment: such a note is not settled and stays.
"""

import asyncio
import json
import logging
import re
import secrets
import zlib
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId
from heliograph_metadata.domain.questions.engine import Group
from heliograph_metadata.domain.questions.registry import KINDS
from heliograph_metadata.domain.questions.sketch import Sketch
from heliograph_metadata.domain.sketched import first_of, split
from heliograph_metadata.domain.terms import SKETCH, Term
from heliograph_metadata.dynamodb.counted_within import LABEL_MARKS, cells_of
from heliograph_metadata.dynamodb.keys import count_key, counts_key, index_prefix, noted_key, stale_key
from heliograph_metadata.dynamodb.ledger import Ledger
from heliograph_metadata.dynamodb.values import Item, answering, batch_write, query_pages, text
from heliograph_metadata.service.question_book import StaleGroup, StaleGroups

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_logger = logging.getLogger(__name__)

_AT_ONCE: Final = 4
"""More answers that come at the same moment would keep the process from everybody else for as long."""
_PAGE: Final = 300
"""Cells of a sketch in one response: of a full one, 1 MB, the SDK makes objects for so long that others wait."""
_NOTES: Final = 16
"""Made to marks at once, so that a question waits a tenth of a second for them at most."""
_PILE: Final = 1_000
"""Where there are more they are made to marks in so many at once, of which most name the same groups."""
_GROUPS_OF_A_NOTE: Final = 200
"""An item has 400 kB at most, a name of a group some 400 bytes."""
_ORDER: Final = {kind.name: f"{number:02}" for number, kind in enumerate(KINDS)}
"""Of the kinds in the registry: what brings most is made again first."""
_LAST: Final = "\U0010ffff"
_MONTH: Final = re.compile(r"\d{4}-\d{2}", re.ASCII)


async def _nobody_first() -> None:
    """Let work go on at once."""


class DynamoSketchStore:
    """A `SketchStore` over the table `terms`."""

    def __init__(
        self, client: "DynamoDBClient", terms_table: str, *, turn: Callable[[], Awaitable[None]] = _nobody_first
    ) -> None:
        """Read and mark sketches of all owners.

        Args:
            client: Of DynamoDB.
            terms_table: Its table.
            turn: Awaited before each page of sketches is read and each mark cleared: it returns when that may go on.
        """
        self._client = client
        self._table = terms_table
        self._turn = turn
        self.ledger = Ledger(client, terms_table)

    async def stale(self, owner_id: OwnerId, *, limit: int) -> StaleGroups:
        """See `SketchStore.stale`."""
        head = await self.ledger.head(owner_id)
        index = index_prefix(owner_id, head.generation)
        notes, marks = await asyncio.gather(self._query(noted_key(index), _NOTES), self._query(stale_key(index), limit))
        if len(notes) == _NOTES:  # they have piled up: what is made before all of them are seen is made again
            notes = await self._query(noted_key(index), _PILE)
        late = [note for note in notes if _batch_of(note) > head.committed_at]
        if settled := [note for note in notes if _batch_of(note) <= head.committed_at]:
            try:
                await self._mark(index, settled)
            except UnavailableError as error:  # who asks need not wait for that: the notes stay
                _logger.warning("what has changed was not marked", extra={"error": str(error)})
                late = notes
            marks = await self._query(stale_key(index), limit, ConsistentRead=True)
        unsettled = [StaleGroup(group, note["sk"]["S"], is_settled=False) for note in late for group in _noted(note)]
        return StaleGroups(head.generation, (*map(_stale, marks), *unsettled)[:limit])

    async def _query(self, partition: str, limit: int, **request: Any) -> list[Item]:
        with answering():
            response = await self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": text(partition)},
                Limit=limit,
                **request,
            )
        items: list[Any] = response["Items"]
        return items

    async def _mark(self, index: str, notes: Collection[Item]) -> None:
        """Make marks of notes; another process may be at it too."""
        groups = dict.fromkeys(group for note in notes for group in _noted(note))
        marks = [{"PutRequest": {"Item": _mark(index, group)}} for group in groups]
        await batch_write(self._client, self._table, marks)
        keys = [{"pk": note["pk"], "sk": note["sk"]} for note in notes]
        await batch_write(self._client, self._table, [{"DeleteRequest": {"Key": key}} for key in keys])

    async def sketches(self, owner_id: OwnerId, generation: int, groups: Collection[Group]) -> dict[Group, Sketch]:
        """See `SketchStore.sketches`."""
        index = index_prefix(owner_id, generation)
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(kind: str, names: Sequence[str]) -> dict[Group, Sketch]:
            async with turns:
                await self._turn()
                if f"{SKETCH}{kind}" == LABEL_MARKS:
                    return {(kind, name): await self._marks_of_label(index, name) for name in names}
                return await self._stretch(index, kind, names)

        stretches = [(kind, names) for kind, of_kind in _by_kind(groups).items() for names in _stretches(of_kind)]
        found: dict[Group, Sketch] = {}
        for some in await asyncio.gather(*(one(kind, names) for kind, names in stretches)):
            found |= some
        return found

    async def _stretch(self, index: str, kind: str, names: Sequence[str]) -> dict[Group, Sketch]:
        """Return the sketches of groups that follow one another in the order of keys."""
        found: dict[str, dict[str, int]] = {first_of(name): {} for name in names}
        with answering():
            async for page in query_pages(
                self._client,
                TableName=self._table,
                KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
                ExpressionAttributeValues={
                    ":pk": text(counts_key(index, f"{SKETCH}{kind}")),
                    ":first": text(first_of(names[0])),
                    ":last": text(first_of(names[-1]) + _LAST),
                },
                ProjectionExpression="sk, photos",
                ConsistentRead=True,
                Limit=_PAGE,
            ):
                for item in page["Items"]:
                    first, cell = split(item["sk"]["S"])
                    if (photos := int(item["photos"]["N"])) > 0 and first in found:
                        found[first][cell] = photos
                if "LastEvaluatedKey" in page:
                    await self._turn()
        return {(kind, name): found[first_of(name)] for name in names}

    async def _marks_of_label(self, index: str, label: str) -> Sketch:
        with answering():
            response = await self._client.get_item(
                TableName=self._table, Key=count_key(index, Term("label", label)), ConsistentRead=True
            )
        cells = cells_of(response.get("Item") or {})
        return {cell: photos for cell, photos in cells.items() if photos > 0}

    async def mark_stale(self, owner_id: OwnerId, groups: Iterable[Group]) -> None:
        """See `SketchStore.mark_stale`."""
        index = index_prefix(owner_id, (await self.ledger.head(owner_id, consistent=True)).generation)

        marks = [{"PutRequest": {"Item": _mark(index, group)}} for group in dict.fromkeys(groups)]
        await batch_write(self._client, self._table, marks)

    async def clear(self, owner_id: OwnerId, generation: int, marks: Iterable[StaleGroup]) -> None:
        """See `SketchStore.clear`."""
        index = index_prefix(owner_id, generation)
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(stale: StaleGroup) -> None:
            order, _, mark = stale.mark.partition("#")
            async with turns:
                await self._turn()
                try:
                    await self._client.delete_item(
                        TableName=self._table,
                        Key=_key(index, order, stale.group),
                        ConditionExpression="mark = :mark",
                        ExpressionAttributeValues={":mark": text(mark)},
                    )
                except self._client.exceptions.ConditionalCheckFailedException:
                    return  # it was marked again, or cleared

        with answering():
            await asyncio.gather(*(one(stale) for stale in marks if stale.is_settled))


def _by_kind(groups: Iterable[Group]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for kind, name in dict.fromkeys(groups):
        found.setdefault(kind, []).append(name)
    return found


def _stretches(names: Iterable[str]) -> list[list[str]]:
    """Return groups in runs of which each is read at once: months that follow one another, others alone."""
    runs: list[list[str]] = []
    last: int | None = None
    for name in sorted(names):
        month = int(name[:4]) * 12 + int(name[5:]) if _MONTH.fullmatch(name) else None
        if month is not None and last is not None and month == last + 1:
            runs[-1].append(name)
        else:
            runs.append([name])
        last = month
    return runs


def notes(index: str, groups: Iterable[Group], batch: str) -> list[Item]:
    """Return what a batch of saves puts into the table for the groups whose sketches it changes."""
    names = sorted(groups)
    starts = range(0, len(names), _GROUPS_OF_A_NOTE)
    return [
        {
            "pk": text(noted_key(index)),
            "sk": text(f"{batch}#{number}"),
            "groups": {"B": zlib.compress(json.dumps(names[start : start + _GROUPS_OF_A_NOTE]).encode(), 1)},
        }
        for number, start in enumerate(starts)
    ]


def _batch_of(note: Item) -> str:
    return str(note["sk"]["S"]).partition("#")[0]


def _noted(note: Item) -> list[Group]:
    named: Any = json.loads(zlib.decompress(note["groups"]["B"]))
    return [(kind, name) for kind, name in named]


def _mark(index: str, group: Group) -> Item:
    return _key(index, _ORDER.get(group[0], "~"), group) | {"mark": text(secrets.token_hex(8))}


def _key(index: str, order: str, group: Group) -> Item:
    kind, name = group
    return {"pk": text(stale_key(index)), "sk": text(f"{order}#{kind}#{name}")}


def _stale(item: Item) -> StaleGroup:
    order, kind, name = item["sk"]["S"].split("#", 2)
    return StaleGroup((kind, name), f"{order}#{item['mark']['S']}")
