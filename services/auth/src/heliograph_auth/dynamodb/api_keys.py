"""API keys in DynamoDB: what their person sees in `accounts`, what every service needs in `access`."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from heliograph.errors import UnavailableError
from heliograph.identity import Scope
from heliograph.identity.access import api_key_item, api_key_key
from heliograph.identity.api_keys import use_key
from heliograph.photos import OwnerId
from heliograph_auth.domain.api_keys import ApiKey
from heliograph_auth.dynamodb.table import Item, key_of, unavailable_where_dynamodb_is

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_READ_TOGETHER: Final = 100
"""Source: BatchGetItem in the Amazon DynamoDB API reference."""


class DynamoApiKeyStore:
    """An `ApiKeyStore` over DynamoDB."""

    def __init__(self, client: "DynamoDBClient", *, table: str, access_table: str, audit_table: str) -> None:
        self._client = client
        self._table = table
        self._access_table = access_table
        self._audit_table = audit_table

    async def add(self, key: ApiKey, *, digest: str) -> None:
        """See `ApiKeyStore.add`: both tables know it, or none does."""
        known_to_all = api_key_item(key.key_id, digest, key.account_id, key.scopes, key.expires_at)
        await self._transact(
            {"Put": {"TableName": self._table, "Item": _item(key)}},
            {"Put": {"TableName": self._access_table, "Item": known_to_all}},
        )

    async def of_account(self, account_id: OwnerId) -> list[ApiKey]:
        """See `ApiKeyStore.of_account`."""
        items: list[Item] = []
        async with unavailable_where_dynamodb_is():
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                IndexName="by-account",
                KeyConditionExpression="account_id = :account AND begins_with(pk, :key)",
                ExpressionAttributeValues={":account": {"S": account_id}, ":key": {"S": "key#"}},
            )
            async for page in pages:
                items += page["Items"]
        uses = await self._uses([item["key_id"]["S"] for item in items][:_READ_TOGETHER])
        return [_key(item, uses.get(item["key_id"]["S"])) for item in items]

    async def get(self, key_id: str) -> ApiKey | None:
        """See `ApiKeyStore.get`."""
        async with unavailable_where_dynamodb_is():
            response = await self._client.get_item(
                TableName=self._table, Key=key_of("key", key_id), ConsistentRead=True
            )
        item = response.get("Item")
        return _key(item, (await self._uses([key_id])).get(key_id)) if item else None

    async def remove(self, key_id: str) -> None:
        """See `ApiKeyStore.remove`: both tables forget it, or none does."""
        await self._transact(
            {"Delete": {"TableName": self._table, "Key": key_of("key", key_id)}},
            {"Delete": {"TableName": self._access_table, "Key": api_key_key(key_id)}},
        )

    async def _transact(self, *changes: Item) -> None:
        try:
            async with unavailable_where_dynamodb_is():
                await self._client.transact_write_items(TransactItems=list(changes))  # type: ignore[arg-type]
        except self._client.exceptions.TransactionCanceledException as error:
            raise UnavailableError("The API key is being changed right now; try again.") from error

    async def _uses(self, key_ids: list[str]) -> dict[str, datetime]:
        if not key_ids:
            return {}
        async with unavailable_where_dynamodb_is():
            response = await self._client.batch_get_item(
                RequestItems={self._audit_table: {"Keys": [use_key(key_id) for key_id in key_ids]}}
            )
        found = response["Responses"].get(self._audit_table, [])
        return {
            item["owner_id"]["S"].removeprefix("key#"): datetime.fromisoformat(item["last_used_at"]["S"])
            for item in found
        }


def _item(key: ApiKey) -> Item:
    expiry = {"expires_at": {"N": str(int(key.expires_at.timestamp()))}} if key.expires_at else {}
    return key_of("key", key.key_id) | {
        "key_id": {"S": key.key_id},
        "account_id": {"S": key.account_id},
        "name": {"S": key.name},
        "scopes": {"SS": sorted(key.scopes)},
        "created_at": {"S": key.created_at.isoformat()},
        **expiry,
    }


def _key(item: Item, last_used_at: datetime | None) -> ApiKey:
    return ApiKey(
        key_id=item["key_id"]["S"],
        account_id=OwnerId(item["account_id"]["S"]),
        name=item["name"]["S"],
        scopes=frozenset(Scope(name) for name in item["scopes"]["SS"]),
        created_at=datetime.fromisoformat(item["created_at"]["S"]),
        expires_at=datetime.fromtimestamp(int(item["expires_at"]["N"]), UTC) if "expires_at" in item else None,
        last_used_at=last_used_at,
    )
