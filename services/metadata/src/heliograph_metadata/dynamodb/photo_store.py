"""Photos and their index in DynamoDB: saves of one owner are committed in groups, one group at a time.

    replace · remove ──► group ──► the ledger's turn ──► log ──► documents ──► postings ──► counts ──► head
                                                                    │
                           the photo's version is no longer stored's? ──► this one is left out: False

A crash between any two of these leaves the group in the log, and whoever takes the next turn does it again: what is
put and deleted twice is the same, and a count says which group has changed it last.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

from botocore.exceptions import BotoCoreError, ClientError

from heliograph.errors import UnavailableError
from heliograph.messages import Lane
from heliograph.photos import Admission, OwnerId, PhotoId, unfinished_key
from heliograph_metadata.domain.document import document_of, photo_of
from heliograph_metadata.domain.index import IndexChange, index_change, postings
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.terms import TERMS_SCHEMA, terms
from heliograph_metadata.dynamodb.group_commit import GroupCommit
from heliograph_metadata.dynamodb.index_writer import IndexWriter, read_back, written_down
from heliograph_metadata.dynamodb.keys import counts_key, index_prefix
from heliograph_metadata.dynamodb.ledger import Entry, Ledger, Turn
from heliograph_metadata.dynamodb.packed_documents import packed, unpacked
from heliograph_metadata.dynamodb.trashed_photos import trash_attributes
from heliograph_metadata.dynamodb.values import Item, answering, batch_get, number, text, timestamp

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

MOST_TOGETHER: Final = 64
"""Photos saved in one group: few enough to be done long before the turn is over."""

_MOST_KEYS: Final = 100
_NOT_FENCED: Final = "(attribute_not_exists(fenced) OR fenced < :batch)"
"""A batch that another process has done again writes no more document, however late its requests come."""


@dataclass(frozen=True)
class Save:
    """One photo's next version, or its end."""

    stored: Photo
    photo: Photo | None
    """None: it is removed."""

    @cached_property
    def change(self) -> IndexChange:
        """What it does to the index."""
        return index_change(self.stored, self.photo)

    @property
    def is_of_a_backlog(self) -> bool:
        """Whether it takes a photo on its way for which nobody waits."""
        return self.stored.is_unfinished and self.stored.lane is Lane.BACKLOG

    def written_down(self) -> list[Any]:
        """Return what the log keeps of it."""
        change = self.change
        status, version = (self.photo.status, self.photo.version) if self.photo else (None, self.stored.version)
        return [self.stored.photo_id, status, version, *written_down(change)]


