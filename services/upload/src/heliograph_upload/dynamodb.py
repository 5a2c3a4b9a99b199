"""New photos in the DynamoDB table `photos`; everything after their bytes have come is metadata's."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from heliograph.errors import UnavailableError
from heliograph.photos import PhotoId, PhotoStatus, unfinished_key
from heliograph_upload.domain import NewPhoto

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

Item = dict[str, Any]
R = TypeVar("R")

_NOT_THERE = "attribute_not_exists(photo_id)"
_MOST_ROUNDS = 5
_AT_ONCE = 16


class DynamoAdmissionStore:
    """An `AdmissionStore` over DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def statuses(self, photo_ids: Collection[PhotoId]) -> dict[PhotoId, str]:
        """See `AdmissionStore.statuses`; one BatchGetItem, more where DynamoDB answers in parts."""
        found: dict[PhotoId, str] = {}
        wanted: list[Item] = [{"photo_id": {"S": photo_id}} for photo_id in photo_ids]
        for _ in range(_MOST_ROUNDS):
            if not wanted:
                return found
            try:
                response = await self._client.batch_get_item(
                    RequestItems={
                        self._table: {
                            "Keys": wanted,
                            "ProjectionExpression": "photo_id, #status",
                            "ExpressionAttributeNames": {"#status": "status"},
                            "ConsistentRead": True,
                        }
                    }
                )
            except (ClientError, BotoCoreError) as error:
                raise UnavailableError(f"table of photos: {error}") from error
            for item in response["Responses"].get(self._table, []):
                found[PhotoId(item["photo_id"]["S"])] = item["status"]["S"]
            left = response["UnprocessedKeys"].get(self._table)
            wanted = list(left["Keys"]) if left else []
        raise UnavailableError("table of photos: throttled; try again.")

    async def admit(self, photos: Sequence[NewPhoto]) -> dict[PhotoId, str]:
        """See `AdmissionStore.admit`: a conditional put of each, some at once.

        A transaction of them would cost two write units for each photo's item. Where some can't be put the request
        fails; those that were are then there already for whoever asks again.
        """
        outcomes = await self._each(photos, self._admit_one)
        return {photo_id: status for outcome in outcomes for photo_id, status in outcome.items()}

    async def renew(self, photos: Collection[NewPhoto]) -> set[PhotoId]:
        """See `AdmissionStore.renew`; a new version, so that metadata overwrites nothing that it has not seen."""
        renewed = await self._each(photos, self._renew_one)
        return {photo.photo_id for photo, is_there in zip(photos, renewed, strict=True) if is_there}

    async def _each(self, photos: Collection[NewPhoto], one: Callable[[NewPhoto], Awaitable[R]]) -> list[R]:
        """Return what something done to each photo, some at once, has come to."""
        turns = asyncio.Semaphore(_AT_ONCE)

        async def in_turn(photo: NewPhoto) -> R:
            async with turns:
                return await one(photo)

        return await asyncio.gather(*map(in_turn, photos))

    async def check(self) -> str:
        """Say that the table answers; raise `UnavailableError` where it does not."""
        await self.statuses([PhotoId("nothing")])
        return self._table

    async def _admit_one(self, photo: NewPhoto) -> dict[PhotoId, str]:
        try:
            await self._client.put_item(**self._put(photo))
        except self._client.exceptions.ConditionalCheckFailedException as error:
            there: Item = error.response["Item"]  # type: ignore[typeddict-item]
            return {photo.photo_id: there["status"]["S"]}
        except (ClientError, BotoCoreError) as error:
            raise UnavailableError(f"table of photos: {error}") from error
        return {}

    async def _renew_one(self, photo: NewPhoto) -> bool:
        item = new_item(photo)
        renewed = ("status", "updated_at", "correlation_id", "admission", "unfinished")
        try:
            await self._client.update_item(
                TableName=self._table,
                Key={"photo_id": item["photo_id"]},
                ConditionExpression="#status = :status",
                UpdateExpression="SET #version = #version + :one, updated_at = :updated_at, "
                "correlation_id = :correlation_id, admission = :admission, unfinished = :unfinished",
                ExpressionAttributeNames={"#status": "status", "#version": "version"},
                ExpressionAttributeValues={
                    ":one": {"N": "1"},
                    **{f":{name}": item[name] for name in renewed},
                },
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        except (ClientError, BotoCoreError) as error:
            raise UnavailableError(f"table of photos: {error}") from error
        return True

    def _put(self, photo: NewPhoto) -> Any:
        return {
            "TableName": self._table,
            "Item": new_item(photo),
            "ConditionExpression": _NOT_THERE,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }


def new_item(photo: NewPhoto) -> Item:
    """Return the first version of a photo's item.

    `unfinished` puts it into the sparse index of that name, where metadata finds what is left lying.
    """
    status = PhotoStatus.AWAITING_UPLOAD.value
    admitted_at = photo.admitted_at.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return {
        "photo_id": {"S": photo.photo_id},
        "owner_id": {"S": photo.owner_id},
        "status": {"S": status},
        "version": {"N": "1"},
        "created_at": {"S": admitted_at},
        "updated_at": {"S": admitted_at},
        "unfinished": {"S": unfinished_key(photo.admission.lane, admitted_at)},
        "correlation_id": {"S": photo.correlation_id},
        "admission": {"S": photo.admission.model_dump_json()},
    }
