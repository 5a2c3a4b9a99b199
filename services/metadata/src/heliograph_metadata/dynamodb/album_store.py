"""Albums in DynamoDB: table `albums`, one item each under its owner."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from heliograph.photos import OwnerId
from heliograph_metadata.dynamodb.values import Item, answering, query_pages, text, timestamp
from heliograph_metadata.service.album_store import Album

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient


class DynamoAlbumStore:
    """An `AlbumStore` over the table `albums`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def get(self, owner_id: OwnerId, album_id: str) -> Album | None:
        """See `AlbumStore.get`."""
        with answering():
            response = await self._client.get_item(
                TableName=self._table, Key=_key(owner_id, album_id), ConsistentRead=True
            )
        item: Any = response.get("Item")
        return _album(item) if item else None

    async def all(self, owner_id: OwnerId) -> Sequence[Album]:
        """See `AlbumStore.all`."""
        found: list[Album] = []
        with answering():
            async for page in query_pages(
                self._client,
                TableName=self._table,
                KeyConditionExpression="owner_id = :owner_id",
                ExpressionAttributeValues={":owner_id": text(owner_id)},
                ConsistentRead=True,
            ):
                found += map(_album, page["Items"])
        return found

    async def create(self, album: Album) -> None:
        """See `AlbumStore.create`."""
        with answering():
            await self._client.put_item(TableName=self._table, Item=_item(album))

    async def replace(self, album: Album, *, stored: Album) -> bool:
        """See `AlbumStore.replace`."""
        with answering():
            try:
                await self._client.put_item(
                    TableName=self._table,
                    Item=_item(album),
                    ConditionExpression="updated_at = :stored",
                    ExpressionAttributeValues={":stored": timestamp(stored.updated_at)},
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True

    async def remove(self, owner_id: OwnerId, album_id: str) -> None:
        """See `AlbumStore.remove`."""
        with answering():
            await self._client.delete_item(TableName=self._table, Key=_key(owner_id, album_id))

    async def check(self) -> str:
        """Return a few words for `/readyz`; raise where the table does not answer."""
        with answering():
            response = await self._client.describe_table(TableName=self._table)
        return str(response["Table"]["TableStatus"]).lower()


def _key(owner_id: OwnerId, album_id: str) -> Item:
    return {"owner_id": text(owner_id), "album_id": text(album_id)}


def _item(album: Album) -> Item:
    return _key(album.owner_id, album.album_id) | {
        "name": text(album.name),
        "created_at": timestamp(album.created_at),
        "updated_at": timestamp(album.updated_at),
        "is_deleted": {"BOOL": album.is_deleted},
    }


def _album(item: Item) -> Album:
    return Album(
        owner_id=OwnerId(item["owner_id"]["S"]),
        album_id=item["album_id"]["S"],
        name=item["name"]["S"],
        created_at=datetime.fromisoformat(item["created_at"]["S"]),
        updated_at=datetime.fromisoformat(item["updated_at"]["S"]),
        is_deleted=item["is_deleted"]["BOOL"],
    )
