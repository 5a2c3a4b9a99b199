"""Accounts taken out of the tables `accounts`, `access` and `audit`.

Whatever has an `account_id` in `accounts` is found by the index `by-account`, whatever kind it is of.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from heliograph.departures import departure_item
from heliograph.errors import UnavailableError
from heliograph.identity.access import account_key, api_key_key
from heliograph.identity.api_keys import use_key
from heliograph.photos import OwnerId
from heliograph_auth.domain.accounts import Account, email_key
from heliograph_auth.dynamodb.table import Item, key_of, reasons_of, unavailable_where_dynamodb_is

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_TOGETHER: Final = 25
"""Source: BatchWriteItem in the Amazon DynamoDB API reference."""
_ROUNDS: Final = 8
_API_KEY: Final = "key#"
_GONE_ALREADY: Final = ("account#", "email#")
"""What `begin` has removed: the index may still know of an address that somebody else has taken since."""


class DynamoAccountRemoval:
    """An `AccountRemoval` over DynamoDB."""

    def __init__(
        self, client: "DynamoDBClient", *, table: str, access_table: str, audit_table: str, departures_table: str
    ) -> None:
        self._client = client
        self._table = table
        self._access_table = access_table
        self._audit_table = audit_table
        self._departures_table = departures_table

    async def begin(self, account: Account, *, at: datetime) -> bool:
        """See `AccountRemoval.begin`: one transaction over three tables."""
        closing = {
            "TableName": self._access_table,
            "Key": account_key(account.account_id),
            "UpdateExpression": "SET closed = :yes, generation = :next",
            "ExpressionAttributeValues": {":yes": {"BOOL": True}, ":next": {"N": str(account.generation + 1)}},
        }
        same = {
            "ConditionExpression": "password_hash = :hash AND email = :email",
            "ExpressionAttributeValues": {":hash": {"S": account.password_hash}, ":email": {"S": account.email}},
        }
        address = {
            "ConditionExpression": "attribute_not_exists(pk) OR account_id = :account",
            "ExpressionAttributeValues": {":account": {"S": account.account_id}},
        }
        actions: list[Any] = [
            {"Delete": {"TableName": self._table, "Key": key_of("account", account.account_id)} | same},
            {"Delete": {"TableName": self._table, "Key": key_of("email", email_key(account.email))} | address},
            {"Update": closing},
            {"Put": {"TableName": self._departures_table, "Item": departure_item(account.account_id, at)}},
        ]
        try:
            async with unavailable_where_dynamodb_is():
                await self._client.transact_write_items(TransactItems=actions)
        except self._client.exceptions.TransactionCanceledException as error:
            if "ConditionalCheckFailed" in reasons_of(error):
                return False
            raise UnavailableError("The account is being changed right now; try again.") from error
        return True

    async def remove_rest(self, account_id: OwnerId) -> None:
        """See `AccountRemoval.remove_rest`; the index may not know yet of what was written a moment ago."""
        async for items in self._pages(
            TableName=self._table,
            IndexName="by-account",
            KeyConditionExpression="account_id = :account",
            ExpressionAttributeValues={":account": {"S": account_id}},
        ):
            key_ids = [pk.removeprefix(_API_KEY) for item in items if (pk := item["pk"]["S"]).startswith(_API_KEY)]
            await self._delete(self._access_table, [api_key_key(key_id) for key_id in key_ids])
            await self._delete(self._audit_table, [use_key(key_id) for key_id in key_ids])
            rest = [item for item in items if not item["pk"]["S"].startswith(_GONE_ALREADY)]
            await self._delete(self._table, [{"pk": item["pk"], "sk": item["sk"]} for item in rest])
        async for events in self._pages(
            TableName=self._audit_table,
            KeyConditionExpression="owner_id = :owner",
            ExpressionAttributeValues={":owner": {"S": account_id}},
            ExpressionAttributeNames={"#event": "event"},
            ProjectionExpression="owner_id, #event",
        ):
            await self._delete(self._audit_table, events)

    async def end(self, account_id: OwnerId) -> None:
        """See `AccountRemoval.end`."""
        async with unavailable_where_dynamodb_is():
            await self._client.delete_item(TableName=self._access_table, Key=account_key(account_id))

    async def _pages(self, **query: Any) -> AsyncIterator[list[Item]]:
        while True:
            async with unavailable_where_dynamodb_is():
                page: Any = await self._client.query(**query)
            yield page["Items"]
            if not (last := page.get("LastEvaluatedKey")):
                return
            query["ExclusiveStartKey"] = last

    async def _delete(self, table: str, keys: Sequence[Item]) -> None:
        for start in range(0, len(keys), _TOGETHER):
            left: Any = {table: [{"DeleteRequest": {"Key": key}} for key in keys[start : start + _TOGETHER]]}
            for _ in range(_ROUNDS):
                async with unavailable_where_dynamodb_is():
                    left = (await self._client.batch_write_item(RequestItems=left)).get("UnprocessedItems")
                if not left:
                    break
            else:
                raise UnavailableError(f"table {table}: it takes no more writes")
