"""Sessions in DynamoDB; one that ends is told to every service by an item in `access`."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from heliograph.errors import UnavailableError
from heliograph.identity.access import session_key
from heliograph.identity.tokens import LONGEST_LIFE_SECONDS
from heliograph.photos import OwnerId
from heliograph_auth.domain.accounts import utc_now
from heliograph_auth.domain.sessions import Session
from heliograph_auth.dynamodb.table import Item, key_of, unavailable_where_dynamodb_is

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_TOLD_FOR = timedelta(seconds=2 * LONGEST_LIFE_SECONDS)
"""Longer than any access token lives."""


class DynamoSessionStore:
    """A `SessionStore` over DynamoDB."""

    def __init__(self, client: "DynamoDBClient", *, table: str, access_table: str) -> None:
        self._client = client
        self._table = table
        self._access_table = access_table

    async def begin(self, session: Session) -> None:
        """See `SessionStore.begin`."""
        async with unavailable_where_dynamodb_is():
            await self._client.put_item(TableName=self._table, Item=_session_item(session))

    async def get(self, session_id: str) -> Session | None:
        """See `SessionStore.get`."""
        async with unavailable_where_dynamodb_is():
            response = await self._client.get_item(
                TableName=self._table, Key=key_of("session", session_id), ConsistentRead=True
            )
        item = response.get("Item")
        return _session(item) if item else None

    async def of_account(self, account_id: OwnerId) -> list[Session]:
        """See `SessionStore.of_account`."""
        found: list[Session] = []
        async with unavailable_where_dynamodb_is():
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                IndexName="by-account",
                KeyConditionExpression="account_id = :account AND begins_with(pk, :session)",
                ExpressionAttributeValues={":account": {"S": account_id}, ":session": {"S": "session#"}},
            )
            async for page in pages:
                found += [_session(item) for item in page["Items"]]
        return found

    async def rotate(self, session: Session, *, expected_digest: str) -> bool:
        """See `SessionStore.rotate`."""
        try:
            async with unavailable_where_dynamodb_is():
                await self._client.put_item(
                    TableName=self._table,
                    Item=_session_item(session),
                    ConditionExpression="current_digest = :expected",
                    ExpressionAttributeValues={":expected": {"S": expected_digest}},
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    async def end(self, session_id: str) -> None:
        """See `SessionStore.end`: both tables change together, or none does."""
        told_until = int((utc_now() + _TOLD_FOR).timestamp())
        try:
            async with unavailable_where_dynamodb_is():
                await self._client.transact_write_items(
                    TransactItems=[
                        {"Delete": {"TableName": self._table, "Key": key_of("session", session_id)}},
                        {
                            "Put": {
                                "TableName": self._access_table,
                                "Item": session_key(session_id) | {"expires_at": {"N": str(told_until)}},
                            }
                        },
                    ]
                )
        except self._client.exceptions.TransactionCanceledException as error:
            raise UnavailableError("The session is in use right now; try again.") from error


def _session_item(session: Session) -> Item:
    return key_of("session", session.session_id) | {
        "account_id": {"S": session.account_id},
        "current_digest": {"S": session.current_digest},
        "previous_digest": {"S": session.previous_digest},
        "rotated_at": {"S": session.rotated_at.isoformat()},
        "expires_at": {"N": str(int(session.expires_at.timestamp()))},  # whole seconds, as DynamoDB's TTL wants it
        "started_at": {"S": session.started_at.isoformat()},
        "device": {"S": session.device},
        "address": {"S": session.address},
        "generation": {"N": str(session.generation)},
    }


def _session(item: Item) -> Session:
    """Return the session of an item; sessions of before there was a list of them lack what only that shows."""
    rotated_at = item["rotated_at"]["S"]
    return Session(
        session_id=item["pk"]["S"].removeprefix("session#"),
        account_id=OwnerId(item["account_id"]["S"]),
        current_digest=item["current_digest"]["S"],
        previous_digest=item["previous_digest"]["S"],
        rotated_at=datetime.fromisoformat(rotated_at),
        expires_at=datetime.fromtimestamp(int(item["expires_at"]["N"]), UTC),
        started_at=datetime.fromisoformat(item["started_at"]["S"] if "started_at" in item else rotated_at),
        device=item.get("device", {"S": ""})["S"],
        address=item.get("address", {"S": ""})["S"],
        generation=int(item.get("generation", {"N": "0"})["N"]),
    )
