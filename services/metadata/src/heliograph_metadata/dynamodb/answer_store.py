"""Answers in DynamoDB: table `questions`.

event    pk `<owner>#answers`   sk `<number, 10 digits>`   event (B, compressed JSON), jobs, key, request (S),
                                                           unsettled (S, sparse: when it was added)

Nothing here expires: what a person has said is what all questions after it go by.
"""

import zlib
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from heliograph.photos import OwnerId
from heliograph_metadata.domain.questions.history import Said
from heliograph_metadata.domain.questions.written import event_json, event_of
from heliograph_metadata.dynamodb.values import Item, answering, query_pages, text, timestamp

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_ANSWERS: Final = "#answers"
_UNSETTLED: Final = "unsettled"


class DynamoAnswerStore:
    """An `AnswerStore` over the table `questions`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def since(self, owner_id: OwnerId, after: int) -> Sequence[Said]:
        """See `AnswerStore.since`."""
        found: list[Said] = []
        with answering():
            async for page in query_pages(
                self._client,
                TableName=self._table,
                KeyConditionExpression="pk = :pk AND sk > :after",
                ExpressionAttributeValues={":pk": text(owner_id + _ANSWERS), ":after": text(_sort_key(after))},
                ConsistentRead=True,
            ):
                found += [_said(item) for item in page["Items"]]
        return found

    async def add(self, owner_id: OwnerId, said: Said) -> bool:
        """See `AnswerStore.add`."""
        item: Item = {
            **_key(owner_id, said.number),
            "event": {"B": zlib.compress(event_json(said.event).encode())},
            "jobs": text(" ".join(said.jobs)),
            "key": text(said.key),
            "request": text(said.request),
            _UNSETTLED: timestamp(said.event.at),
        }
        with answering():
            try:
                await self._client.put_item(
                    TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(pk)"
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True

    async def settle(self, owner_id: OwnerId, number: int) -> None:
        """See `AnswerStore.settle`."""
        with answering():
            try:
                await self._client.update_item(
                    TableName=self._table,
                    Key=_key(owner_id, number),
                    UpdateExpression=f"REMOVE {_UNSETTLED}",
                    ConditionExpression="attribute_exists(pk)",
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return

    async def unsettled(self) -> AsyncIterator[tuple[OwnerId, int]]:
        """See `AnswerStore.unsettled`."""
        request: dict[str, Any] = {"TableName": self._table, "IndexName": _UNSETTLED}
        while True:
            with answering():
                page = await self._client.scan(**request)
            for item in page.get("Items", []):
                yield OwnerId(item["pk"]["S"].removesuffix(_ANSWERS)), int(item["sk"]["S"])
            if not (last := page.get("LastEvaluatedKey")):
                return
            request["ExclusiveStartKey"] = last


def _sort_key(number: int) -> str:
    return f"{number:010}"


def _key(owner_id: OwnerId, number: int) -> Item:
    return {"pk": text(owner_id + _ANSWERS), "sk": text(_sort_key(number))}


def _said(item: Item) -> Said:
    return Said(
        number=int(item["sk"]["S"]),
        event=event_of(zlib.decompress(item["event"]["B"]).decode()),
        jobs=tuple(item["jobs"]["S"].split()),
        key=item["key"]["S"],
        request=item["request"]["S"],
    )
