"""Challenges in DynamoDB; its TTL clears those that nobody has come back with."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from heliograph.photos import OwnerId
from heliograph_auth.domain.challenges import Challenge, Purpose
from heliograph_auth.dynamodb.table import Item, key_of, unavailable_where_dynamodb_is

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient


class DynamoChallengeStore:
    """A `ChallengeStore` over DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def keep(self, challenge: Challenge) -> None:
        """See `ChallengeStore.keep`."""
        owner = {"account_id": {"S": challenge.account_id}} if challenge.account_id else {}
        item = key_of("challenge", challenge.digest) | {
            "purpose": {"S": challenge.purpose},
            "expires_at": {"N": str(int(challenge.expires_at.timestamp()))},
            "until": {"S": challenge.expires_at.isoformat()},
            "generation": {"N": str(challenge.generation)},
            "notes": {"S": json.dumps(dict(challenge.notes))},
            **owner,
        }
        async with unavailable_where_dynamodb_is():
            await self._client.put_item(TableName=self._table, Item=item)

    async def get(self, digest: str) -> Challenge | None:
        """See `ChallengeStore.get`."""
        async with unavailable_where_dynamodb_is():
            response = await self._client.get_item(
                TableName=self._table, Key=key_of("challenge", digest), ConsistentRead=True
            )
        item = response.get("Item")
        return _challenge(item) if item else None

    async def take(self, digest: str) -> Challenge | None:
        """See `ChallengeStore.take`."""
        async with unavailable_where_dynamodb_is():
            response = await self._client.delete_item(
                TableName=self._table, Key=key_of("challenge", digest), ReturnValues="ALL_OLD"
            )
        item = response.get("Attributes")
        return _challenge(item) if item else None


def _challenge(item: Item) -> Challenge:
    return Challenge(
        digest=item["pk"]["S"].removeprefix("challenge#"),
        purpose=Purpose(item["purpose"]["S"]),
        expires_at=datetime.fromisoformat(item["until"]["S"]).astimezone(UTC),
        account_id=OwnerId(item["account_id"]["S"]) if "account_id" in item else None,
        generation=int(item["generation"]["N"]),
        notes=json.loads(item["notes"]["S"]),
    )
