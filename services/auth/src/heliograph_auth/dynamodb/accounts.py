"""Accounts and whose addresses are whose, in DynamoDB."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from heliograph.errors import UnavailableError
from heliograph.identity.access import account_key
from heliograph.photos import OwnerId
from heliograph_auth.domain.accounts import Account, email_key
from heliograph_auth.domain.errors import InvalidInvitationError
from heliograph_auth.domain.invitations import Invitation
from heliograph_auth.dynamodb.invitations import invitation_of, still_admin, used_up
from heliograph_auth.dynamodb.table import Item, key_of, reasons_of, unavailable_where_dynamodb_is

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_NOBODY = OwnerId("nobody")
_INVITATIONS_OWN = slice(2, None)
"""Where the actions on an invitation are in the transaction that makes an account."""


class DynamoAccountStore:
    """An `AccountStore` over DynamoDB."""

    def __init__(self, client: "DynamoDBClient", *, table: str, access_table: str) -> None:
        self._client = client
        self._table = table
        self._access_table = access_table

    async def create(self, account: Account, *, invitation: Invitation | None = None) -> bool:
        """See `AccountStore.create`: an invitation is used up, and its maker looked at, in the same transaction."""
        claim = key_of("email", email_key(account.email)) | {"account_id": {"S": account.account_id}}
        unclaimed = "attribute_not_exists(pk)"
        actions: list[Any] = [
            {"Put": {"TableName": self._table, "Item": item, "ConditionExpression": unclaimed}}
            for item in (claim, _account_item(account))
        ]
        if invitation:
            actions += [used_up(self._table, invitation, account), still_admin(self._table, invitation.made_by)]
        try:
            async with unavailable_where_dynamodb_is():
                await self._client.transact_write_items(TransactItems=actions)
        except self._client.exceptions.TransactionCanceledException as error:
            reasons: Any = error.response.get("CancellationReasons", [])
            if any(reason.get("Code") == "ConditionalCheckFailed" for reason in reasons[_INVITATIONS_OWN]):
                raise InvalidInvitationError from error
            if "ConditionalCheckFailed" in reasons_of(error):
                return False
            raise UnavailableError("Somebody is registering with this address right now; try again.") from error
        return True

    async def admits(self, invitation: str, account: Account) -> Invitation | None:
        """See `AccountStore.admits`."""
        item = await self._item(key_of("invitation", invitation))
        if item is None or not (found := invitation_of(item)).is_good_for(account):
            return None
        maker = await self.get(found.made_by)
        return found if maker and maker.is_admin and not maker.is_closed else None

    async def get(self, account_id: OwnerId) -> Account | None:
        """See `AccountStore.get`."""
        item = await self._item(key_of("account", account_id))
        return account_of(item) if item else None

    async def with_email(self, key: str) -> Account | None:
        """See `AccountStore.with_email`."""
        claim = await self._item(key_of("email", key))
        return await self.get(OwnerId(claim["account_id"]["S"]) if claim else _NOBODY)

    async def rename(self, account_id: OwnerId, name: str) -> Account | None:
        """See `AccountStore.rename`."""
        try:
            async with unavailable_where_dynamodb_is():
                response = await self._client.update_item(
                    TableName=self._table,
                    Key=key_of("account", account_id),
                    UpdateExpression="SET #name = :name",
                    ConditionExpression="attribute_exists(pk)",
                    ExpressionAttributeNames={"#name": "name"},
                    ExpressionAttributeValues={":name": {"S": name}},
                    ReturnValues="ALL_NEW",
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return account_of(response["Attributes"])

    async def verify_email(self, account_id: OwnerId, email: str, at: datetime) -> Account | None:
        """See `AccountStore.verify_email`."""
        try:
            async with unavailable_where_dynamodb_is():
                response = await self._client.update_item(
                    TableName=self._table,
                    Key=key_of("account", account_id),
                    UpdateExpression="SET email_verified_at = if_not_exists(email_verified_at, :at)",
                    ConditionExpression="email = :email",
                    ExpressionAttributeValues={":at": {"S": at.isoformat()}, ":email": {"S": email}},
                    ReturnValues="ALL_NEW",
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return account_of(response["Attributes"])

    async def change_email(self, account: Account, email: str, at: datetime) -> Account | None:
        """See `AccountStore.change_email`: what says whose an address is changes in the same transaction."""
        mine = {":account": {"S": account.account_id}}
        claim = key_of("email", email_key(email)) | {"account_id": {"S": account.account_id}}
        free_or_mine = "attribute_not_exists(pk) OR account_id = :account"
        actions: list[Any] = [
            {
                "Update": {
                    "TableName": self._table,
                    "Key": key_of("account", account.account_id),
                    "UpdateExpression": "SET email = :email, email_verified_at = :at",
                    "ConditionExpression": f"email = :former AND {same_generation(account)}",
                    "ExpressionAttributeValues": {
                        ":email": {"S": email},
                        ":at": {"S": at.isoformat()},
                        ":former": {"S": account.email},
                        ":now": {"N": str(account.generation)},
                    },
                }
            },
            {
                "Put": {
                    "TableName": self._table,
                    "Item": claim,
                    "ConditionExpression": free_or_mine,
                    "ExpressionAttributeValues": mine,
                }
            },
        ]
        if email_key(email) != email_key(account.email):
            former = {"TableName": self._table, "Key": key_of("email", email_key(account.email))}
            mine_alone = {"ConditionExpression": "account_id = :account", "ExpressionAttributeValues": mine}
            actions.append({"Delete": former | mine_alone})
        try:
            async with unavailable_where_dynamodb_is():
                await self._client.transact_write_items(TransactItems=actions)
        except self._client.exceptions.TransactionCanceledException as error:
            if "ConditionalCheckFailed" in reasons_of(error):
                return None
            raise UnavailableError("The account is being changed right now; try again.") from error
        return await self.get(account.account_id)

    async def rehash(self, account: Account, password_hash: str) -> bool:
        """See `AccountStore.rehash`."""
        try:
            async with unavailable_where_dynamodb_is():
                await self._client.update_item(
                    TableName=self._table,
                    Key=key_of("account", account.account_id),
                    UpdateExpression="SET password_hash = :new",
                    ConditionExpression="password_hash = :old",
                    ExpressionAttributeValues={":new": {"S": password_hash}, ":old": {"S": account.password_hash}},
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    async def change_password(self, account: Account, password_hash: str) -> Account | None:
        """See `AccountStore.change_password`: both tables change together, or none does."""
        generation = account.generation + 1
        try:
            async with unavailable_where_dynamodb_is():
                await self._client.transact_write_items(
                    TransactItems=[
                        {
                            "Update": {
                                "TableName": self._table,
                                "Key": key_of("account", account.account_id),
                                "UpdateExpression": "SET password_hash = :new, generation = :next",
                                "ConditionExpression": (
                                    f"password_hash = :old AND email = :email AND {same_generation(account)}"
                                ),
                                "ExpressionAttributeValues": {
                                    ":new": {"S": password_hash},
                                    ":old": {"S": account.password_hash},
                                    ":email": {"S": account.email},
                                    ":now": {"N": str(account.generation)},
                                    ":next": {"N": str(generation)},
                                },
                            }
                        },
                        {
                            "Update": {
                                "TableName": self._access_table,
                                "Key": account_key(account.account_id),
                                "UpdateExpression": "SET generation = :next",
                                "ExpressionAttributeValues": {":next": {"N": str(generation)}},
                            }
                        },
                    ]
                )
        except self._client.exceptions.TransactionCanceledException as error:
            if "ConditionalCheckFailed" in reasons_of(error):
                return None
            raise UnavailableError("The account is being changed right now; try again.") from error
        return await self.get(account.account_id)

    async def check(self) -> str:
        """Say that the table answers; raise `UnavailableError` where it does not."""
        await self._item(key_of("account", _NOBODY))
        return self._table

    async def _item(self, key: Item) -> Item | None:
        async with unavailable_where_dynamodb_is():
            response = await self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return response.get("Item")


def same_generation(account: Account) -> str:
    """Return a condition, with `:now`, that an account's item has the generation that was read of it.

    Two who raise it at once would else give it the same number, and what was given out in between would stay good.
    """
    same = "generation = :now"
    return f"({same} OR attribute_not_exists(generation))" if account.generation == 0 else same


def _account_item(account: Account) -> Item:
    verified = {"email_verified_at": {"S": account.email_verified_at.isoformat()}} if account.email_verified_at else {}
    return key_of("account", account.account_id) | {
        "account_id": {"S": account.account_id},
        "email": {"S": account.email},
        "name": {"S": account.name},
        "password_hash": {"S": account.password_hash},
        "created_at": {"S": account.created_at.isoformat()},
        "generation": {"N": str(account.generation)},
        **({"is_admin": {"BOOL": True}} if account.is_admin else {}),
        **verified,
    }


def account_of(item: Item) -> Account:
    """Return the account that an item holds."""
    return Account(
        account_id=OwnerId(item["account_id"]["S"]),
        email=item["email"]["S"],
        name=item["name"]["S"],
        password_hash=item["password_hash"]["S"],
        created_at=datetime.fromisoformat(item["created_at"]["S"]),
        generation=int(item.get("generation", {"N": "0"})["N"]),
        is_admin=bool(item.get("is_admin", {}).get("BOOL")),
        is_closed=bool(item.get("closed", {}).get("BOOL")),
        email_verified_at=datetime.fromisoformat(item["email_verified_at"]["S"])
        if "email_verified_at" in item
        else None,
    )
