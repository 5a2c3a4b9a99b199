"""Accounts that are being deleted: what is left of each is removed by the service whose it is, twice.

    asked for ──► auth's half and the library's half are removed ──► what came late is removed ──► the departure goes

Table `departures`: `account_id`, `asked_at`, and for each half when it was last begun to be removed to its end. A half
that was broken off at any moment is begun again; so nothing of it has to be remembered but that it is to go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

SETTLES_AFTER: Final = timedelta(hours=3)
"""Longer than anything lives that was given out before: access tokens, presigned uploads, visits by share links."""


class Half(StrEnum):
    """Who removes what."""

    ACCOUNT = "account"
    """auth: the account's sessions, keys and security log."""
    LIBRARY = "library"
    """metadata: photos and all that is made of them."""


@dataclass(frozen=True)
class Departure:
    """One account that is being deleted."""

    account_id: OwnerId
    asked_at: datetime
    removed: Mapping[Half, datetime] = field(default_factory=dict)
    """When the last removal of a half that came to its end was begun."""

    def is_due(self, half: Half, now: datetime, settles_after: timedelta) -> bool:
        """Whether a half is to be removed now: for the first time, or for what has come since."""
        settled_at = self.asked_at + settles_after
        return half not in self.removed or self.removed[half] < settled_at <= now

    def is_over(self, settles_after: timedelta) -> bool:
        """Whether both halves were removed when nothing could come any more."""
        return all(self.removed.get(half, self.asked_at) >= self.asked_at + settles_after for half in Half)


class Departures(Protocol):
    """Where it is kept who leaves. tests/contract/test_departures.py is its specification."""

    async def all(self) -> Sequence[Departure]:
        """Return everybody who leaves, in no order."""

    async def note_removed(self, account_id: OwnerId, half: Half, begun_at: datetime) -> None:
        """Note that a half is removed, as it was from a time on; nothing happens where the departure is over."""

    async def forget(self, account_id: OwnerId) -> None:
        """Forget a departure; nothing happens where there is none."""


def departure_item(account_id: OwnerId, asked_at: datetime) -> dict[str, Any]:
    """Return the item of a new departure."""
    return {"account_id": {"S": account_id}, "asked_at": {"S": asked_at.astimezone(UTC).isoformat()}}


class DynamoDepartures:
    """`Departures` over DynamoDB; the table has an item for each account that leaves just now, so it is scanned."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def all(self) -> Sequence[Departure]:
        """See `Departures.all`."""
        found: list[Departure] = []
        request: dict[str, Any] = {"TableName": self._table, "ConsistentRead": True}
        while True:
            try:
                page = await self._client.scan(**request)
            except (ClientError, BotoCoreError) as error:
                raise UnavailableError(f"table of departures: {error}") from error
            found += [_departure(item) for item in page.get("Items", [])]
            if not (last := page.get("LastEvaluatedKey")):
                return found
            request["ExclusiveStartKey"] = last

    async def note_removed(self, account_id: OwnerId, half: Half, begun_at: datetime) -> None:
        """See `Departures.note_removed`."""
        try:
            await self._client.update_item(
                TableName=self._table,
                Key={"account_id": {"S": account_id}},
                UpdateExpression="SET #half = :begun_at",
                ConditionExpression="attribute_exists(account_id)",
                ExpressionAttributeNames={"#half": _attribute(half)},
                ExpressionAttributeValues={":begun_at": {"S": begun_at.astimezone(UTC).isoformat()}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return
        except (ClientError, BotoCoreError) as error:
            raise UnavailableError(f"table of departures: {error}") from error

    async def forget(self, account_id: OwnerId) -> None:
        """See `Departures.forget`."""
        try:
            await self._client.delete_item(TableName=self._table, Key={"account_id": {"S": account_id}})
        except (ClientError, BotoCoreError) as error:
            raise UnavailableError(f"table of departures: {error}") from error


def _attribute(half: Half) -> str:
    return f"{half}_removed_at"


def _departure(item: Any) -> Departure:
    return Departure(
        account_id=OwnerId(item["account_id"]["S"]),
        asked_at=datetime.fromisoformat(item["asked_at"]["S"]),
        removed={
            half: datetime.fromisoformat(item[_attribute(half)]["S"]) for half in Half if _attribute(half) in item
        },
    )
