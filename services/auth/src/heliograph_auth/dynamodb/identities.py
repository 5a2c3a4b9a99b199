"""Links with accounts of a provider in DynamoDB."""

from datetime import datetime
from typing import TYPE_CHECKING

from heliograph.photos import OwnerId
from heliograph_auth.domain.foreign import Identity
from heliograph_auth.dynamodb.table import Item, key_of, unavailable_where_dynamodb_is

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient


class DynamoIdentityStore:
    """An `IdentityStore` over DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def add(self, identity: Identity) -> bool:
        """See `IdentityStore.add`."""
        item = key_of("identity", identity.identity_id) | {
            "account_id": {"S": identity.account_id},
            "issuer": {"S": identity.issuer},
            "subject": {"S": identity.subject},
            "linked_at": {"S": identity.linked_at.isoformat()},
        }
        try:
            async with unavailable_where_dynamodb_is():
                await self._client.put_item(
                    TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(pk)"
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    async def get(self, identity_id: str) -> Identity | None:
        """See `IdentityStore.get`."""
        async with unavailable_where_dynamodb_is():
            response = await self._client.get_item(
                TableName=self._table, Key=key_of("identity", identity_id), ConsistentRead=True
            )
        item = response.get("Item")
        return _identity(item) if item else None

    async def of_account(self, account_id: OwnerId) -> list[Identity]:
        """See `IdentityStore.of_account`."""
        found: list[Identity] = []
        async with unavailable_where_dynamodb_is():
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                IndexName="by-account",
                KeyConditionExpression="account_id = :account AND begins_with(pk, :identity)",
                ExpressionAttributeValues={":account": {"S": account_id}, ":identity": {"S": "identity#"}},
            )
            async for page in pages:
                found += [_identity(item) for item in page["Items"]]
        return found

    async def remove(self, identity_id: str) -> None:
        """See `IdentityStore.remove`."""
        async with unavailable_where_dynamodb_is():
            await self._client.delete_item(TableName=self._table, Key=key_of("identity", identity_id))


def _identity(item: Item) -> Identity:
    return Identity(
        issuer=item["issuer"]["S"],
        subject=item["subject"]["S"],
        account_id=OwnerId(item["account_id"]["S"]),
        linked_at=datetime.fromisoformat(item["linked_at"]["S"]),
    )
