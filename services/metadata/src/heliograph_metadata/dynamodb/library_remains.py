"""What a library leaves in DynamoDB beside its photos: every partition that begins with its owner.

Partitions are found from what is known of them: kinds of terms, albums and jobs. An index has a count for each of its
lists; a list whose count says that it has photos still, which no count should once all documents went through the
ledger, is removed as well. The ledger's head goes last: it says which generations of the index there are.
"""

import asyncio
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId
from heliograph_metadata.domain.index import COUNTED_KINDS
from heliograph_metadata.domain.terms import (
    JPEG,
    KINDS,
    LOCATED,
    LOOKS,
    POSTED_LEVELS,
    PREPARED,
    PRESENT,
    SPOTS,
    Term,
    tile_kind,
)
from heliograph_metadata.dynamodb.keys import (
    counts_key,
    head_key,
    index_prefix,
    log_partition,
    noted_key,
    postings_key,
    stale_key,
)
from heliograph_metadata.dynamodb.ledger import head_of
from heliograph_metadata.dynamodb.values import Item, answering, query_pages, text

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_TOGETHER: Final = 25
"""Source: BatchWriteItem in the Amazon DynamoDB API reference."""
_ROUNDS: Final = 10
_PAUSE_SECONDS: Final = 0.05
_AREAS: Final = {tile_kind(level): "area" for level in POSTED_LEVELS}
"""The lists of tiles, which are counted under another kind."""
_LISTED: Final = {kind for kind, one in KINDS.items() if one.counted and one.posted} | _AREAS.keys()
"""The kinds of counts whose terms have lists."""
_ONCE_LISTED: Final = (PRESENT, LOCATED, JPEG, PREPARED)
_ONCE_COUNTED: Final = ("tile20",)
"""What older schemas of terms kept, and no save takes away any more: an index that was not rebuilt still has it."""
_KEYS: Final = {
    "terms": ("pk", "sk"),
    "albums": ("owner_id", "album_id"),
    "stacks": ("owner_id", "item"),
    "jobs": ("pk", "sk"),
    "questions": ("pk", "sk"),
    "exports": ("account_id",),
}


class DynamoLibraryRemains:
    """`LibraryRemains` over the tables that metadata writes."""

    def __init__(self, client: "DynamoDBClient", tables: Mapping[str, str]) -> None:
        """Make one.

        Args:
            client: Of DynamoDB.
            tables: The names of `terms`, `albums`, `stacks`, `jobs`, `questions` and `exports`.
        """
        self._client = client
        self._tables = tables

    async def remove_all_of(self, owner_id: OwnerId) -> int:
        """See `LibraryRemains.remove_all_of`."""
        removed = await self._clear("stacks", owner_id)
        for partition in (f"{owner_id}#facts", owner_id):
            removed += await self._clear("exports", partition)
        for part in ("answers", "book", "own-labels"):
            removed += await self._clear("questions", f"{owner_id}#{part}")
        for job in await self._items("jobs", f"{owner_id}#jobs"):
            removed += await self._clear("jobs", f"{owner_id}#{job['sk']['S']}")
        for part in ("jobs", "keys"):
            removed += await self._clear("jobs", f"{owner_id}#{part}")
        for album in await self._items("albums", owner_id):
            removed += await self._clear("albums", f"{owner_id}#order#{album['album_id']['S']}")
        for partition in (f"{owner_id}#folders", owner_id):
            removed += await self._clear("albums", partition)
        return removed + await self._remove_index(owner_id)

    async def _remove_index(self, owner_id: OwnerId) -> int:
        with answering():
            response = await self._client.get_item(
                TableName=self._tables["terms"], Key=head_key(owner_id), ConsistentRead=True
            )
        head = head_of(response.get("Item"), now=0.0)
        generations = {*head.generations, *((head.obsolete,) if head.obsolete is not None else ())}
        removed = 0
        for generation in sorted(generations):
            removed += await self._remove_generation(index_prefix(owner_id, generation))
        removed += await self._clear("terms", log_partition(owner_id))
        return removed + await self._clear("terms", f"{owner_id}#ledger")

    async def _remove_generation(self, index: str) -> int:
        removed = 0
        for kind in COUNTED_KINDS:
            partition = counts_key(index, kind)
            for item in await self._items("terms", partition, "pk", "sk", "photos"):
                if int(item.get("photos", {"N": "0"})["N"]):
                    term = Term(_AREAS.get(kind, kind), item["sk"]["S"])
                    if kind in _LISTED:
                        removed += await self._clear("terms", postings_key(index, term))
            removed += await self._clear("terms", partition)
        lists = (postings_key(index, term) for term in (SPOTS, LOOKS, *_ONCE_LISTED))
        counts = (counts_key(index, kind) for kind in _ONCE_COUNTED)
        for partition in (*lists, *counts, noted_key(index), stale_key(index)):
            removed += await self._clear("terms", partition)
        return removed

    async def _items(self, table: str, partition: str, *attributes: str) -> list[Item]:
        """Return a partition's items, of which only some attributes: their keys, where none are named."""
        names = attributes or _KEYS[table]
        found: list[Item] = []
        with answering():
            async for page in query_pages(
                self._client,
                TableName=self._tables[table],
                KeyConditionExpression="#partition = :partition",
                ExpressionAttributeNames={"#partition": _KEYS[table][0]}
                | {f"#{number}": name for number, name in enumerate(names)},
                ExpressionAttributeValues={":partition": text(partition)},
                ProjectionExpression=", ".join(f"#{number}" for number in range(len(names))),
                ConsistentRead=True,
            ):
                found += page["Items"]
        return found

    async def _clear(self, table: str, partition: str) -> int:
        """Delete a partition's items; return how many there were."""
        keys = await self._items(table, partition)
        for start in range(0, len(keys), _TOGETHER):
            await self._delete(self._tables[table], keys[start : start + _TOGETHER])
        return len(keys)

    async def _delete(self, table: str, keys: Collection[Item]) -> None:
        left: Any = {table: [{"DeleteRequest": {"Key": key}} for key in keys]}
        for round_number in range(_ROUNDS):
            with answering():
                left = (await self._client.batch_write_item(RequestItems=left)).get("UnprocessedItems")
            if not left:
                return
            await asyncio.sleep(_PAUSE_SECONDS * 2**round_number)
        raise UnavailableError("The library's tables take no more writes; try again.")
