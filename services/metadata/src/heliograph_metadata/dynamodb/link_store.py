"""Share links in DynamoDB: table `shares`.

link     pk `<owner>#links`    sk `<album>#<link id>`  link (S, JSON), version (N), views (N), last_viewed_at (S)
secret   pk `secret#<hash>`    sk `link`               owner_id, album_id, link_id (S)
visit    pk `visit#<hash>`     sk `visit`              visit (S, JSON); expires
tries    pk `tries#<of whom>`  sk `<window>`           tries (N); expires

Neither a secret nor a password is in it, only their hashes. What expires does so by `expires_at`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from heliograph.photos import OwnerId
from heliograph_metadata.domain.sharing import ShareLink, Visit
from heliograph_metadata.dynamodb.values import Item, answering, number, query_pages, text, timestamp

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_LINK: Final = TypeAdapter(ShareLink)
_VISIT: Final = TypeAdapter(Visit)
_COUNTED: Final = {"views", "last_viewed_at"}
_OUTLIVES: Final = timedelta(hours=1)
"""What has ended is kept a little longer, for clocks that differ."""


class DynamoLinkStore:
    """A `LinkStore` over the table `shares`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def create(self, link: ShareLink) -> None:
        """See `LinkStore.create`."""
        named = {"owner_id": text(link.owner_id), "album_id": text(link.album_id), "link_id": text(link.link_id)}
        new = {"TableName": self._table, "ConditionExpression": "attribute_not_exists(pk)"}
        actions: list[Any] = [
            {"Put": new | {"Item": _key(link.owner_id, link.album_id, link.link_id) | _said(link)}},
            {"Put": new | {"Item": _secret_key(link.secret_hash) | named}},
        ]
        with answering():
            await self._client.transact_write_items(TransactItems=actions)

    async def get(self, owner_id: OwnerId, album_id: str, link_id: str) -> ShareLink | None:
        """See `LinkStore.get`."""
        item = await self._get(_key(owner_id, album_id, link_id))
        return _link(item) if item else None

    async def by_secret(self, secret_hash: str) -> ShareLink | None:
        """See `LinkStore.by_secret`."""
        named = await self._get(_secret_key(secret_hash))
        if named is None:
            return None
        return await self.get(OwnerId(named["owner_id"]["S"]), named["album_id"]["S"], named["link_id"]["S"])

    async def of_album(self, owner_id: OwnerId, album_id: str) -> Sequence[ShareLink]:
        """See `LinkStore.of_album`."""
        found: list[ShareLink] = []
        with answering():
            async for page in query_pages(
                self._client,
                TableName=self._table,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :album)",
                ExpressionAttributeValues={":pk": text(f"{owner_id}#links"), ":album": text(f"{album_id}#")},
                ConsistentRead=True,
            ):
                found += [_link(item) for item in page["Items"]]
        return sorted(found, key=lambda link: (link.created_at, link.link_id))

    async def replace(self, link: ShareLink, *, stored: ShareLink) -> bool:
        """See `LinkStore.replace`."""
        with answering():
            try:
                await self._client.update_item(
                    TableName=self._table,
                    Key=_key(link.owner_id, link.album_id, link.link_id),
                    UpdateExpression="SET #link = :link, #version = :version",
                    ConditionExpression="#version = :stored",
                    ExpressionAttributeNames={"#link": "link", "#version": "version"},
                    ExpressionAttributeValues={
                        ":link": _said(link)["link"],
                        ":version": number(link.version),
                        ":stored": number(stored.version),
                    },
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True

    async def remove(self, link: ShareLink) -> None:
        """See `LinkStore.remove`."""
        keys = _secret_key(link.secret_hash), _key(link.owner_id, link.album_id, link.link_id)
        actions: list[Any] = [{"Delete": {"TableName": self._table, "Key": key}} for key in keys]
        with answering():
            await self._client.transact_write_items(TransactItems=actions)

    async def open_visit(self, visit: Visit, *, at: datetime) -> None:
        """See `LinkStore.open_visit`."""
        item = _visit_key(visit.token_hash) | {
            "visit": text(_VISIT.dump_json(visit).decode()),
            "expires_at": _expiry(visit.ends_at),
        }
        with answering():
            await self._client.put_item(TableName=self._table, Item=item)
            try:
                await self._client.update_item(
                    TableName=self._table,
                    Key=_key(visit.owner_id, visit.album_id, visit.link_id),
                    UpdateExpression="ADD #views :one SET last_viewed_at = :at",
                    ConditionExpression="attribute_exists(pk)",
                    ExpressionAttributeNames={"#views": "views"},
                    ExpressionAttributeValues={":one": number(1), ":at": timestamp(at)},
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return  # taken back meanwhile: the visit shows nothing

    async def visit(self, token_hash: str) -> Visit | None:
        """See `LinkStore.visit`."""
        item = await self._get(_visit_key(token_hash))
        return _VISIT.validate_json(item["visit"]["S"]) if item else None

    async def count_try(self, of: str, *, window: int, until: datetime, most: int) -> bool:
        """See `LinkStore.count_try`."""
        with answering():
            try:
                await self._client.update_item(
                    TableName=self._table,
                    Key=_tries_key(of, window),
                    UpdateExpression="ADD tries :one SET expires_at = :expires_at",
                    ConditionExpression="attribute_not_exists(tries) OR tries < :most",
                    ExpressionAttributeValues={
                        ":one": number(1),
                        ":most": number(most),
                        ":expires_at": _expiry(until),
                    },
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True

    async def take_back_try(self, of: str, *, window: int) -> None:
        """See `LinkStore.take_back_try`."""
        with answering():
            try:
                await self._client.update_item(
                    TableName=self._table,
                    Key=_tries_key(of, window),
                    UpdateExpression="ADD tries :less",
                    ConditionExpression="tries > :none",
                    ExpressionAttributeValues={":less": number(-1), ":none": number(0)},
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return

    async def check(self) -> str:
        """Return a few words for `/readyz`; raise where the table does not answer."""
        with answering():
            response = await self._client.describe_table(TableName=self._table)
        return str(response["Table"]["TableStatus"]).lower()

    async def _get(self, key: Item) -> Item | None:
        with answering():
            response = await self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        item: Item | None = response.get("Item")
        return item


def _key(owner_id: OwnerId, album_id: str, link_id: str) -> Item:
    return {"pk": text(f"{owner_id}#links"), "sk": text(f"{album_id}#{link_id}")}


def _secret_key(secret_hash: str) -> Item:
    return {"pk": text(f"secret#{secret_hash}"), "sk": text("link")}


def _visit_key(token_hash: str) -> Item:
    return {"pk": text(f"visit#{token_hash}"), "sk": text("visit")}


def _tries_key(of: str, window: int) -> Item:
    return {"pk": text(f"tries#{of}"), "sk": text(str(window))}


def _expiry(ends_at: datetime) -> dict[str, str]:
    return number(int((ends_at + _OUTLIVES).timestamp()))


def _said(link: ShareLink) -> Item:
    return {"link": text(_LINK.dump_json(link, exclude=_COUNTED).decode()), "version": number(link.version)}


def _link(item: Item) -> ShareLink:
    viewed = item.get("last_viewed_at")
    return replace(
        _LINK.validate_json(item["link"]["S"]),
        views=int(item["views"]["N"]) if "views" in item else 0,
        last_viewed_at=datetime.fromisoformat(viewed["S"]) if viewed else None,
    )
