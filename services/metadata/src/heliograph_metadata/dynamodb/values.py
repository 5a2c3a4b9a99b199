"""DynamoDB's attribute values and errors; by hand, as the SDK's own conversion costs more CPU than a save may."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from heliograph.errors import UnavailableError

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

T = TypeVar("T")

Item = dict[str, Any]
"""Attribute names to attribute values, each a type and what it holds: {"n": {"N": "3"}}."""

_MOST_WRITES: Final = 25
"""In one BatchWriteItem. Source: its API reference."""

_WRITES_AT_ONCE: Final = 4
_ROUNDS: Final = 8
_PAUSE_SECONDS: Final = 0.02


def text(value: str) -> dict[str, str]:
    """Return a string attribute."""
    return {"S": value}


def number(value: float) -> dict[str, str]:
    """Return a number attribute."""
    return {"N": repr(value)}


def timestamp(at: datetime) -> dict[str, str]:
    """Return a time as a string attribute that sorts: RFC 3339 in UTC with microseconds."""
    return {"S": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"}


@contextmanager
def answering() -> Iterator[None]:
    """Turn the SDK's exceptions into `UnavailableError`."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise UnavailableError(f"The library's tables do not answer: {error}") from error


async def query_pages(client: "DynamoDBClient", **request: Any) -> AsyncIterator[Any]:
    """Yield the responses to a Query, following it to its end."""
    while True:
        response = await client.query(**request)
        yield response
        if not (last := response.get("LastEvaluatedKey")):
            return
        request["ExclusiveStartKey"] = last


async def scan_pages(client: "DynamoDBClient", **request: Any) -> AsyncIterator[Any]:
    """Yield the responses to a Scan, following it to its end: for tools, never for a request."""
    while True:
        with answering():
            page = await client.scan(**request)
        yield page
        if not (last := page.get("LastEvaluatedKey")):
            return
        request["ExclusiveStartKey"] = last


async def batch_get(client: "DynamoDBClient", table: str, keys: list[Item], **request: Any) -> list[Item]:
    """Return the items of up to 100 keys that are there, asking again for what was left out."""
    found: list[Item] = []
    wanted: Any = {table: {"Keys": keys, **request}}
    while wanted:
        response = await client.batch_get_item(RequestItems=wanted)
        found += response["Responses"].get(table, [])
        wanted = response.get("UnprocessedKeys")
    return found


async def batch_write(client: "DynamoDBClient", table: str, writes: Sequence[Item]) -> None:
    """Put and delete items, asking again for what DynamoDB has put off.

    All requests have ended when it returns or raises.
    """

    async def one(run: Sequence[Item]) -> None:
        left: Any = {table: run}
        for round_number in range(_ROUNDS):
            with answering():
                response = await client.batch_write_item(RequestItems=left)
            left = response.get("UnprocessedItems")
            if not left:
                return
            await asyncio.sleep(_PAUSE_SECONDS * 2**round_number)
        raise UnavailableError("The library's index takes no more writes; try again.")

    runs = (writes[start : start + _MOST_WRITES] for start in range(0, len(writes), _MOST_WRITES))
    await each(runs, one, at_once=_WRITES_AT_ONCE)


async def each(several: Iterable[T], one: Callable[[T], Awaitable[None]], *, at_once: int) -> None:
    """Do something with each of several, some at once; all have ended before the error of one is raised."""
    turns = asyncio.Semaphore(at_once)

    async def in_turn(what: T) -> None:
        async with turns:
            await one(what)

    for outcome in await asyncio.gather(*map(in_turn, several), return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
