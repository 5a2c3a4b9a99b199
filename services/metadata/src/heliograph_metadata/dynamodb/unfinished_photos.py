"""Photos on their way, in the sparse index `unfinished` of the table `photos`."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from heliograph.errors import UnavailableError
from heliograph.photos import Lane, OwnerId, PhotoId, PhotoStatus
from heliograph_metadata.dynamodb.values import Item, answering, number, text, timestamp
from heliograph_metadata.service.reconcile import UnfinishedPhoto

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_INDEX = "unfinished"
_SAME_STATE = "#status = :status"
_NOT_COUNTED_BY_OTHERS = "(attribute_not_exists(resends) AND :resends = :none OR resends = :resends)"
_ONLY_ADMITTED = "attribute_not_exists(#document)"
_NOT_ANNOUNCED_ANEW = "updated_at = :updated_at"


class DynamoUnfinishedPhotos:
    """`UnfinishedPhotos` by a Scan of the index, which holds these photos and no others."""

    def __init__(self, client: "DynamoDBClient", photos_table: str) -> None:
        self._client = client
        self._table = photos_table

    async def all(self) -> AsyncIterator[UnfinishedPhoto]:
        """See `UnfinishedPhotos.all`."""
        request: dict[str, Any] = {"TableName": self._table, "IndexName": _INDEX}
        while True:
            with answering():
                page = await self._client.scan(**request)
            for item in page.get("Items", []):
                yield _unfinished(item)
            if not (last := page.get("LastEvaluatedKey")):
                return
            request["ExclusiveStartKey"] = last

    async def count_resend(self, photo: UnfinishedPhoto, *, at: datetime) -> bool:
        """See `UnfinishedPhotos.count_resend`."""
        return await self._if_so(
            self._client.update_item(
                TableName=self._table,
                Key={"photo_id": text(photo.photo_id)},
                ConditionExpression=f"{_SAME_STATE} AND {_NOT_COUNTED_BY_OTHERS}",
                UpdateExpression="SET resends = :more, resent_at = :at",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={
                    ":status": text(photo.status),
                    ":none": number(0),
                    ":resends": number(photo.resends),
                    ":more": number(photo.resends + 1),
                    ":at": timestamp(at),
                },
            )
        )

    async def forget(self, photo: UnfinishedPhoto) -> bool:
        """See `UnfinishedPhotos.forget`."""
        return await self._if_so(
            self._client.delete_item(
                TableName=self._table,
                Key={"photo_id": text(photo.photo_id)},
                ConditionExpression=f"{_SAME_STATE} AND {_ONLY_ADMITTED} AND {_NOT_ANNOUNCED_ANEW}",
                ExpressionAttributeNames={"#status": "status", "#document": "document"},
                ExpressionAttributeValues={
                    ":status": text(PhotoStatus.AWAITING_UPLOAD),
                    ":updated_at": timestamp(photo.updated_at),
                },
            )
        )

    async def _if_so(self, conditional_write: Any) -> bool:
        try:
            await conditional_write
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        except (ClientError, BotoCoreError) as error:
            raise UnavailableError(f"The library's tables do not answer: {error}") from error
        return True


def _unfinished(item: Item) -> UnfinishedPhoto:
    lane, _, created_at = item["unfinished"]["S"].rpartition("#")  # the state came before it once
    resent_at = item.get("resent_at")
    return UnfinishedPhoto(
        photo_id=PhotoId(item["photo_id"]["S"]),
        owner_id=OwnerId(item["owner_id"]["S"]),
        status=PhotoStatus(item["status"]["S"]),
        created_at=datetime.fromisoformat(created_at),
        updated_at=datetime.fromisoformat(item["updated_at"]["S"]),
        correlation_id=item["correlation_id"]["S"],
        resends=int(item["resends"]["N"]) if "resends" in item else 0,
        resent_at=datetime.fromisoformat(resent_at["S"]) if resent_at else None,
        lane=Lane.BACKLOG if lane == Lane.BACKLOG else Lane.INTERACTIVE,
    )
