"""Second factors in DynamoDB; one that was begun and never turned on is cleared by its TTL."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from heliograph.photos import OwnerId
from heliograph_auth.domain.second_factor import BEGUN_LIVES, SecondFactor
from heliograph_auth.dynamodb.table import Item, key_of, unavailable_where_dynamodb_is

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient


class DynamoSecondFactorStore:
    """A `SecondFactorStore` over DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def get(self, account_id: OwnerId) -> SecondFactor | None:
        """See `SecondFactorStore.get`."""
        async with unavailable_where_dynamodb_is():
            response = await self._client.get_item(
                TableName=self._table, Key=key_of("factor", account_id), ConsistentRead=True
            )
        item = response.get("Item")
        return _factor(item) if item else None

    async def replace(self, factor: SecondFactor, *, expected: SecondFactor | None) -> bool:
        """See `SecondFactorStore.replace`."""
        condition: dict[str, Any] = (
            _is_still(expected) if expected else {"ConditionExpression": "attribute_not_exists(pk)"}
        )
        try:
            async with unavailable_where_dynamodb_is():
                await self._client.put_item(TableName=self._table, Item=_item(factor), **condition)
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    async def remove(self, factor: SecondFactor) -> bool:
        """See `SecondFactorStore.remove`."""
        try:
            async with unavailable_where_dynamodb_is():
                await self._client.delete_item(
                    TableName=self._table, Key=key_of("factor", factor.account_id), **_is_still(factor)
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def _is_still(factor: SecondFactor) -> dict[str, Any]:
    return {
        "ConditionExpression": "#version = :version",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {":version": {"N": str(factor.version)}},
    }


def _item(factor: SecondFactor) -> Item:
    item = key_of("factor", factor.account_id) | {
        "account_id": {"S": factor.account_id},
        "sealed_secret": {"B": factor.sealed_secret},
        "begun_at": {"S": factor.begun_at.isoformat()},
        "last_step": {"N": str(factor.last_step)},
        "version": {"N": str(factor.version)},
    }
    if factor.recovery_digests:
        item["recovery_digests"] = {"SS": sorted(factor.recovery_digests)}
    if factor.turned_on_at:
        item["turned_on_at"] = {"S": factor.turned_on_at.isoformat()}
    else:
        item["expires_at"] = {"N": str(int((factor.begun_at + BEGUN_LIVES).timestamp()))}
    return item


def _factor(item: Item) -> SecondFactor:
    return SecondFactor(
        account_id=OwnerId(item["account_id"]["S"]),
        sealed_secret=bytes(item["sealed_secret"]["B"]),
        begun_at=datetime.fromisoformat(item["begun_at"]["S"]),
        turned_on_at=datetime.fromisoformat(item["turned_on_at"]["S"]) if "turned_on_at" in item else None,
        last_step=int(item["last_step"]["N"]),
        recovery_digests=frozenset(item["recovery_digests"]["SS"]) if "recovery_digests" in item else frozenset(),
        version=int(item["version"]["N"]),
    )
