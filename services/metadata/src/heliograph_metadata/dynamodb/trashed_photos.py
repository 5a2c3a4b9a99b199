"""The trash of all owners, in the sparse index `trash` of the table `photos`.

trash_shard  the first character of the photo's id: 32 of them, evenly filled
trashed_at   when it was put there; `0` of a photo that is being removed, so that it comes first
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from heliograph.photos import PhotoId
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.dynamodb.values import Item, answering, query_pages, text, timestamp

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_SHARDS: Final = "abcdefghijklmnopqrstuvwxyz234567"
_BEING_REMOVED: Final = "0"
_PAGE: Final = 200


def trash_attributes(photo: Photo) -> Item:
    """Return the values of `:trash_shard` and `:trashed_at` of a photo in the trash."""
    at = photo.trashed_at
    since = text(_BEING_REMOVED) if photo.purged_at or at is None else timestamp(at)
    return {":trash_shard": text(photo.photo_id[0]), ":trashed_at": since}


class DynamoTrashedPhotos:
    """`TrashedPhotos` by a range of each shard, which holds what is due and nothing else."""

    def __init__(self, client: "DynamoDBClient", photos_table: str) -> None:
        self._client = client
        self._table = photos_table

    async def due(self, *, before: datetime) -> AsyncIterator[PhotoId]:
        """See `TrashedPhotos.due`."""
        for shard in _SHARDS:
            request: Any = {
                "TableName": self._table,
                "IndexName": "trash",
                "KeyConditionExpression": "trash_shard = :shard AND trashed_at < :before",
                "ExpressionAttributeValues": {":shard": text(shard), ":before": timestamp(before)},
                "Limit": _PAGE,
            }
            with answering():
                async for page in query_pages(self._client, **request):
                    for item in page["Items"]:
                        yield PhotoId(item["photo_id"]["S"])
