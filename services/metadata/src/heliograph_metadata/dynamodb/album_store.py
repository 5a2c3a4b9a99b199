"""Albums and folders in DynamoDB: table `albums`, one item each under its owner.

album     owner_id `<owner>`          album_id `<album>`
folder    owner_id `<owner>`          album_id `<folder>`   kind `folder`
revision  owner_id `<owner>#folders`  album_id `revision`   revision (N): of all folders, so that of two who move
                                                            folders at once only one does, and no loop comes of it
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.albums import Album, AlbumFolder, AlbumSort
from heliograph_metadata.dynamodb.values import Item, answering, number, query_pages, text, timestamp
from heliograph_metadata.service.album_store import Shelf

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_FOLDER: Final = "folder"
_REVISION: Final = "revision"


class DynamoAlbumStore:
    """An `AlbumStore` over the table `albums`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def get(self, owner_id: OwnerId, album_id: str) -> Album | None:
        """See `AlbumStore.get`."""
        if not album_id:
            return None
        with answering():
            response = await self._client.get_item(
                TableName=self._table, Key=_key(owner_id, album_id), ConsistentRead=True
            )
        item: Any = response.get("Item")
        return _album(item) if item and not _is_folder(item) else None

    async def all(self, owner_id: OwnerId) -> Sequence[Album]:
        """See `AlbumStore.all`."""
        return [_album(item) for item in await self._items(owner_id) if not _is_folder(item)]

    async def shelf(self, owner_id: OwnerId) -> Shelf:
        """See `AlbumStore.shelf`."""
        with answering():  # the revision first: whatever is changed after it, it does not fit any more
            response = await self._client.get_item(
                TableName=self._table, Key=_revision_key(owner_id), ConsistentRead=True
            )
        revision: Any = response.get("Item")
        items = await self._items(owner_id)
        return Shelf(
            albums=[_album(item) for item in items if not _is_folder(item)],
            folders=[_folder(item) for item in items if _is_folder(item)],
            revision=int(revision[_REVISION]["N"]) if revision else 0,
        )

    async def _items(self, owner_id: OwnerId) -> list[Item]:
        found: list[Item] = []
        with answering():
            async for page in query_pages(
                self._client,
                TableName=self._table,
                KeyConditionExpression="owner_id = :owner_id",
                ExpressionAttributeValues={":owner_id": text(owner_id)},
                ConsistentRead=True,
            ):
                found += page["Items"]
        return found

    async def create(self, album: Album) -> bool:
        """See `AlbumStore.create`."""
        return await self._put(album, {"ConditionExpression": "attribute_not_exists(album_id)"})

    async def replace(self, album: Album, *, stored: Album) -> bool:
        """See `AlbumStore.replace`."""
        return await self._put(
            album,
            {
                "ConditionExpression": "updated_at = :stored",
                "ExpressionAttributeValues": {":stored": timestamp(stored.updated_at)},
            },
        )

    async def _put(self, album: Album, condition: Any) -> bool:
        with answering():
            try:
                await self._client.put_item(TableName=self._table, Item=_album_item(album), **condition)
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True

    async def remove(self, owner_id: OwnerId, album_id: str) -> None:
        """See `AlbumStore.remove`."""
        with answering():
            await self._client.delete_item(TableName=self._table, Key=_key(owner_id, album_id))

    async def change_folders(
        self, owner_id: OwnerId, *, put: Sequence[AlbumFolder] = (), remove: Sequence[str] = (), revision: int
    ) -> bool:
        """See `AlbumStore.change_folders`."""
        actions: list[Any] = [
            {
                "Put": {
                    "TableName": self._table,
                    "Item": _revision_key(owner_id) | {_REVISION: number(revision + 1)},
                    "ConditionExpression": "#revision = :read OR (:read = :none AND attribute_not_exists(#revision))",
                    "ExpressionAttributeNames": {"#revision": _REVISION},
                    "ExpressionAttributeValues": {":read": number(revision), ":none": number(0)},
                }
            }
        ]
        actions += [{"Put": {"TableName": self._table, "Item": _folder_item(folder)}} for folder in put]
        actions += [{"Delete": {"TableName": self._table, "Key": _key(owner_id, folder_id)}} for folder_id in remove]
        with answering():
            try:
                await self._client.transact_write_items(TransactItems=actions)
            except self._client.exceptions.TransactionCanceledException:
                return False
        return True

    async def check(self) -> str:
        """Return a few words for `/readyz`; raise where the table does not answer."""
        with answering():
            response = await self._client.describe_table(TableName=self._table)
        return str(response["Table"]["TableStatus"]).lower()


def _key(owner_id: OwnerId, album_id: str) -> Item:
    return {"owner_id": text(owner_id), "album_id": text(album_id)}


def _revision_key(owner_id: OwnerId) -> Item:
    return {"owner_id": text(f"{owner_id}#folders"), "album_id": text(_REVISION)}


def _is_folder(item: Item) -> bool:
    return bool(item.get("kind", {}).get("S") == _FOLDER)


def _album_item(album: Album) -> Item:
    item = _key(album.owner_id, album.album_id) | {
        "name": text(album.name),
        "created_at": timestamp(album.created_at),
        "updated_at": timestamp(album.updated_at),
        "is_deleted": {"BOOL": album.is_deleted},
        "sort": text(album.sort),
        "base": text(album.base),
    }
    said = {
        "description": album.description,
        "cover_photo_id": album.cover_photo_id,
        "parent_id": album.parent_id,
        "query": album.query,
    }
    return item | {name: text(value) for name, value in said.items() if value}


def _album(item: Item) -> Album:
    """Return an album; what an earlier version did not keep is as a new album has it."""
    said = {name: value["S"] for name, value in item.items() if "S" in value}
    cover = said.get("cover_photo_id")
    return Album(
        owner_id=OwnerId(said["owner_id"]),
        album_id=said["album_id"],
        name=said["name"],
        created_at=datetime.fromisoformat(said["created_at"]),
        updated_at=datetime.fromisoformat(said["updated_at"]),
        is_deleted=item["is_deleted"]["BOOL"],
        description=said.get("description", ""),
        sort=AlbumSort(said.get("sort", AlbumSort.NEWEST)),
        base=AlbumSort(said.get("base", AlbumSort.NEWEST)),
        cover_photo_id=PhotoId(cover) if cover else None,
        parent_id=said.get("parent_id"),
        query=said.get("query"),
    )


def _folder_item(folder: AlbumFolder) -> Item:
    item = _key(folder.owner_id, folder.folder_id) | {
        "kind": text(_FOLDER),
        "name": text(folder.name),
        "created_at": timestamp(folder.created_at),
        "updated_at": timestamp(folder.updated_at),
        "is_deleted": {"BOOL": False},
    }
    return item | ({"parent_id": text(folder.parent_id)} if folder.parent_id else {})


def _folder(item: Item) -> AlbumFolder:
    return AlbumFolder(
        owner_id=OwnerId(item["owner_id"]["S"]),
        folder_id=item["album_id"]["S"],
        name=item["name"]["S"],
        created_at=datetime.fromisoformat(item["created_at"]["S"]),
        updated_at=datetime.fromisoformat(item["updated_at"]["S"]),
        parent_id=item["parent_id"]["S"] if "parent_id" in item else None,
    )
