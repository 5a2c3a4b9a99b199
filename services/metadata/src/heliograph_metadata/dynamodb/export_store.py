"""Exports in DynamoDB: table `exports`, of which heliograph.exports says how an item begins.

export  account_id `<account>`  photos, done, attempts (N), parts (S, JSON), cursor, ends_at (S),
                                holder (S) and held_until (N) while a worker makes it
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from heliograph.exports import ExportStatus, facts_key, facts_of
from heliograph.photos import OwnerId
from heliograph_metadata.domain.export import Export, ExportPart
from heliograph_metadata.dynamodb.values import Item, answering, number, scan_pages, text

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_NAMES = {"#status": "status", "#cursor": "cursor", "#parts": "parts", "#done": "done"}


class DynamoExportStore:
    """An `ExportStore` over the table `exports`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table
        self._me = secrets.token_hex(8)

    async def all(self) -> Sequence[Export]:
        """See `ExportStore.all`: an item for each account that has taken something home this week."""
        return [
            _export(item)
            async for page in scan_pages(
                self._client, TableName=self._table, FilterExpression="attribute_exists(export_id)"
            )
            for item in page["Items"]
        ]

    async def get(self, account_id: OwnerId) -> Export | None:
        """See `ExportStore.get`."""
        item = await self._get({"account_id": text(account_id)})
        return _export(item) if item else None

    async def take(self, export: Export, *, now: datetime, until: datetime) -> Export | None:
        """See `ExportStore.take`."""
        item = await self._update(
            export.account_id,
            "SET holder = :me, held_until = :until ADD attempts :one",
            "export_id = :id AND #status IN (:waiting, :working) "
            "AND (attribute_not_exists(holder) OR held_until < :now)",
            {"#status": "status"},
            {
                ":me": text(self._me),
                ":until": number(until.timestamp()),
                ":now": number(now.timestamp()),
                ":one": number(1),
                ":id": text(export.export_id),
                ":waiting": text(ExportStatus.WAITING),
                ":working": text(ExportStatus.WORKING),
            },
        )
        return _export(item) if item else None

    async def save(self, export: Export, *, until: datetime) -> bool:
        """See `ExportStore.save`."""
        sets = "SET #status = :status, photos = :photos, #done = :done, #parts = :parts, attempts = :attempts, "
        sets += "#cursor = :cursor"
        values: Item = {
            ":me": text(self._me),
            ":id": text(export.export_id),
            ":status": text(export.status),
            ":photos": number(export.photos),
            ":done": number(export.done),
            ":parts": text(json.dumps([asdict(part) for part in export.parts])),
            ":attempts": number(export.attempts),
            ":cursor": text(export.cursor),
        }
        if export.ends_at:
            sets += ", ends_at = :ends_at"
            values[":ends_at"] = text(_moment(export.ends_at))
        if export.is_at_work:
            sets += ", held_until = :until"
            values[":until"] = number(until.timestamp())
        else:
            sets += " REMOVE holder, held_until"
        item = await self._update(export.account_id, sets, "export_id = :id AND holder = :me", _NAMES, values)
        return item is not None

    async def end(self, account_id: OwnerId, export_id: str, *, at: datetime) -> bool:
        """See `ExportStore.end`: whoever makes it loses it."""
        values = {":at": text(_moment(at)), ":id": text(export_id), ":failed": text(ExportStatus.FAILED)}
        sets = "SET ends_at = :at, #status = :failed REMOVE holder, held_until"
        return await self._update(account_id, sets, "export_id = :id", {"#status": "status"}, values) is not None

    async def facts(self, account_id: OwnerId) -> Mapping[str, Any]:
        """See `ExportStore.facts`."""
        item = await self._get(facts_key(account_id))
        return facts_of(item) if item else {}

    async def remove(self, export: Export) -> None:
        """See `ExportStore.remove`: the facts go first, as nothing leads to them."""
        same = {":id": text(export.export_id)}
        there = await self.get(export.account_id)
        if there is None or there.export_id != export.export_id:
            return
        with answering():
            await self._client.delete_item(TableName=self._table, Key=facts_key(export.account_id))
            try:
                await self._client.delete_item(
                    TableName=self._table,
                    Key={"account_id": text(export.account_id)},
                    ConditionExpression="export_id = :id",
                    ExpressionAttributeValues=same,
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return

    async def _get(self, key: Item) -> Item | None:
        with answering():
            response = await self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        item: Item | None = response.get("Item")
        return item

    async def _update(
        self, account_id: OwnerId, expression: str, condition: str, names: Mapping[str, str], values: Item
    ) -> Item | None:
        """Return the item as it is after an update; None where the condition doesn't hold."""
        with answering():
            try:
                response = await self._client.update_item(
                    TableName=self._table,
                    Key={"account_id": text(account_id)},
                    UpdateExpression=expression,
                    ConditionExpression=condition,
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues=values,
                    ReturnValues="ALL_NEW",
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return None
        item: Item = response["Attributes"]
        return item


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _export(item: Item) -> Export:
    def count(name: str) -> int:
        return int(item[name]["N"]) if name in item else 0

    return Export(
        account_id=OwnerId(item["account_id"]["S"]),
        export_id=item["export_id"]["S"],
        status=ExportStatus(item["status"]["S"]),
        asked_at=datetime.fromisoformat(item["asked_at"]["S"]),
        photos=count("photos"),
        done=count("done"),
        parts=tuple(ExportPart(**part) for part in json.loads(item["parts"]["S"])) if "parts" in item else (),
        cursor=item["cursor"]["S"] if "cursor" in item else "",
        attempts=count("attempts"),
        ends_at=datetime.fromisoformat(item["ends_at"]["S"]) if "ends_at" in item else None,
    )
