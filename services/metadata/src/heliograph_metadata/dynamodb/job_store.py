"""Jobs in DynamoDB: table `jobs`.

job      pk `<owner>#jobs`      sk `<job id>`       job (S, JSON), version (N), at_work (S, sparse)
chunk    pk `<owner>#<job id>`  sk `chunk#00012`    photo_ids (S, with blanks between), is_applied, is_undone (BOOL)
key      pk `<owner>#keys`      sk `<hash of key>`  job_id (S), request (S)

All expire by `expires_at` some days after nothing can be undone any more.
"""

import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.job import Chunk, Job
from heliograph_metadata.dynamodb.values import Item, answering, number, query_pages, text, timestamp
from heliograph_metadata.service.job_store import KeyUse

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_JOB: Final = TypeAdapter(Job)
_AT_WORK: Final = "at-work"
_JOBS: Final = "#jobs"
_OUTLIVES_UNDO: Final = timedelta(days=2)
_PUTS_AT_ONCE: Final = 25
"""Source: BatchWriteItem in the Amazon DynamoDB API reference."""

_NOT_THERE: Final = "attribute_not_exists(pk)"
_SAME_VERSION: Final = "#version = :stored"


class DynamoJobStore:
    """A `JobStore` over the table `jobs`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def create(self, job: Job, chunks: Sequence[Chunk], *, key: str | None, request: str) -> KeyUse:
        """See `JobStore.create`: the chunks first, then job and key in one transaction."""
        if key is not None and (use := await self._use(job.owner_id, key)):
            return use
        puts: list[Any] = [{"PutRequest": {"Item": _chunk_item(job, chunk)}} for chunk in chunks]
        with answering():
            for start in range(0, len(puts), _PUTS_AT_ONCE):
                await self._put_all(puts[start : start + _PUTS_AT_ONCE])
        actions: list[Any] = [self._put(_job_item(job), _NOT_THERE)]
        if key is not None:
            item = _key(job.owner_id, key) | {"job_id": text(job.job_id), "request": text(request), **_expiry(job)}
            actions.append(self._put(item, _NOT_THERE))
        with answering():
            try:
                await self._client.transact_write_items(TransactItems=actions)
            except self._client.exceptions.TransactionCanceledException:
                if key is not None and (use := await self._use(job.owner_id, key)):  # another request was first
                    return use
                if not await self.get(job.owner_id, job.job_id):
                    raise
        return KeyUse(job.job_id, request)

    async def get(self, owner_id: OwnerId, job_id: str) -> Job | None:
        """See `JobStore.get`."""
        item = await self._get({"pk": text(owner_id + _JOBS), "sk": text(job_id)})
        return _job(item) if item else None

    async def newest(self, owner_id: OwnerId, *, before: str | None, limit: int) -> Sequence[Job]:
        """See `JobStore.newest`."""
        with answering():
            response = await self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk AND sk < :before",
                ExpressionAttributeValues={":pk": text(owner_id + _JOBS), ":before": text(before or "~")},
                ScanIndexForward=False,
                Limit=limit,
                ConsistentRead=True,
            )
        return [_job(item) for item in response["Items"]]

    async def chunk(self, owner_id: OwnerId, job_id: str, number: int) -> Chunk | None:
        """See `JobStore.chunk`."""
        item = await self._get(_chunk_key(owner_id, job_id, number))
        return _chunk(item) if item else None

    async def chunks(self, owner_id: OwnerId, job_id: str) -> AsyncIterator[Chunk]:
        """See `JobStore.chunks`."""
        with answering():
            async for page in query_pages(
                self._client,
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": text(f"{owner_id}#{job_id}")},
                ConsistentRead=True,
            ):
                for item in page["Items"]:
                    yield _chunk(item)

    async def replace(self, job: Job, *, stored: Job, chunk: Chunk | None = None) -> bool:
        """See `JobStore.replace`."""
        put = self._put(_job_item(job), _SAME_VERSION)
        put["Put"] |= {
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":stored": number(stored.version)},
        }
        actions: list[Any] = [put]
        if chunk is not None:
            actions.append(self._put(_chunk_item(job, chunk)))
        with answering():
            try:
                await self._client.transact_write_items(TransactItems=actions)
            except self._client.exceptions.TransactionCanceledException as error:
                reasons: list[Any] = error.response.get("CancellationReasons", [])
                if {reason.get("Code") for reason in reasons} & {"ConditionalCheckFailed", "TransactionConflict"}:
                    return False
                raise
        return True

    async def at_work(self) -> AsyncIterator[tuple[OwnerId, str]]:
        """See `JobStore.at_work`."""
        request: dict[str, Any] = {"TableName": self._table, "IndexName": _AT_WORK}
        while True:
            with answering():
                page = await self._client.scan(**request)
            for item in page.get("Items", []):
                yield OwnerId(item["pk"]["S"].removesuffix(_JOBS)), item["sk"]["S"]
            if not (last := page.get("LastEvaluatedKey")):
                return
            request["ExclusiveStartKey"] = last

    async def check(self) -> str:
        """Return a few words for `/readyz`; raise where the table does not answer."""
        with answering():
            response = await self._client.describe_table(TableName=self._table)
        return str(response["Table"]["TableStatus"]).lower()

    async def _get(self, key: Item) -> Item | None:
        with answering():
            response = await self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        item: Item | None = response.get("Item")
        return item

    async def _use(self, owner_id: OwnerId, key: str) -> KeyUse | None:
        item = await self._get(_key(owner_id, key))
        return KeyUse(item["job_id"]["S"], item["request"]["S"]) if item else None

    async def _put_all(self, puts: list[Any]) -> None:
        wanted: Any = {self._table: puts}
        while wanted:
            response = await self._client.batch_write_item(RequestItems=wanted)
            wanted = response.get("UnprocessedItems")

    def _put(self, item: Item, condition: str = "") -> dict[str, Any]:
        put: dict[str, Any] = {"TableName": self._table, "Item": item}
        if condition:
            put["ConditionExpression"] = condition
        return {"Put": put}


def _chunk_key(owner_id: OwnerId, job_id: str, chunk: int) -> Item:
    return {"pk": text(f"{owner_id}#{job_id}"), "sk": text(f"chunk#{chunk:05}")}


def _key(owner_id: OwnerId, key: str) -> Item:
    return {"pk": text(f"{owner_id}#keys"), "sk": text(hashlib.sha256(key.encode()).hexdigest())}


def _expiry(job: Job) -> Item:
    return {"expires_at": number(int((job.undo_until + _OUTLIVES_UNDO).timestamp()))}


def _job_item(job: Job) -> Item:
    item = {
        "pk": text(job.owner_id + _JOBS),
        "sk": text(job.job_id),
        "version": number(job.version),
        "job": text(_JOB.dump_json(job, exclude_defaults=True).decode()),
        **_expiry(job),
    }
    if job.is_at_work:
        item["at_work"] = timestamp(job.updated_at)
    return item


def _job(item: Item) -> Job:
    return _JOB.validate_json(item["job"]["S"])


def _chunk_item(job: Job, chunk: Chunk) -> Item:
    return _chunk_key(job.owner_id, job.job_id, chunk.number) | {
        "photo_ids": text(" ".join(chunk.photo_ids)),
        "is_applied": {"BOOL": chunk.is_applied},
        "is_undone": {"BOOL": chunk.is_undone},
        **_expiry(job),
    }


def _chunk(item: Item) -> Chunk:
    return Chunk(
        number=int(item["sk"]["S"].removeprefix("chunk#")),
        photo_ids=tuple(PhotoId(photo_id) for photo_id in item["photo_ids"]["S"].split()),
        is_applied=item["is_applied"]["BOOL"],
        is_undone=item["is_undone"]["BOOL"],
    )
