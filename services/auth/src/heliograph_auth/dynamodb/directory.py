"""All accounts, by a Scan of the table `accounts`: for administrators, who ask seldom."""

from typing import TYPE_CHECKING, Any

from heliograph.errors import UnavailableError
from heliograph.identity.access import account_key
from heliograph_auth.domain.accounts import Account
from heliograph_auth.dynamodb.accounts import account_of, same_generation
from heliograph_auth.dynamodb.table import key_of, reasons_of, unavailable_where_dynamodb_is
from heliograph_auth.service.administration import AccountsPage

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_READ_TOGETHER = 1_000


class DynamoAccountDirectory:
    """An `AccountDirectory` over DynamoDB."""

    def __init__(self, client: "DynamoDBClient", *, table: str, access_table: str) -> None:
        self._client = client
        self._table = table
        self._access_table = access_table

    async def page(self, *, after: str | None, limit: int) -> AccountsPage:
        """See `AccountDirectory.page`."""
        found: list[Account] = []
        request: dict[str, Any] = {
            "TableName": self._table,
            "FilterExpression": "sk = :account",
            "ExpressionAttributeValues": {":account": {"S": "account"}},
            "Limit": _READ_TOGETHER,
        }
        if after:
            request["ExclusiveStartKey"] = key_of("account", after)
        while True:
            async with unavailable_where_dynamodb_is():
                page: Any = await self._client.scan(**request)
            found += [account_of(item) for item in page["Items"]]
            if len(found) > limit:
                return AccountsPage(found[:limit], found[limit - 1].account_id)
            if not (last := page.get("LastEvaluatedKey")):
                return AccountsPage(found, None)
            request["ExclusiveStartKey"] = last

    async def close(self, account: Account) -> bool:
        """See `AccountDirectory.close`: both tables change together, or none does."""
        generation = {":next": {"N": str(account.generation + 1)}, ":yes": {"BOOL": True}}
        return await self._change(account, "SET closed = :yes, generation = :next", generation)

    async def reopen(self, account: Account) -> bool:
        """See `AccountDirectory.reopen`."""
        return await self._change(account, "REMOVE closed", {})

    async def appoint(self, account: Account, *, is_admin: bool) -> None:
        """See `AccountDirectory.appoint`."""
        async with unavailable_where_dynamodb_is():
            await self._client.update_item(
                TableName=self._table,
                Key=key_of("account", account.account_id),
                UpdateExpression="SET is_admin = :is_admin",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues={":is_admin": {"BOOL": is_admin}},
            )

    async def _change(self, account: Account, expression: str, values: dict[str, Any]) -> bool:
        same = {":hash": {"S": account.password_hash}, ":now": {"N": str(account.generation)}}
        kept: Any = {"ExpressionAttributeValues": values} if values else {}
        actions: list[Any] = [
            {
                "Update": {
                    "TableName": self._table,
                    "Key": key_of("account", account.account_id),
                    "UpdateExpression": expression,
                    "ConditionExpression": f"password_hash = :hash AND {same_generation(account)}",
                    "ExpressionAttributeValues": values | same,
                }
            },
            {
                "Update": {
                    "TableName": self._access_table,
                    "Key": account_key(account.account_id),
                    "UpdateExpression": expression,
                    **kept,
                }
            },
        ]
        try:
            async with unavailable_where_dynamodb_is():
                await self._client.transact_write_items(TransactItems=actions)
        except self._client.exceptions.TransactionCanceledException as error:
            if "ConditionalCheckFailed" in reasons_of(error):
                return False
            raise UnavailableError("The account is being changed right now; try again.") from error
        return True
