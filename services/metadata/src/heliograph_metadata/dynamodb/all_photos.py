"""All photos of all owners, by a Scan of the table `photos`: for operators, no service may."""

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.dynamodb.photo_store import photo_of_item
from heliograph_metadata.dynamodb.values import answering, text

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_PAGE: Final = 200
_MOST_IDS: Final = 100
_BY_OWNER: Final = "by-owner"


class DynamoAllPhotos:
    """`AllPhotos` over the table `photos`."""

    def __init__(self, client: "DynamoDBClient", photos_table: str, *, ids_at_a_time: int = _MOST_IDS) -> None:
        self._client = client
        self._ids_at_a_time = ids_at_a_time
        self._table = photos_table

    async def pages(self) -> AsyncIterator[Sequence[Photo]]:
        """See `AllPhotos.pages`."""
        request: dict[str, Any] = {"TableName": self._table, "Limit": _PAGE, "ConsistentRead": True}
        while True:
            with answering():
                page = await self._client.scan(**request)
            yield [photo_of_item(item) for item in page.get("Items", [])]
            if not (last := page.get("LastEvaluatedKey")):
                return
            request["ExclusiveStartKey"] = last

    async def ids_of(self, owner_id: OwnerId) -> AsyncIterator[Sequence[PhotoId]]:
        """See `LibraryIds.ids_of`: out of an index of keys."""
        request: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": _BY_OWNER,
            "KeyConditionExpression": "owner_id = :owner_id",
            "ExpressionAttributeValues": {":owner_id": text(owner_id)},
            "Limit": self._ids_at_a_time,
        }
        while True:
            with answering():
                page = await self._client.query(**request)
            yield [PhotoId(item["photo_id"]["S"]) for item in page.get("Items", [])]
            if not (last := page.get("LastEvaluatedKey")):
                return
            request["ExclusiveStartKey"] = last
