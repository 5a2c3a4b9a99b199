"""A person's security log, read from the table `audit` that every service writes to."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from heliograph.audit import AuditEvent, AuditKind
from heliograph.photos import OwnerId
from heliograph_auth.domain.audit import AuditPage
from heliograph_auth.dynamodb.table import Item, unavailable_where_dynamodb_is

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_KINDS = frozenset(AuditKind)
_AFTER_ALL = "~"
"""Behind every time."""


class DynamoAuditReader:
    """An `AuditReader` over DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def page(self, owner_id: OwnerId, *, before: str | None, limit: int) -> AuditPage:
        """See `AuditReader.page`."""
        values: dict[str, Any] = {":owner": {"S": owner_id}, ":before": {"S": before or _AFTER_ALL}}
        async with unavailable_where_dynamodb_is():
            response = await self._client.query(
                TableName=self._table,
                KeyConditionExpression="owner_id = :owner AND #event < :before",
                ExpressionAttributeNames={"#event": "event"},
                ExpressionAttributeValues=values,
                ScanIndexForward=False,
                Limit=limit,
            )
        items = response["Items"]
        events = tuple(_event(item) for item in items if item["kind"]["S"] in _KINDS)
        return AuditPage(events, items[-1]["event"]["S"] if "LastEvaluatedKey" in response else None)


def _event(item: Item) -> AuditEvent:
    return AuditEvent(
        owner_id=OwnerId(item["owner_id"]["S"]),
        at=datetime.fromisoformat(item["event"]["S"].partition("#")[0]),
        kind=AuditKind(item["kind"]["S"]),
        address=item["address"]["S"],
        device=item["device"]["S"],
        about={name: value["S"] for name, value in item["about"]["M"].items()},
    )
