"""All photos of all owners, by a Scan of the table `photos`: for operators, no service may."""

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.dynamodb.photo_store import photo_of_item
from heliograph_metadata.dynamodb.values import answering

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_PAGE: Final = 200


class DynamoAllPhotos:
    """`AllPhotos` over the table `photos`."""

    def __init__(self, client: "DynamoDBClient", photos_table: str) -> None:
        self._client = client
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