class DynamoPhotoStore:
    """A `PhotoStore` over the tables `photos` and `terms`."""

    def __init__(
        self,
        client: "DynamoDBClient",
        *,
        photos_table: str,
        terms_table: str,
        linger_seconds: float = 0.0,
        backlog_lingers_seconds: float = 0.0,
        packs: bool = True,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Make one.

        Args:
            client: Of DynamoDB.
            photos_table: Its name.
            terms_table: Its name.
            linger_seconds: After a group of saves the next one of the same owner waits so long for company.
            backlog_lingers_seconds: The same of photos that are on their way by the backlog's lane: nobody waits for
                them.
            packs: Whether documents are written packed; they are read either way.
            now: The time in seconds, as all processes have it.
        """
        self._client = client
        self._photos = photos_table
        self._terms = terms_table
        self._attribute_of = packed if packs else text
        self.ledger = Ledger(client, terms_table, now=now)
        self._writer = IndexWriter(client, terms_table, self.ledger)
        self._locks: WeakValueDictionary[OwnerId, asyncio.Lock] = WeakValueDictionary()
        self._saves = GroupCommit(
            self._save_together,
            key=lambda save: save.stored.photo_id,
            most=MOST_TOGETHER,
            patience=lambda save: backlog_lingers_seconds if save.is_of_a_backlog else linger_seconds,
        )

    async def get(self, photo_id: PhotoId) -> Photo | None:
        """See `PhotoStore.get`."""
        with answering():
            response = await self._client.get_item(
                TableName=self._photos, Key={"photo_id": text(photo_id)}, ConsistentRead=True
            )
        item: Any = response.get("Item")
        return photo_of_item(item) if item else None

    async def get_many(self, photo_ids: Sequence[PhotoId]) -> dict[PhotoId, Photo]:
        """See `PhotoStore.get_many`."""
        return {photo.photo_id: photo for photo in map(photo_of_item, await self._items(photo_ids))}

    async def _items(self, photo_ids: Sequence[PhotoId]) -> list[Item]:
        keys = [{"photo_id": text(photo_id)} for photo_id in dict.fromkeys(photo_ids)]
        with answering():
            runs = await asyncio.gather(
                *(
                    batch_get(self._client, self._photos, keys[start : start + _MOST_KEYS], ConsistentRead=True)
                    for start in range(0, len(keys), _MOST_KEYS)
                )
            )
        return [item for run in runs for item in run]

    async def replace(self, photo: Photo, *, stored: Photo) -> bool:
        """See `PhotoStore.replace`."""
        return await self._saves.submit(stored.owner_id, Save(stored, photo))

    async def remove(self, stored: Photo) -> bool:
        """See `PhotoStore.remove`."""
        return await self._saves.submit(stored.owner_id, Save(stored, None))

    async def mend(self, owner_id: OwnerId) -> None:
        """Do again what somebody has begun to write and not finished; nothing where there is none."""
        async with self.alone(owner_id):
            if (await self.ledger.head(owner_id, consistent=True)).is_abandoned:
                await self.ledger.release(await self.turn(owner_id))

    @asynccontextmanager
    async def alone(self, owner_id: OwnerId) -> AsyncIterator[None]:
        """Keep all others of this process, to which the ledger gives the same turn, from a library meanwhile."""
        lock = self._locks.setdefault(owner_id, asyncio.Lock())
        async with lock:
            yield

    async def turn(self, owner_id: OwnerId) -> Turn:
        """Return the next turn to write a library's index, with nothing left half done."""
        while True:
            turn = await self.ledger.take(owner_id)
            entry = await self.ledger.unfinished(turn) if turn.was_interrupted else None
            if entry is None:
                return turn
            await self._do_again(turn, entry)

    async def is_new(self, owner_id: OwnerId) -> bool:
        """Whether nothing was ever counted in a library: then its index will be as today's terms want it."""
        with answering():
            response = await self._client.query(
                TableName=self._terms,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": text(counts_key(index_prefix(owner_id, 0), "status"))},
                Limit=1,
            )
        return not response["Items"]

    async def _save_together(self, owner_id: OwnerId, saves: Sequence[Save]) -> Sequence[bool]:
        async with self.alone(owner_id):
            return await self._save_in_turn(owner_id, saves)

    async def _save_in_turn(self, owner_id: OwnerId, saves: Sequence[Save]) -> Sequence[bool]:
        turn = await self.turn(owner_id)
        await self.ledger.write(turn, [save.written_down() for save in saves])
        await self.ledger.keep(turn)
        outcomes = await asyncio.gather(*(self._save(save, turn.batch) for save in saves), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        results = [outcome is True for outcome in outcomes]
        await self._write_index(
            turn,
            [(save.stored.photo_id, save.change) for save, is_saved in zip(saves, results, strict=True) if is_saved],
        )
        return results

    async def _save(self, save: Save, batch: str) -> bool:
        """Write one document, on condition that it is still the one that the change was made from."""
        try:
            if save.photo is None:
                await self._client.delete_item(
                    TableName=self._photos,
                    Key={"photo_id": text(save.stored.photo_id)},
                    ConditionExpression=f"#version = :stored AND {_NOT_FENCED}",
                    ExpressionAttributeNames={"#version": "version"},
                    ExpressionAttributeValues={":stored": number(save.stored.version), ":batch": text(batch)},
                )
            else:
                await self._client.update_item(**self._photo_update(save.photo, save.stored, batch))
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        except (ClientError, BotoCoreError) as error:
            raise UnavailableError(f"The photo was not saved: {error}") from error
        return True

    def _photo_update(self, photo: Photo, stored: Photo, batch: str) -> Any:
        """Return the update of the item; what `upload` and the reconciler keep there stays."""
        values = {
            ":stored": number(stored.version),
            ":status": text(photo.status),
            ":version": number(photo.version),
            ":updated_at": timestamp(photo.updated_at),
            ":document": self._attribute_of(document_of(photo)),
            ":batch": text(batch),
        }
        sets = "SET #status = :status, #version = :version, updated_at = :updated_at, #document = :document, "
        sets += "saved_in = :batch"
        removes: list[str] = []
        if photo.is_unfinished:
            sets += ", unfinished = :unfinished"
            values[":unfinished"] = text(unfinished_key(photo.lane, timestamp(photo.created_at)["S"]))
        else:
            removes.append("unfinished")
        if photo.trashed_at:
            sets += ", trash_shard = :trash_shard, trashed_at = :trashed_at"
            values |= trash_attributes(photo)
        else:
            removes += ["trash_shard", "trashed_at"]
        if photo.status is not stored.status:  # each state has its own attempts to get out of it
            removes += ["resends", "resent_at"]
        names = ("status", "version", "document")
        return {
            "TableName": self._photos,
            "Key": {"photo_id": text(photo.photo_id)},
            "ConditionExpression": f"#version = :stored AND {_NOT_FENCED}",
            "UpdateExpression": f"{sets} REMOVE {', '.join(removes)}" if removes else sets,
            "ExpressionAttributeNames": {f"#{name}": name for name in names},
            "ExpressionAttributeValues": values,
        }

    async def _do_again(self, turn: Turn, entry: Entry) -> None:
        """Finish a batch that its holder did not: those of its photos that were saved, and no others."""
        turn.batch = entry.batch
        items = await self._fenced(entry)
        changes: list[tuple[PhotoId, IndexChange]] = []
        for photo_id, status, version, *rest in entry.operations:
            item = items.get(PhotoId(photo_id))
            if status is None:
                is_saved = item is None or ("document" not in item and int(item["version"]["N"]) != version)
            else:
                is_saved = item is not None and item.get("saved_in", {}).get("S") == entry.batch
            if is_saved:
                change = read_back(PhotoId(photo_id), *rest)
                if item is not None and status is not None:
                    photo = photo_of_item(item)
                    change.put = postings(photo)
                    change.delete -= change.put.keys()
                    for term, name in terms(photo).items():
                        if (count := change.counts.get(term)) and count.entered:
                            count.name = name
                changes.append((PhotoId(photo_id), change))
        await self._write_index(turn, changes)

    async def _fenced(self, entry: Entry) -> dict[PhotoId, Item]:
        """Return the items of a batch's photos that are there, none of which the batch can write from now on."""

        async def fence(photo_id: PhotoId) -> Item | None:
            with answering():
                try:
                    response = await self._client.update_item(
                        TableName=self._photos,
                        Key={"photo_id": text(photo_id)},
                        ConditionExpression="attribute_exists(photo_id)",
                        UpdateExpression="SET fenced = :batch",
                        ExpressionAttributeValues={":batch": text(entry.batch)},
                        ReturnValues="ALL_NEW",
                    )
                except self._client.exceptions.ConditionalCheckFailedException:
                    return None
            return response["Attributes"]

        ids = [PhotoId(photo_id) for photo_id, *_ in entry.operations]
        found = await asyncio.gather(*map(fence, ids))
        return {photo_id: item for photo_id, item in zip(ids, found, strict=True) if item}

    async def _write_index(self, turn: Turn, changes: Iterable[tuple[PhotoId, IndexChange]]) -> None:
        """Write the postings, the counts, then the ledger's head: with that the batch is done.

        While the next generation is built it gets all postings too, but counts only of the photos that it has
        come to: the others are counted when it does.
        """
        head = turn.head
        everything, rebuilt = IndexChange(), IndexChange()
        for photo_id, change in changes:
            everything.add(change)
            if head.rebuilt_to is not None and photo_id <= head.rebuilt_to:
                rebuilt.add(change)
        indexes = [index_prefix(turn.owner_id, generation) for generation in head.generations]
        sets: Item = {}
        if not head.committed_at and await self.is_new(turn.owner_id):
            sets["terms_schema"] = number(TERMS_SCHEMA)
        await self.ledger.keep(turn)
        await self._writer.write_postings(indexes, everything, batch=turn.batch)
        await self._writer.commit(turn, dict(zip(indexes, (everything, rebuilt), strict=False)), **sets)


def photo_of_item(item: Item) -> Photo:
    """Return the photo that an item of the table `photos` holds."""
    attributes = {
        name: item[name]["S"]
        for name in ("photo_id", "owner_id", "status", "created_at", "updated_at", "correlation_id")
    }
    attributes["version"] = int(item["version"]["N"])
    attributes["admission"] = Admission.model_validate_json(item["admission"]["S"])
    return photo_of(unpacked(item["document"]) if "document" in item else None, attributes)
