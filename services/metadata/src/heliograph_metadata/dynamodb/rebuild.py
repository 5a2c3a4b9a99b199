"""Builds a library's index anew from its photos, while it is read and written.

The index of the next generation grows beside the one that is read, photo by photo in the order of their ids. The
ledger's head says how far it has come: saves write postings to both, and change its counts where it has come to the
photo already. When it has come to the last one, the head's generation changes, and with it what is read. Then the old
generation is deleted.

Source: the backfill of an online schema change, as in "Online, Asynchronous Schema Change in F1", VLDB 2013.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.index import IndexChange, index_change
from heliograph_metadata.domain.terms import TERMS_SCHEMA
from heliograph_metadata.dynamodb.index_writer import MOST_COUNTS, IndexWriter
from heliograph_metadata.dynamodb.keys import index_prefix
from heliograph_metadata.dynamodb.ledger import Head
from heliograph_metadata.dynamodb.photo_store import DynamoPhotoStore
from heliograph_metadata.dynamodb.values import Item, answering, number, scan_pages, text

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_BY_OWNER: Final = "by-owner"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How far a rebuilding has come."""

    photos: int
    """Put into the new index by this step."""
    is_done: bool
    """Whether the new index is what is read now."""


class IndexRebuilder:
    """Rebuilds one library at a time; it may be broken off at any moment and goes on where it was."""

    def __init__(
        self,
        client: "DynamoDBClient",
        store: DynamoPhotoStore,
        *,
        photos_table: str,
        terms_table: str,
        at_a_time: int = 25,
    ) -> None:
        self._client = client
        self._store = store
        self._photos = photos_table
        self._terms = terms_table
        self._at_a_time = at_a_time
        self._writer = IndexWriter(client, terms_table, store.ledger)

    async def owners(self) -> AsyncIterator[OwnerId]:
        """Yield everybody who has photos, by a Scan of an index of keys: for whoever operates the system."""
        last = ""
        async for page in scan_pages(self._client, TableName=self._photos, IndexName=_BY_OWNER):
            for item in page["Items"]:  # an index's items of one partition lie together
                if (owner_id := item["owner_id"]["S"]) != last:
                    last = owner_id
                    yield OwnerId(owner_id)

    async def is_needed(self, owner_id: OwnerId) -> bool:
        """Whether the index was made by other terms than today's, or its rebuilding was broken off."""
        head = await self._store.ledger.head(owner_id, consistent=True)
        if head == Head() and await self._store.is_new(owner_id):
            return False
        return head.schema != TERMS_SCHEMA or head.rebuilt_to is not None or head.obsolete is not None

    async def step(self, owner_id: OwnerId) -> Rebuilt:
        """Take the next few photos into the new index; begin one where there is none.

        Raises:
            UnavailableError: The tables don't answer; the step may be taken again.
        """
        async with self._store.alone(owner_id):
            return await self._step(owner_id)

    async def _step(self, owner_id: OwnerId) -> Rebuilt:
        turn = await self._store.turn(owner_id)
        ledger, head = self._store.ledger, turn.head
        if head.rebuilt_to is None:
            await ledger.commit_with(turn, [], rebuilt_to=text(" "))
            return Rebuilt(0, is_done=False)
        index = index_prefix(owner_id, head.generation + 1)
        ids = await self._ids_after(owner_id, head.rebuilt_to)
        if not ids:
            await ledger.commit_with(
                turn,
                [],
                rebuilt_to=None,
                generation=number(head.generation + 1),
                obsolete=number(head.generation),
                terms_schema=number(TERMS_SCHEMA),
            )
            return Rebuilt(0, is_done=True)
        photos = await self._store.get_many(ids)
        change, taken = IndexChange(), 0
        for photo_id in ids:
            more = IndexChange()
            more.add(change)
            more.add(index_change(None, photos.get(photo_id)))
            if taken and len(more.counts.keys() | more.touched) > MOST_COUNTS:
                break  # what the head says must be true of all the counts at once: one transaction
            change, taken = more, taken + 1
        await self._writer.write_postings([index], change, batch=turn.batch)
        await self._writer.commit_together(turn, index, change, rebuilt_to=text(ids[taken - 1]))
        return Rebuilt(taken, is_done=False)

    async def _ids_after(self, owner_id: OwnerId, photo_id: str) -> list[PhotoId]:
        with answering():
            response = await self._client.query(
                TableName=self._photos,
                IndexName=_BY_OWNER,
                KeyConditionExpression="owner_id = :owner_id AND photo_id > :photo_id",
                ExpressionAttributeValues={":owner_id": text(owner_id), ":photo_id": text(photo_id)},
                Limit=self._at_a_time,
            )
        items: list[Any] = response["Items"]
        return [PhotoId(item["photo_id"]["S"]) for item in items]

    async def sweep(self, owner_id: OwnerId) -> int:
        """Delete the index that is read no more, if there is one, and return how many items it had.

        Readers remember for a second which index is theirs: call it a few seconds after the last step.
        """
        head = await self._store.ledger.head(owner_id, consistent=True)
        if head.obsolete is None:
            return 0
        prefix = index_prefix(owner_id, head.obsolete)
        deleted = 0
        async for page in scan_pages(
            self._client,
            TableName=self._terms,
            FilterExpression="begins_with(pk, :prefix)",
            ExpressionAttributeValues={":prefix": text(f"{prefix}#")},
            ProjectionExpression="pk, sk",
        ):
            keys = [item for item in page["Items"] if not _is_of_the_ledger(item, owner_id)]
            await self._writer.delete(keys)
            deleted += len(keys)
        async with self._store.alone(owner_id):
            turn = await self._store.turn(owner_id)
            await self._store.ledger.commit_with(turn, [], obsolete=None)
        return deleted


def _is_of_the_ledger(item: Item, owner_id: OwnerId) -> bool:
    return item["pk"]["S"] in {f"{owner_id}#ledger", f"{owner_id}#log"}
