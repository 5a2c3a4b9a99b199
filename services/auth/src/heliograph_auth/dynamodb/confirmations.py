"""What links in mails stand for, in DynamoDB, under the hashes of their secrets."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from heliograph.photos import OwnerId
from heliograph_auth.domain.confirmations import Confirmation, Purpose
from heliograph_auth.dynamodb.table import Item, key_of, unavailable_where_dynamodb_is

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient


class DynamoConfirmationStore:
    """A `ConfirmationStore` over DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def keep(self, digest: str, confirmation: Confirmation) -> None:
        """See `ConfirmationStore.keep`."""
        async with unavailable_where_dynamodb_is():
            await self._client.put_item(TableName=self._table, Item=_item(digest, confirmation))

    async def get(self, digest: str) -> Confirmation | None:
        """See `ConfirmationStore.get`."""
        async with unavailable_where_dynamodb_is():
            response = await self._client.get_item(
                TableName=self._table, Key=key_of("link", digest), ConsistentRead=True
            )
        item = response.get("Item")
        return _confirmation(item) if item else None

    async def remove(self, digest: str) -> None:
        """See `ConfirmationStore.remove`."""
        async with unavailable_where_dynamodb_is():
            await self._client.delete_item(TableName=self._table, Key=key_of("link", digest))


def _item(digest: str, confirmation: Confirmation) -> Item:
    account = {"account_id": {"S": confirmation.account_id}} if confirmation.account_id else {}
    return key_of("link", digest) | {
        "purpose": {"S": confirmation.purpose},
        "email": {"S": confirmation.email},
        "generation": {"N": str(confirmation.generation)},
        "name": {"S": confirmation.name},
        "password_hash": {"S": confirmation.password_hash},
        "invitation": {"S": confirmation.invitation},
        "former_email": {"S": confirmation.former_email},
        "expires_at": {"N": str(int(confirmation.expires_at.timestamp()))},  # whole seconds, as DynamoDB's TTL wants it
        **account,
    }


def _confirmation(item: Item) -> Confirmation:
    return Confirmation(
        purpose=Purpose(item["purpose"]["S"]),
        email=item["email"]["S"],
        expires_at=datetime.fromtimestamp(int(item["expires_at"]["N"]), UTC),
        account_id=OwnerId(item["account_id"]["S"]) if "account_id" in item else None,
        generation=int(item["generation"]["N"]),
        name=item["name"]["S"],
        password_hash=item["password_hash"]["S"],
        invitation=item["invitation"]["S"],
        former_email=item.get("former_email", {"S": ""})["S"],
    )
