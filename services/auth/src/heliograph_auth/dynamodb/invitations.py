"""Invitations to register in the table `accounts`; DynamoDB's TTL clears them some time after they have run out."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from heliograph.photos import OwnerId
from heliograph_auth.domain.accounts import Account, email_key
from heliograph_auth.domain.invitations import Invitation
from heliograph_auth.dynamodb.table import Item, key_of, unavailable_where_dynamodb_is

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_KIND = "invitation"


class DynamoInvitationStore:
    """An `InvitationStore` over DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def add(self, invitation: Invitation) -> None:
        """See `InvitationStore.add`."""
        item = key_of(_KIND, invitation.digest) | {
            "account_id": {"S": invitation.made_by},
            "note": {"S": invitation.note},
            "email": {"S": invitation.email},
            "created_at": {"S": invitation.created_at.isoformat()},
            "expires_at": {"N": str(int(invitation.ends_at.timestamp()))},
        }
        if invitation.email:
            item["email_key"] = {"S": email_key(invitation.email)}
        async with unavailable_where_dynamodb_is():
            await self._client.put_item(TableName=self._table, Item=item)

    async def made_by(self, account_id: OwnerId) -> list[Invitation]:
        """See `InvitationStore.made_by`."""
        found: list[Invitation] = []
        async with unavailable_where_dynamodb_is():
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                IndexName="by-account",
                KeyConditionExpression="account_id = :account AND begins_with(pk, :kind)",
                ExpressionAttributeValues={":account": {"S": account_id}, ":kind": {"S": f"{_KIND}#"}},
            )
            async for page in pages:
                found += [invitation_of(item) for item in page["Items"]]
        return found

    async def all(self) -> list[Invitation]:
        """See `InvitationStore.all`: a Scan, as the list of accounts is."""
        found: list[Invitation] = []
        async with unavailable_where_dynamodb_is():
            pages = self._client.get_paginator("scan").paginate(
                TableName=self._table,
                FilterExpression="sk = :kind",
                ExpressionAttributeValues={":kind": {"S": _KIND}},
                ConsistentRead=True,
            )
            async for page in pages:
                found += [invitation_of(item) for item in page["Items"]]
        return found

    async def remove(self, digest: str) -> Invitation | None:
        """See `InvitationStore.remove`."""
        async with unavailable_where_dynamodb_is():
            response = await self._client.delete_item(
                TableName=self._table, Key=key_of(_KIND, digest), ReturnValues="ALL_OLD"
            )
        item = response.get("Attributes")
        return invitation_of(item) if item else None


def used_up(table: str, invitation: Invitation, account: Account) -> dict[str, Any]:
    """Return the part of a transaction that uses up an invitation, on condition that it is good for an account."""
    return {
        "Delete": {
            "TableName": table,
            "Key": key_of(_KIND, invitation.digest),
            "ConditionExpression": "account_id = :maker AND expires_at > :now "
            "AND (attribute_not_exists(email_key) OR email_key = :email)",
            "ExpressionAttributeValues": {
                ":maker": {"S": invitation.made_by},
                ":now": {"N": str(int(account.created_at.timestamp()))},
                ":email": {"S": email_key(account.email)},
            },
        }
    }


def still_admin(table: str, account_id: OwnerId) -> dict[str, Any]:
    """Return the part of a transaction that fails unless somebody is an administrator, and not closed.

    It is an update that changes nothing, since auth may do that and needs no right for it beyond those that it has.
    """
    return {
        "Update": {
            "TableName": table,
            "Key": key_of("account", account_id),
            "UpdateExpression": "SET is_admin = :yes",
            "ConditionExpression": "is_admin = :yes AND attribute_not_exists(closed)",
            "ExpressionAttributeValues": {":yes": {"BOOL": True}},
        }
    }


def invitation_of(item: Item) -> Invitation:
    """Return the invitation that an item holds."""
    return Invitation(
        digest=item["pk"]["S"].removeprefix(f"{_KIND}#"),
        made_by=OwnerId(item["account_id"]["S"]),
        note=item["note"]["S"],
        email=item["email"]["S"],
        created_at=datetime.fromisoformat(item["created_at"]["S"]),
        ends_at=datetime.fromtimestamp(int(item["expires_at"]["N"]), UTC),
    )
