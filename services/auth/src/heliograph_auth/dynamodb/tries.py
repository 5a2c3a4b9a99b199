"""Counts of tries, and the addresses that accounts were signed in from, in DynamoDB."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from heliograph.errors import UnavailableError
from heliograph_auth.domain.throttling import Counted, Limit, Tries, counted
from heliograph_auth.dynamodb.table import Item, key_of, unavailable_where_dynamodb_is

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_RACES: Final = 16
"""How often a count is tried to be raised that others raise at the same moment."""


class DynamoTryStore:
    """A `TryStore` over DynamoDB.

    As long as tries are free, one is added whatever others add at the same moment. From the one on that begins a pause
    the count is replaced only where it is as it was read, so that one of many begins the pause and all others meet it.
    """

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def get(self, keys: Sequence[str]) -> dict[str, Tries]:
        """See `TryStore.get`."""
        async with unavailable_where_dynamodb_is():
            response = await self._client.batch_get_item(
                RequestItems={self._table: {"Keys": [key_of("tries", key) for key in keys], "ConsistentRead": True}}
            )
        if response.get("UnprocessedKeys"):
            raise UnavailableError("table of accounts: it answers in part only")
        found = {item["pk"]["S"].removeprefix("tries#"): item for item in response["Responses"].get(self._table, [])}
        return {key: _tries(found[key]) if key in found else Tries() for key in keys}

    async def count(self, key: str, limit: Limit, now: datetime) -> Counted:
        """See `TryStore.count`."""
        for _ in range(_RACES):
            if (added := await self._added(key, limit, now)) is not None:
                return added
            before = (await self.get([key]))[key]
            tried = counted(before, limit, now)
            if tried.after is None or await self._replace(key, tried.after, before, _forget_at(limit, now)):
                return tried
        raise UnavailableError("table of accounts: too many count the same at once")

    async def give_back(self, key: str, counted: Counted) -> None:
        """See `TryStore.give_back`."""
        found = (await self.get([key]))[key]
        if counted.after is None or found.count == 0:
            return
        left = counted.taken_back(found)
        if left.next_at != found.next_at and await self._replace(key, left, found, None):
            return
        await self._update(
            key,
            update="ADD #count :less",
            condition="#count > :nothing",
            values={":less": {"N": "-1"}, ":nothing": {"N": "0"}},
        )

    async def forget(self, key: str) -> None:
        """See `TryStore.forget`."""
        async with unavailable_where_dynamodb_is():
            await self._client.delete_item(TableName=self._table, Key=key_of("tries", key))

    async def is_known(self, place: str, now: datetime) -> bool:
        """See `TryStore.is_known`."""
        async with unavailable_where_dynamodb_is():
            response = await self._client.get_item(
                TableName=self._table, Key=key_of("place", place), ConsistentRead=True
            )
        item = response.get("Item")
        return item is not None and int(item["expires_at"]["N"]) > now.timestamp()

    async def note(self, place: str, until: datetime) -> None:
        """See `TryStore.note`."""
        item = key_of("place", place) | {"expires_at": {"N": str(int(until.timestamp()))}}
        async with unavailable_where_dynamodb_is():
            await self._client.put_item(TableName=self._table, Item=item)

    async def _added(self, key: str, limit: Limit, now: datetime) -> Counted | None:
        """Count a try that begins no pause; None, counting nothing, where it might."""
        attributes = await self._update(
            key,
            update="SET last_at = :now, next_at = :none, expires_at = :forget ADD #count :one",
            condition="#count < :free AND last_at >= :remembered AND next_at <= :now",
            values={
                ":now": {"S": _text(now)},
                ":none": {"S": _text(None)},
                ":forget": {"N": str(_forget_at(limit, now))},
                ":one": {"N": "1"},
                ":free": {"N": str(limit.free - 1)},
                ":remembered": {"S": _text(now - limit.forgets_after)},
            },
        )
        if attributes is None:
            return None
        after = _tries(attributes)
        return Counted(Tries(after.count - 1, after.last_at, after.next_at), after)

    async def _update(self, key: str, *, update: str, condition: str, values: dict[str, Any]) -> Item | None:
        try:
            async with unavailable_where_dynamodb_is():
                response = await self._client.update_item(
                    TableName=self._table,
                    Key=key_of("tries", key),
                    UpdateExpression=update,
                    ConditionExpression=condition,
                    ExpressionAttributeNames={"#count": "count"},
                    ExpressionAttributeValues=values,
                    ReturnValues="ALL_NEW",
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return response["Attributes"]

    async def _replace(self, key: str, tries: Tries, expected: Tries, forget_at: int | None) -> bool:
        """Set the count where it is as expected; `forget_at` None leaves that as it is."""
        values: dict[str, Any] = {
            ":count": {"N": str(tries.count)},
            ":last": {"S": _text(tries.last_at)},
            ":next": {"S": _text(tries.next_at)},
        }
        update = "SET #count = :count, last_at = :last, next_at = :next"
        if forget_at is not None:
            update += ", expires_at = :forget"
            values[":forget"] = {"N": str(forget_at)}
        values |= {":were": {"N": str(expected.count)}, ":then": {"S": _text(expected.last_at)}}
        condition = "#count = :were AND last_at = :then"
        if expected == Tries():
            condition = f"attribute_not_exists(pk) OR ({condition})"
        return await self._update(key, update=update, condition=condition, values=values) is not None


def _forget_at(limit: Limit, now: datetime) -> int:
    return int((now + limit.forgets_after + limit.longest_pause).timestamp())


def _tries(item: Item) -> Tries:
    return Tries(int(item["count"]["N"]), _time(item["last_at"]["S"]), _time(item["next_at"]["S"]))


def _text(moment: datetime | None) -> str:
    """Return a moment as text that is in the order of time, none before all."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment else ""


def _time(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
