"""Counts of tried passwords in DynamoDB."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from heliograph.errors import UnavailableError
from heliograph_auth.domain.throttling import Tries
from heliograph_auth.dynamodb.table import Item, key_of, unavailable_where_dynamodb_is

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient


class DynamoTryStore:
    """A `TryStore` over DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def get(self, keys: Sequence[str]) -> dict[str, Tries]:
        """See `TryStore.get`."""
        async with unavailable_where_dynamodb_is():
            response = await self._client.batch_get_item(
                RequestItems={self._table: {"Keys": [key_of("tries", key) for key in keys], "ConsistentRead": True}}
            )
        if response.get("UnprocessedKeys"):
            raise UnavailableError("table of accounts: it answers in part only")
        found = {item["pk"]["S"].removeprefix("tries#"): item for item in response["Responses"].get(self._table, [])}
        return {key: _tries(found[key]) if key in found else Tries() for key in keys}

    async def replace(self, key: str, tries: Tries, *, expected: Tries, forget_at: datetime) -> bool:
        """See `TryStore.replace`."""
        if expected == Tries():
            condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        else:
            condition = {
                "ConditionExpression": "#count = :count AND last_at = :last",
                "ExpressionAttributeNames": {"#count": "count"},
                "ExpressionAttributeValues": {
                    ":count": {"N": str(expected.count)},
                    ":last": {"S": _text(expected.last_at)},
                },
            }
        item = key_of("tries", key) | {
            "count": {"N": str(tries.count)},
            "last_at": {"S": _text(tries.last_at)},
            "next_at": {"S": _text(tries.next_at)},
            "expires_at": {"N": str(int(forget_at.timestamp()))},
        }
        try:
            async with unavailable_where_dynamodb_is():
                await self._client.put_item(TableName=self._table, Item=item, **condition)
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    async def forget(self, key: str) -> None:
        """See `TryStore.forget`."""
        async with unavailable_where_dynamodb_is():
            await self._client.delete_item(TableName=self._table, Key=key_of("tries", key))


def _tries(item: Item) -> Tries:
    return Tries(int(item["count"]["N"]), _time(item["last_at"]["S"]), _time(item["next_at"]["S"]))


def _text(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _time(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
