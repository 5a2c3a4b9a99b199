"""Passkeys in DynamoDB."""

from datetime import datetime
from typing import TYPE_CHECKING

from heliograph.photos import OwnerId
from heliograph_auth.domain.passkeys import Passkey
from heliograph_auth.dynamodb.table import Item, key_of, unavailable_where_dynamodb_is

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient


class DynamoPasskeyStore:
    """A `PasskeyStore` over DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def add(self, passkey: Passkey) -> bool:
        """See `PasskeyStore.add`."""
        try:
            async with unavailable_where_dynamodb_is():
                await self._client.put_item(
                    TableName=self._table, Item=_item(passkey), ConditionExpression="attribute_not_exists(pk)"
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    async def get(self, passkey_id: str) -> Passkey | None:
        """See `PasskeyStore.get`."""
        async with unavailable_where_dynamodb_is():
            response = await self._client.get_item(
                TableName=self._table, Key=key_of("passkey", passkey_id), ConsistentRead=True
            )
        item = response.get("Item")
        return _passkey(item) if item else None

    async def of_account(self, account_id: OwnerId) -> list[Passkey]:
        """See `PasskeyStore.of_account`."""
        found: list[Passkey] = []
        async with unavailable_where_dynamodb_is():
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                IndexName="by-account",
                KeyConditionExpression="account_id = :account AND begins_with(pk, :passkey)",
                ExpressionAttributeValues={":account": {"S": account_id}, ":passkey": {"S": "passkey#"}},
            )
            async for page in pages:
                found += [_passkey(item) for item in page["Items"]]
        return found

    async def replace(self, passkey: Passkey, *, expected: Passkey) -> bool:
        """See `PasskeyStore.replace`."""
        try:
            async with unavailable_where_dynamodb_is():
                await self._client.put_item(
                    TableName=self._table,
                    Item=_item(passkey),
                    ConditionExpression="sign_count = :count AND last_used_at = :last",
                    ExpressionAttributeValues={
                        ":count": {"N": str(expected.sign_count)},
                        ":last": {"S": _text(expected.last_used_at)},
                    },
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    async def remove(self, passkey_id: str) -> None:
        """See `PasskeyStore.remove`."""
        async with unavailable_where_dynamodb_is():
            await self._client.delete_item(TableName=self._table, Key=key_of("passkey", passkey_id))


def _item(passkey: Passkey) -> Item:
    return key_of("passkey", passkey.passkey_id) | {
        "account_id": {"S": passkey.account_id},
        "credential_id": {"S": passkey.credential_id},
        "public_key": {"B": passkey.public_key},
        "sign_count": {"N": str(passkey.sign_count)},
        "name": {"S": passkey.name},
        "created_at": {"S": passkey.created_at.isoformat()},
        "last_used_at": {"S": _text(passkey.last_used_at)},
    }


def _passkey(item: Item) -> Passkey:
    last = item["last_used_at"]["S"]
    return Passkey(
        credential_id=item["credential_id"]["S"],
        account_id=OwnerId(item["account_id"]["S"]),
        public_key=bytes(item["public_key"]["B"]),
        sign_count=int(item["sign_count"]["N"]),
        name=item["name"]["S"],
        created_at=datetime.fromisoformat(item["created_at"]["S"]),
        last_used_at=datetime.fromisoformat(last) if last else None,
    )


def _text(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
