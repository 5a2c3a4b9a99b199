"""Stacks in DynamoDB: table `stacks`, under their owner.

stack       item `stack#<stack_id>`    document (S), version (N), listed (S)
standing    item `photo#<photo_id>`    open, settled (SS of stack ids), version (N)

`listed` is the key of the index `by-status`, which holds no standings:

open        `open#<0 copies, 1 bursts><spread>#<stack_id>`
decided     `<status>#<decided at>#<stack_id>`
moving      `moving#<decided at>#<stack_id>`    decided or undone, and not all photos are where they should be
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import TypeAdapter

from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.stacks import Stack, StackKind, StackStatus, Standing
from heliograph_metadata.dynamodb.values import Item, answering, batch_get, number, query_pages, text, timestamp
from heliograph_metadata.service.stack_store import Listed

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_BY_STATUS: Final = "by-status"
_MOVING: Final = "moving"
_STACK: Final = TypeAdapter(Stack)
_LOST_RACES: Final = {"ConditionalCheckFailed", "TransactionConflict"}


class DynamoStackStore:
    """A `StackStore` over the table `stacks`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def get(self, owner_id: OwnerId, stack_id: str) -> Stack | None:
        """See `StackStore.get`."""
        with answering():
            response = await self._client.get_item(
                TableName=self._table, Key=_stack_key(owner_id, stack_id), ConsistentRead=True
            )
        item: Any = response.get("Item")
        return _stack(item) if item else None

    async def standings(self, owner_id: OwnerId, photo_ids: Sequence[PhotoId]) -> dict[PhotoId, Standing]:
        """See `StackStore.standings`."""
        found = {photo_id: Standing() for photo_id in photo_ids}
        if found:
            keys = [_photo_key(owner_id, photo_id) for photo_id in found]
            with answering():
                items = await batch_get(self._client, self._table, keys, ConsistentRead=True)
            found |= {PhotoId(item["item"]["S"].partition("#")[2]): _standing(item) for item in items}
        return found

    async def save(
        self, stack: Stack, *, stored: Stack | None, standings: Mapping[PhotoId, Standing] | None = None
    ) -> bool:
        """See `StackStore.save`."""
        actions: list[Any] = [self._put(_stack_item(stack), stored.version if stored else 0)]
        actions += [
            self._put(_photo_key(stack.owner_id, photo_id) | _standing_attributes(standing), standing.version - 1)
            for photo_id, standing in (standings or {}).items()
        ]
        try:
            await self._client.transact_write_items(TransactItems=actions)
        except self._client.exceptions.TransactionCanceledException as error:
            reasons: list[Any] = error.response.get("CancellationReasons", [])
            if {reason.get("Code", "None") for reason in reasons} & _LOST_RACES:
                return False
            raise UnavailableError(f"The stack was not saved: {error}") from error
        except (ClientError, BotoCoreError) as error:
            raise UnavailableError(f"The stack was not saved: {error}") from error
        return True

    async def listed(
        self, owner_id: OwnerId, status: StackStatus, *, after: str | None, limit: int
    ) -> Sequence[Listed]:
        """See `StackStore.listed`."""
        is_open = status is StackStatus.OPEN
        first, last = f"{status}#", f"{status}#~"
        if after:
            first, last = (after, last) if is_open else (first, after)
        items = await self._query(owner_id, first, last, is_open=is_open, limit=limit + 1)
        found = [Listed(_stack(item), item["listed"]["S"]) for item in items if item["listed"]["S"] != after]
        return found[:limit]

    async def moving(self, owner_id: OwnerId, *, limit: int) -> Sequence[Stack]:
        """See `StackStore.moving`."""
        items = await self._query(owner_id, f"{_MOVING}#", f"{_MOVING}#~", is_open=True, limit=limit)
        return [_stack(item) for item in items[:limit]]

    async def _query(self, owner_id: OwnerId, first: str, last: str, *, is_open: bool, limit: int) -> list[Item]:
        if first > last:  # which DynamoDB refuses; a cursor that somebody made up
            return []
        found: list[Item] = []
        with answering():
            async for page in query_pages(
                self._client,
                TableName=self._table,
                IndexName=_BY_STATUS,
                KeyConditionExpression="owner_id = :owner_id AND listed BETWEEN :first AND :last",
                ExpressionAttributeValues={
                    ":owner_id": text(owner_id),
                    ":first": text(first),
                    ":last": text(last),
                },
                ScanIndexForward=is_open,
                Limit=limit,
            ):
                found += page["Items"]
                if len(found) >= limit:
                    break
        return found

    async def check(self) -> str:
        """Return a few words for `/readyz`; raise where the table does not answer."""
        with answering():
            response = await self._client.describe_table(TableName=self._table)
        return str(response["Table"]["TableStatus"]).lower()

    def _put(self, item: Item, stored_version: int) -> Any:
        """Return the put of an item, on condition that the version before it is there."""
        put: Item = {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(version)"}
        if stored_version:
            put["ConditionExpression"] = "version = :stored"
            put["ExpressionAttributeValues"] = {":stored": number(stored_version)}
        return {"Put": put}


def _stack_key(owner_id: OwnerId, stack_id: str) -> Item:
    return {"owner_id": text(owner_id), "item": text(f"stack#{stack_id}")}


def _photo_key(owner_id: OwnerId, photo_id: PhotoId) -> Item:
    return {"owner_id": text(owner_id), "item": text(f"photo#{photo_id}")}


def _stack_item(stack: Stack) -> Item:
    return _stack_key(stack.owner_id, stack.stack_id) | {
        "document": text(_STACK.dump_json(stack, exclude_defaults=True).decode()),
        "version": number(stack.version),
        "listed": text(_listed(stack)),
    }


def _listed(stack: Stack) -> str:
    if not stack.is_moved:
        return f"{_MOVING}#{timestamp(stack.updated_at)['S']}#{stack.stack_id}"
    if stack.status is StackStatus.OPEN:
        return f"{stack.status}#{int(stack.kind is StackKind.BURST)}{stack.spread:03}#{stack.stack_id}"
    return f"{stack.status}#{timestamp(stack.updated_at)['S']}#{stack.stack_id}"


def _stack(item: Item) -> Stack:
    return _STACK.validate_json(item["document"]["S"])


def _standing_attributes(standing: Standing) -> Item:
    """Return the attributes; DynamoDB has no empty sets."""
    sets = {name: sorted(getattr(standing, name)) for name in ("open", "settled")}
    return {name: {"SS": ids} for name, ids in sets.items() if ids} | {"version": number(standing.version)}


def _standing(item: Item) -> Standing:
    return Standing(
        open=frozenset(item["open"]["SS"] if "open" in item else ()),
        settled=frozenset(item["settled"]["SS"] if "settled" in item else ()),
        version=int(item["version"]["N"]),
    )
