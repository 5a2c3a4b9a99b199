"""Accounts and sessions in the DynamoDB table `accounts`.

| pk | sk | what |
| --- | --- | --- |
| account#<account_id> | account | the account |
| email#<email_key> | email | whose address this is; its existence is what makes addresses unique |
| session#<session_id> | session | a session; DynamoDB's TTL clears it some time after `expires_at` |
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId
from heliograph_auth.domain import Account, Session, email_key

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

Item = dict[str, Any]


def _key(kind: str, identifier: str) -> Item:
    return {"pk": {"S": f"{kind}#{identifier}"}, "sk": {"S": kind}}


class DynamoAccountStore:
    """An `AccountStore` over DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def create(self, account: Account) -> bool:
        """See `AccountStore.create`."""
        claim = _key("email", email_key(account.email)) | {"account_id": {"S": account.account_id}}
        unclaimed = "attribute_not_exists(pk)"
        try:
            async with _unavailable_where_dynamodb_is():
                await self._client.transact_write_items(
                    TransactItems=[
                        {"Put": {"TableName": self._table, "Item": claim, "ConditionExpression": unclaimed}},
                        {
                            "Put": {
                                "TableName": self._table,
                                "Item": _account_item(account),
                                "ConditionExpression": unclaimed,
                            }
                        },
                    ]
                )
        except self._client.exceptions.TransactionCanceledException as error:
            if "ConditionalCheckFailed" in _reasons(error):
                return False
            raise UnavailableError("Somebody is registering with this address right now; try again.") from error
        return True

    async def get(self, account_id: OwnerId) -> Account | None:
        """See `AccountStore.get`."""
        item = await self._item(_key("account", account_id))
        return _account(item) if item else None

    async def with_email(self, key: str) -> Account | None:
        """See `AccountStore.with_email`."""
        claim = await self._item(_key("email", key))
        return await self.get(OwnerId(claim["account_id"]["S"])) if claim else None

    async def rename(self, account_id: OwnerId, name: str) -> Account | None:
        """See `AccountStore.rename`."""
        try:
            async with _unavailable_where_dynamodb_is():
                response = await self._client.update_item(
                    TableName=self._table,
                    Key=_key("account", account_id),
                    UpdateExpression="SET #name = :name",
                    ConditionExpression="attribute_exists(pk)",
                    ExpressionAttributeNames={"#name": "name"},
                    ExpressionAttributeValues={":name": {"S": name}},
                    ReturnValues="ALL_NEW",
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return _account(response["Attributes"])

    async def begin_session(self, session: Session) -> None:
        """See `AccountStore.begin_session`."""
        async with _unavailable_where_dynamodb_is():
            await self._client.put_item(TableName=self._table, Item=_session_item(session))

    async def session(self, session_id: str) -> Session | None:
        """See `AccountStore.session`."""
        item = await self._item(_key("session", session_id))
        return _session(session_id, item) if item else None

    async def rotate_session(self, session: Session, *, expected_digest: str) -> bool:
        """See `AccountStore.rotate_session`."""
        try:
            async with _unavailable_where_dynamodb_is():
                await self._client.put_item(
                    TableName=self._table,
                    Item=_session_item(session),
                    ConditionExpression="current_digest = :expected",
                    ExpressionAttributeValues={":expected": {"S": expected_digest}},
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    async def end_session(self, session_id: str) -> None:
        """See `AccountStore.end_session`."""
        async with _unavailable_where_dynamodb_is():
            await self._client.delete_item(TableName=self._table, Key=_key("session", session_id))

    async def check(self) -> str:
        """Say that the table answers; raise `UnavailableError` where it does not."""
        await self._item(_key("account", "nobody"))
        return self._table

    async def _item(self, key: Item) -> Item | None:
        async with _unavailable_where_dynamodb_is():
            response = await self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return response.get("Item")


@asynccontextmanager
async def _unavailable_where_dynamodb_is() -> AsyncIterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in {"ConditionalCheckFailedException", "TransactionCanceledException"}:
            raise
        raise UnavailableError(f"table of accounts: {error}") from error
    except BotoCoreError as error:
        raise UnavailableError(f"table of accounts: {error}") from error


def _reasons(error: ClientError) -> set[str]:
    reasons: list[dict[str, str]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]
    return {reason["Code"] for reason in reasons}


def _account_item(account: Account) -> Item:
    return _key("account", account.account_id) | {
        "account_id": {"S": account.account_id},
        "email": {"S": account.email},
        "name": {"S": account.name},
        "password_hash": {"S": account.password_hash},
        "created_at": {"S": account.created_at.isoformat()},
    }


def _account(item: Item) -> Account:
    return Account(
        account_id=OwnerId(item["account_id"]["S"]),
        email=item["email"]["S"],
        name=item["name"]["S"],
        password_hash=item["password_hash"]["S"],
        created_at=datetime.fromisoformat(item["created_at"]["S"]),
    )


def _session_item(session: Session) -> Item:
    return _key("session", session.session_id) | {
        "account_id": {"S": session.account_id},
        "current_digest": {"S": session.current_digest},
        "previous_digest": {"S": session.previous_digest},
        "rotated_at": {"S": session.rotated_at.isoformat()},
        "expires_at": {"N": str(int(session.expires_at.timestamp()))},  # whole seconds, as DynamoDB's TTL wants it
    }


def _session(session_id: str, item: Item) -> Session:
    return Session(
        session_id=session_id,
        account_id=OwnerId(item["account_id"]["S"]),
        current_digest=item["current_digest"]["S"],
        previous_digest=item["previous_digest"]["S"],
        rotated_at=datetime.fromisoformat(item["rotated_at"]["S"]),
        expires_at=datetime.fromtimestamp(int(item["expires_at"]["N"]), UTC),
    )
