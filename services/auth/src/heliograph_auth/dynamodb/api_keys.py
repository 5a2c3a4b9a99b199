"""API keys in DynamoDB: what their person sees in `accounts`, what every service needs in `access`."""

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from heliograph.errors import UnavailableError
from heliograph.identity import Scope
from heliograph.identity.access import api_key_item, api_key_key
from heliograph.identity.api_keys import use_key
from heliograph.photos import OwnerId
from heliograph_auth.domain.api_keys import MAX_KEYS, ApiKey
from heliograph_auth.dynamodb.table import Item, key_of, reasons_of, unavailable_where_dynamodb_is

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_UNTAKEN: Final = {"ConditionExpression": "attribute_not_exists(pk)"}
_READ_TOGETHER: Final = 100
"""Source: BatchGetItem in the Amazon DynamoDB API reference."""


class DynamoApiKeyStore:
    """An `ApiKeyStore` over DynamoDB."""

    def __init__(self, client: "DynamoDBClient", *, table: str, access_table: str, audit_table: str) -> None:
        self._client = client
        self._table = table
        self._access_table = access_table
        self._audit_table = audit_table

    async def add(self, key: ApiKey, *, digest: str) -> bool:
        """See `ApiKeyStore.add`: both tables know it, or none does.

        Each key has one of the account's places, which is an item that no two can make: the index alone tells too late.
        """
        known_to_all = api_key_item(key.key_id, digest, key.account_id, key.scopes, key.expires_at)
        there = await self._items_of(key.account_id)
        taken = {int(item["place"]["N"]) for item in there if "place" in item}
        free = [place for place in range(MAX_KEYS) if place not in taken]
        secrets.SystemRandom().shuffle(free)  # else all who come at once would try the same one first
        for place in free if len(there) < MAX_KEYS else ():
            item = _item(key) | {"place": {"N": str(place)}}
            added = await self._transact(
                {"Put": {"TableName": self._table, "Item": item}},
                {"Put": {"TableName": self._access_table, "Item": known_to_all}},
                {"Put": {"TableName": self._table, "Item": _place_item(key, place)} | _UNTAKEN},
            )
            if added:
                return True
        return False

    async def of_account(self, account_id: OwnerId) -> list[ApiKey]:
        """See `ApiKeyStore.of_account`."""
        items = await self._items_of(account_id)
        uses = await self._uses([item["key_id"]["S"] for item in items][:_READ_TOGETHER])
        return [_key(item, uses.get(item["key_id"]["S"])) for item in items]

    async def _items_of(self, account_id: OwnerId) -> list[Item]:
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
        return items

    async def get(self, key_id: str) -> ApiKey | None:
        """See `ApiKeyStore.get`."""
        item = await self._item(key_id)
        return _key(item, (await self._uses([key_id])).get(key_id)) if item else None

    async def remove(self, key_id: str) -> None:
        """See `ApiKeyStore.remove`: both tables forget it, or none does, and its place is free."""
        changes: list[Item] = [
            {"Delete": {"TableName": self._table, "Key": key_of("key", key_id)}},
            {"Delete": {"TableName": self._access_table, "Key": api_key_key(key_id)}},
        ]
        item = await self._item(key_id)
        if item and "place" in item:  # keys of before there were places have none
            place = {"Key": _place_key(item["account_id"]["S"], int(item["place"]["N"]))}
            its_own = {"ConditionExpression": "key_id = :key", "ExpressionAttributeValues": {":key": {"S": key_id}}}
            if await self._transact(*changes, {"Delete": {"TableName": self._table} | place | its_own}):
                return
        await self._transact(*changes)  # another key has the place by now

    async def _item(self, key_id: str) -> Item | None:
        async with unavailable_where_dynamodb_is():
            response = await self._client.get_item(
                TableName=self._table, Key=key_of("key", key_id), ConsistentRead=True
            )
        return response.get("Item")

    async def _transact(self, *changes: Any) -> bool:
        """Make all changes, and return True; or none of them, where a condition does not hold."""
        try:
            async with unavailable_where_dynamodb_is():
                await self._client.transact_write_items(TransactItems=list(changes))
        except self._client.exceptions.TransactionCanceledException as error:
            if "ConditionalCheckFailed" in reasons_of(error):
                return False
            raise UnavailableError("The API key is being changed right now; try again.") from error
        return True

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


def _place_key(account_id: str, place: int) -> Item:
    return key_of("place-of-key", f"{account_id}#{place}")


def _place_item(key: ApiKey, place: int) -> Item:
    whose = {"account_id": {"S": key.account_id}, "key_id": {"S": key.key_id}}
    return _place_key(key.account_id, place) | whose | _expiry(key)


def _expiry(key: ApiKey) -> Item:
    return {"expires_at": {"N": str(int(key.expires_at.timestamp()))}} if key.expires_at else {}


def _item(key: ApiKey) -> Item:
    return key_of("key", key.key_id) | {
        "key_id": {"S": key.key_id},
        "account_id": {"S": key.account_id},
        "name": {"S": key.name},
        "scopes": {"SS": sorted(key.scopes)},
        "created_at": {"S": key.created_at.isoformat()},
        **_expiry(key),
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
