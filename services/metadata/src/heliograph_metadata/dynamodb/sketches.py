"""Sketches in DynamoDB, as the index counts them, and which of them have changed: table `terms`.

count    pk `<index>#counts#sketch.<kind>`  sk `<group>#<cell>`          photos (N)
stale    pk `<index>#stale`                 sk `<order>#<kind>#<group>`  mark (S, the key of a batch)

A save names the groups before it commits its counts. Until the batch is committed their sketches are what they were,
so a mark of a batch that the ledger's head has not reached yet is not settled and must stay. An answer's marks have an
order of their own (`!`), or one could take the place of a batch's that is under way.
"""

import asyncio
import re
import secrets
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from heliograph.photos import OwnerId
from heliograph_metadata.domain.questions.engine import Group
from heliograph_metadata.domain.questions.registry import KINDS
from heliograph_metadata.domain.questions.sketch import Sketch
from heliograph_metadata.domain.sketched import first_of, split
from heliograph_metadata.domain.terms import SKETCH
from heliograph_metadata.dynamodb.keys import counts_key, index_prefix, stale_key
from heliograph_metadata.dynamodb.ledger import Ledger
from heliograph_metadata.dynamodb.values import Item, answering, query_pages, text
from heliograph_metadata.service.question_book import StaleGroup, StaleGroups

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_AT_ONCE: Final = 4
"""More answers that come at the same moment would keep the process from everybody else for as long."""
_PAGE: Final = 1_000
"""Cells of a sketch in one response: of a full one, 1 MB, the SDK makes objects for so long that others wait."""
_BY_ANSWERS: Final = "!"
_ORDER: Final = {kind.name: f"{number:02}" for number, kind in enumerate(KINDS)}
"""Of the kinds in the registry: what brings most is made again first."""
_LAST: Final = "\U0010ffff"
_MONTH: Final = re.compile(r"\d{4}-\d{2}", re.ASCII)


class DynamoSketchStore:
    """A `SketchStore` over the table `terms`."""

    def __init__(self, client: "DynamoDBClient", terms_table: str) -> None:
        self._client = client
        self._table = terms_table
        self.ledger = Ledger(client, terms_table)

    async def stale(self, owner_id: OwnerId, *, limit: int) -> StaleGroups:
        """See `SketchStore.stale`."""
        head = await self.ledger.head(owner_id)
        with answering():
            response = await self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": text(stale_key(index_prefix(owner_id, head.generation)))},
                Limit=limit,
            )
        items: list[Any] = response["Items"]
        return StaleGroups(head.generation, tuple(_stale(item, head.committed_at) for item in items))

    async def sketches(self, owner_id: OwnerId, generation: int, groups: Collection[Group]) -> dict[Group, Sketch]:
        """See `SketchStore.sketches`."""
        index = index_prefix(owner_id, generation)
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(kind: str, names: Sequence[str]) -> dict[Group, Sketch]:
            async with turns:
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
        return {(kind, name): found[first_of(name)] for name in names}

    async def mark_stale(self, owner_id: OwnerId, groups: Iterable[Group]) -> None:
        """See `SketchStore.mark_stale`."""
        index = index_prefix(owner_id, (await self.ledger.head(owner_id, consistent=True)).generation)

        async def one(group: Group) -> None:
            item = _item(index, _BY_ANSWERS, group, secrets.token_hex(8))
            await self._client.put_item(TableName=self._table, Item=item)

        with answering():
            await asyncio.gather(*map(one, dict.fromkeys(groups)))

    async def clear(self, owner_id: OwnerId, generation: int, marks: Iterable[StaleGroup]) -> None:
        """See `SketchStore.clear`."""
        index = index_prefix(owner_id, generation)
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(stale: StaleGroup) -> None:
            order, _, batch = stale.mark.partition("#")
            item = _item(index, order, stale.group, batch)
            async with turns:
                try:
                    await self._client.delete_item(
                        TableName=self._table,
                        Key={"pk": item["pk"], "sk": item["sk"]},
                        ConditionExpression="mark = :mark",
                        ExpressionAttributeValues={":mark": item["mark"]},
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


def stale_item(index: str, group: Group, batch: str) -> Item:
    """Return what a batch of saves puts into the table for a group whose sketch it changes."""
    return _item(index, _ORDER.get(group[0], "~"), group, batch)


def _item(index: str, order: str, group: Group, batch: str) -> Item:
    kind, name = group
    return {"pk": text(stale_key(index)), "sk": text(f"{order}#{kind}#{name}"), "mark": text(batch)}


def _stale(item: Item, committed_at: str) -> StaleGroup:
    order, kind, name = item["sk"]["S"].split("#", 2)
    batch = item["mark"]["S"]
    return StaleGroup((kind, name), f"{order}#{batch}", order == _BY_ANSWERS or batch <= committed_at)
