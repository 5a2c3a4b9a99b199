"""Invitations and members in DynamoDB: table `shares`.

invitation  pk `<owner>#invitations`    sk `<album>#<id>`       invitation (S, JSON), taken_by (S); expires
secret      pk `secret#<hash>`          sk `invitation`         owner_id, album_id, invitation_id (S); expires
member      pk `<owner>#members`        sk `<album>#<account>`  member (S, JSON)
membership  pk `<account>#memberships`  sk `<album>`            member (S, JSON): the same, written with it

What expires does so by `expires_at`, a day after the invitation has run out.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from heliograph.photos import OwnerId
from heliograph_metadata.domain.sharing import Invitation, Member
from heliograph_metadata.dynamodb.values import Item, answering, number, query_pages, text

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_INVITATION: Final = TypeAdapter(Invitation)
_MEMBER: Final = TypeAdapter(Member)
_OUTLIVES: Final = timedelta(days=1)


class DynamoMemberStore:
    """A `MemberStore` over the table `shares`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def invite(self, invitation: Invitation) -> None:
        """See `MemberStore.invite`."""
        expiry = {"expires_at": number(int((invitation.ends_at + _OUTLIVES).timestamp()))}
        said = {"invitation": text(_INVITATION.dump_json(invitation, exclude={"taken_by"}).decode())}
        named = {
            "owner_id": text(invitation.owner_id),
            "album_id": text(invitation.album_id),
            "invitation_id": text(invitation.invitation_id),
        }
        new = {"TableName": self._table, "ConditionExpression": "attribute_not_exists(pk)"}
        actions: list[Any] = [
            {"Put": new | {"Item": _invitation_key(invitation) | said | expiry}},
            {"Put": new | {"Item": _secret_key(invitation) | named | expiry}},
        ]
        with answering():
            await self._client.transact_write_items(TransactItems=actions)

    async def invitation(self, secret_hash: str) -> Invitation | None:
        """See `MemberStore.invitation`."""
        named = await self._get({"pk": text(f"secret#{secret_hash}"), "sk": text("invitation")})
        if named is None:
            return None
        owner_id, album_id, invitation_id = (named[name]["S"] for name in ("owner_id", "album_id", "invitation_id"))
        item = await self._get({"pk": text(f"{owner_id}#invitations"), "sk": text(f"{album_id}#{invitation_id}")})
        return _invitation(item) if item else None

    async def invitations(self, owner_id: OwnerId, album_id: str) -> Sequence[Invitation]:
        """See `MemberStore.invitations`."""
        found = [_invitation(item) for item in await self._items(f"{owner_id}#invitations", f"{album_id}#")]
        return sorted(found, key=lambda one: (one.created_at, one.invitation_id))

    async def take_back(self, invitation: Invitation) -> None:
        """See `MemberStore.take_back`."""
        await self._transact([self._deletion(_secret_key(invitation)), self._deletion(_invitation_key(invitation))])

    async def join(self, invitation: Invitation, member: Member) -> bool:
        """See `MemberStore.join`."""
        taking = {
            "TableName": self._table,
            "Key": _invitation_key(invitation),
            "UpdateExpression": "SET taken_by = :account",
            "ConditionExpression": "attribute_exists(pk) AND attribute_not_exists(taken_by)",
            "ExpressionAttributeValues": {":account": text(member.account_id)},
        }
        puts = [{"Put": {"TableName": self._table, "Item": item}} for item in _member_items(member)]
        return await self._transact([{"Update": taking}, *puts])

    async def member(self, account_id: OwnerId, album_id: str) -> Member | None:
        """See `MemberStore.member`."""
        item = await self._get({"pk": text(f"{account_id}#memberships"), "sk": text(album_id)})
        return _member(item) if item else None

    async def members(self, owner_id: OwnerId, album_id: str | None = None) -> Sequence[Member]:
        """See `MemberStore.members`."""
        return _in_turn(await self._items(f"{owner_id}#members", f"{album_id}#" if album_id else None))

    async def memberships(self, account_id: OwnerId) -> Sequence[Member]:
        """See `MemberStore.memberships`."""
        return _in_turn(await self._items(f"{account_id}#memberships", None))

    async def replace(self, member: Member, *, stored: Member) -> bool:
        """See `MemberStore.replace`."""
        there = {
            "TableName": self._table,
            "ConditionExpression": "#member = :stored",
            "ExpressionAttributeNames": {"#member": "member"},
            "ExpressionAttributeValues": {":stored": text(_MEMBER.dump_json(stored).decode())},
        }
        return await self._transact([{"Put": there | {"Item": item}} for item in _member_items(member)])

    async def remove(self, member: Member) -> None:
        """See `MemberStore.remove`."""
        keys = [{"pk": item["pk"], "sk": item["sk"]} for item in _member_items(member)]
        await self._transact([self._deletion(key) for key in keys])

    def _deletion(self, key: Item) -> dict[str, Any]:
        return {"Delete": {"TableName": self._table, "Key": key}}

    async def _transact(self, actions: list[Any]) -> bool:
        """Do all of it, or return False where a condition does not hold."""
        with answering():
            try:
                await self._client.transact_write_items(TransactItems=actions)
            except self._client.exceptions.TransactionCanceledException as error:
                reasons: list[Any] = error.response.get("CancellationReasons", [])
                if any(reason.get("Code") == "ConditionalCheckFailed" for reason in reasons):
                    return False
                raise
        return True

    async def _items(self, pk: str, prefix: str | None) -> list[Item]:
        condition, values = "pk = :pk", {":pk": text(pk)}
        if prefix is not None:
            condition, values = f"{condition} AND begins_with(sk, :prefix)", values | {":prefix": text(prefix)}
        found: list[Item] = []
        with answering():
            async for page in query_pages(
                self._client,
                TableName=self._table,
                KeyConditionExpression=condition,
                ExpressionAttributeValues=values,
                ConsistentRead=True,
            ):
                found += page["Items"]
        return found

    async def _get(self, key: Item) -> Item | None:
        with answering():
            response = await self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        item: Item | None = response.get("Item")
        return item


def _invitation_key(invitation: Invitation) -> Item:
    return {
        "pk": text(f"{invitation.owner_id}#invitations"),
        "sk": text(f"{invitation.album_id}#{invitation.invitation_id}"),
    }


def _secret_key(invitation: Invitation) -> Item:
    return {"pk": text(f"secret#{invitation.secret_hash}"), "sk": text("invitation")}


def _invitation(item: Item) -> Invitation:
    taken_by = item.get("taken_by")
    return replace(
        _INVITATION.validate_json(item["invitation"]["S"]), taken_by=OwnerId(taken_by["S"]) if taken_by else None
    )


def _member_items(member: Member) -> list[Item]:
    said = {"member": text(_MEMBER.dump_json(member).decode())}
    return [
        {"pk": text(f"{member.owner_id}#members"), "sk": text(f"{member.album_id}#{member.account_id}")} | said,
        {"pk": text(f"{member.account_id}#memberships"), "sk": text(member.album_id)} | said,
    ]


def _member(item: Item) -> Member:
    return _MEMBER.validate_json(item["member"]["S"])


def _in_turn(items: Sequence[Item]) -> list[Member]:
    return sorted(map(_member, items), key=lambda member: (member.joined_at, member.album_id, member.account_id))
