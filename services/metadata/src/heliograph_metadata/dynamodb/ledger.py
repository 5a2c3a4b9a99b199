"""The ledger of a library: who may write its index now, what is being written, and what has been written last.

                      take                log               (documents, postings, counts)   commit
 head: free ──────────────► head: taken ───────► log: batch ─────────────────────────────► head: free
                                 │
                                 └─ its holder dies: whoever takes the head next finds the batch in the log, beyond
                                    what the head says was committed, and does it again before anything else

One batch of an owner is written at a time. Whoever takes the head has it for a few seconds; the commit is on condition
that it still has. An entry of the log stays for some days: it is what the event stream reads.

Source: a lease with a fencing condition, as in "Building distributed locks with the DynamoDB lock client" (AWS).
"""

import asyncio
import json
import random
import secrets
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId
from heliograph_metadata.dynamodb.keys import head_key, log_key, log_partition
from heliograph_metadata.dynamodb.values import Item, answering, number, text, timestamp

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

LEASE_SECONDS: Final = 10.0
_RENEW_AFTER_SECONDS: Final = 3.0
_RESERVED_SECONDS: Final = 2.0
"""Who found the head taken is next, for so long: else a process with many batches would let nobody else in."""

_PATIENCE_SECONDS: Final = 15.0
_PAUSE_SECONDS: Final = 0.02
_CONFLICTS: Final = 12
_LOG_LIVES: Final = timedelta(days=7)
_INSTANT: Final = timedelta(microseconds=1)
_PARTS: Final = "parts"
"""How many parts of a batch were counted: versions that counted so would skip as many of the next one."""

_MINE_OR_FREE: Final = "(attribute_not_exists(holder) OR holder = :me OR held_until < :now)"
_MY_TURN: Final = "(attribute_not_exists(reserved_for) OR reserved_for = :me OR reserved_until < :now)"
_STILL_MINE: Final = "holder = :me"


class LeaseLostError(UnavailableError):
    """Somebody else writes this library now, as this process took too long."""

    code = "lease-lost"


@dataclass(frozen=True, slots=True)
class Head:
    """What stands at the head of a library's ledger."""

    committed_at: str = ""
    """The key of the last batch in the log that was committed."""
    generation: int = 0
    """Which of the library's indexes is read."""
    rebuilt_to: str | None = None
    """While the index of the next generation is built: up to which photo id it is complete; None otherwise."""
    obsolete: int | None = None
    """A generation that is read no more and not deleted yet."""
    schema: int = 0
    """`TERMS_SCHEMA` of what built the index; 0 where that is not known."""
    is_abandoned: bool = False
    """Whether its holder has let its time pass."""

    @property
    def generations(self) -> tuple[int, ...]:
        """The indexes that are written: the one that is read and the one that is built, if there is one."""
        return (self.generation,) if self.rebuilt_to is None else (self.generation, self.generation + 1)


def head_of(item: Item | None, *, now: float) -> Head:
    """Return the head that an item of the table says."""
    if not item:
        return Head()
    return Head(
        committed_at=item["committed_at"]["S"] if "committed_at" in item else "",
        generation=int(item["generation"]["N"]) if "generation" in item else 0,
        rebuilt_to=item["rebuilt_to"]["S"] if "rebuilt_to" in item else None,
        obsolete=int(item["obsolete"]["N"]) if "obsolete" in item else None,
        schema=int(item["terms_schema"]["N"]) if "terms_schema" in item else 0,
        is_abandoned="holder" in item and float(item["held_until"]["N"]) < now,
    )


@dataclass(slots=True)
class Turn:
    """The right to write one batch of an owner's library."""

    owner_id: OwnerId
    head: Head
    batch: str
    """The key of the batch in the log: a time that sorts after that of every batch before."""
    expires: float
    """By this process's monotonic clock."""
    was_interrupted: bool
    """Whether the turn before it ended without a commit: then the log may hold a batch that is half done."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One batch in the log: what was to be done to which photos."""

    batch: str
    operations: Sequence[Any]
    """As JSON has them."""


class Ledger:
    """The ledgers of all libraries, in the table `terms`."""

    def __init__(self, client: "DynamoDBClient", terms_table: str, *, now: Callable[[], float] = time.time) -> None:
        """Make one.

        Args:
            client: Of DynamoDB.
            terms_table: Its name.
            now: The time in seconds, as all processes have it; half a second apart does no harm.
        """
        self._client = client
        self._table = terms_table
        self._now = now
        self._me = secrets.token_hex(8)

    async def head(self, owner_id: OwnerId, *, consistent: bool = False) -> Head:
        """Return the head as it is now."""
        with answering():
            response = await self._client.get_item(
                TableName=self._table, Key=head_key(owner_id), ConsistentRead=consistent
            )
        return head_of(response.get("Item"), now=self._now())

    async def take(self, owner_id: OwnerId) -> Turn:
        """Wait until nobody else writes this library, and return the turn.

        Raises:
            UnavailableError: Somebody else has it all the time, or the table does not answer.
        """
        give_up = time.monotonic() + _PATIENCE_SECONDS
        while True:
            asked = time.monotonic()
            before = await self._taken(owner_id)
            if before is not None:
                head = head_of(before, now=self._now())
                batch = _batch_after(head.committed_at)
                return Turn(owner_id, head, batch, asked + LEASE_SECONDS, was_interrupted="holder" in before)
            if time.monotonic() > give_up:
                raise UnavailableError("This library is being written by others all the time; try again.")
            await self._reserve(owner_id)
            await asyncio.sleep(_PAUSE_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - no secret

    async def _taken(self, owner_id: OwnerId) -> Item | None:
        """Take the head and return what it was before; None where somebody else has it or is next."""
        now = self._now()
        with answering():
            try:
                response = await self._client.update_item(
                    TableName=self._table,
                    Key=head_key(owner_id),
                    ConditionExpression=f"{_MINE_OR_FREE} AND {_MY_TURN}",
                    UpdateExpression="SET holder = :me, held_until = :until REMOVE reserved_for, reserved_until",
                    ExpressionAttributeValues={
                        ":me": text(self._me),
                        ":now": number(now),
                        ":until": number(now + LEASE_SECONDS),
                    },
                    ReturnValues="ALL_OLD",
                )
            except (
                self._client.exceptions.ConditionalCheckFailedException,
                self._client.exceptions.TransactionConflictException,
            ):
                return None
        return response.get("Attributes") or {}

    async def _reserve(self, owner_id: OwnerId) -> None:
        """Ask to be next."""
        now = self._now()
        with answering():
            try:
                await self._client.update_item(
                    TableName=self._table,
                    Key=head_key(owner_id),
                    ConditionExpression="attribute_exists(holder) AND "
                    "(attribute_not_exists(reserved_for) OR reserved_until < :now)",
                    UpdateExpression="SET reserved_for = :me, reserved_until = :until",
                    ExpressionAttributeValues={
                        ":me": text(self._me),
                        ":now": number(now),
                        ":until": number(now + _RESERVED_SECONDS),
                    },
                )
            except (
                self._client.exceptions.ConditionalCheckFailedException,
                self._client.exceptions.TransactionConflictException,
            ):
                return

    async def keep(self, turn: Turn) -> None:
        """Make sure that the turn lasts for the next step.

        Raises:
            LeaseLostError: It is over.
        """
        asked = time.monotonic()
        if asked < turn.expires - LEASE_SECONDS + _RENEW_AFTER_SECONDS:
            return
        if asked >= turn.expires:
            raise LeaseLostError("This library was written too slowly; another process has taken over.")
        with answering():
            try:
                await self._client.update_item(
                    TableName=self._table,
                    Key=head_key(turn.owner_id),
                    ConditionExpression=_STILL_MINE,
                    UpdateExpression="SET held_until = :until",
                    ExpressionAttributeValues={
                        ":me": text(self._me),
                        ":until": number(self._now() + LEASE_SECONDS),
                    },
                )
            except self._client.exceptions.ConditionalCheckFailedException as error:
                raise LeaseLostError("Another process has taken over this library.") from error
        turn.expires = asked + LEASE_SECONDS

    async def unfinished(self, turn: Turn) -> Entry | None:
        """Return the batch that somebody began and did not finish, if there is one."""
        with answering():
            response = await self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk AND sk > :committed_at",
                ExpressionAttributeValues={
                    ":pk": text(log_partition(turn.owner_id)),
                    ":committed_at": text(turn.head.committed_at or " "),
                },
                ConsistentRead=True,
                Limit=1,
            )
        items: list[Any] = response["Items"]
        return _entry(items[0]) if items else None

    async def write(self, turn: Turn, operations: Sequence[Any]) -> None:
        """Write down what the batch of this turn is about to do."""
        await self.keep(turn)
        body = zlib.compress(json.dumps(operations, separators=(",", ":")).encode(), 1)
        expires_at = datetime.fromisoformat(turn.batch) + _LOG_LIVES
        with answering():
            await self._client.put_item(
                TableName=self._table,
                Item=log_key(turn.owner_id, turn.batch)
                | {"operations": {"B": body}, "expires_at": number(int(expires_at.timestamp()))},
            )

    async def committed(self, owner_id: OwnerId, *, since: datetime, limit: int) -> list[Entry]:
        """Return up to `limit` batches that were committed, with a key at or after a time, the oldest first."""
        head = await self.head(owner_id)
        first = timestamp(since)["S"]
        if head.committed_at < first:
            return []
        with answering():
            response = await self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk AND sk BETWEEN :since AND :committed_at",
                ExpressionAttributeValues={
                    ":pk": text(log_partition(owner_id)),
                    ":since": text(first),
                    ":committed_at": text(head.committed_at),
                },
                Limit=limit,
            )
        items: list[Any] = response["Items"]
        return [_entry(item) for item in items]

    async def commit(self, turn: Turn, **sets: Any) -> None:
        """Say at the head that the batch of this turn, which stands in the log, is done; the turn is over.

        Args:
            turn: The turn.
            sets: More attributes of the head that change with it; None takes one away.

        Raises:
            LeaseLostError: The turn was over.
            UnavailableError: The table does not answer; whoever comes next finds out whether it was done.
        """
        await self.keep(turn)
        with answering():
            try:
                await self._client.update_item(**self._head_update(turn, sets))
            except self._client.exceptions.ConditionalCheckFailedException as error:
                # Asked twice by the SDK, or done again by another process: in both the batch is done.
                if (await self.head(turn.owner_id, consistent=True)).committed_at < turn.batch:
                    raise LeaseLostError("Another process has taken over this library.") from error

    async def commit_with(self, turn: Turn, actions: Sequence[Any], **sets: Any) -> None:
        """End a turn of which nothing stands in the log, together with other changes: all of it or nothing.

        Args:
            turn: The turn; over with this.
            actions: At most 99 of DynamoDB's actions.
            sets: More attributes of the head that change with them; None takes one away.

        Raises:
            LeaseLostError: The turn was over; nothing has changed.
            UnavailableError: The table does not answer; all has changed or nothing.
        """
        await self.keep(turn)
        head: Any = {"Update": self._head_update(turn, sets)}
        for attempt in range(_CONFLICTS):
            try:
                await self._client.transact_write_items(TransactItems=[head, *actions])
            except self._client.exceptions.TransactionCanceledException as error:
                reasons: list[Any] = error.response.get("CancellationReasons", [])
                codes = {reason.get("Code", "None") for reason in reasons} - {"None"}
                if reasons and reasons[0].get("Code") == "ConditionalCheckFailed":
                    raise LeaseLostError("Another process has taken over this library.") from error
                if not codes <= {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}:
                    raise UnavailableError(f"The library's index was not written: {error}") from error
            except (ClientError, BotoCoreError) as error:
                raise UnavailableError(f"The library's index was not written: {error}") from error
            else:
                return
            await asyncio.sleep(min(0.01 * 2**attempt, 0.3) * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
            await self.keep(turn)
        raise UnavailableError("The library's index was not written: too many others ask for its ledger.")

    def _head_update(self, turn: Turn, sets: dict[str, Any]) -> Any:
        values: Item = {":me": text(self._me), ":batch": text(turn.batch)}
        condition = f"{_STILL_MINE} AND "
        if turn.head.committed_at:
            condition += "committed_at = :before"
            values[":before"] = text(turn.head.committed_at)
        else:
            condition += "attribute_not_exists(committed_at)"
        kept = {name: value for name, value in sets.items() if value is not None}
        assignments = ["committed_at = :batch", *(f"{name} = :{name}" for name in kept)]
        removes = ["holder", "held_until", _PARTS, *(name for name, value in sets.items() if value is None)]
        return {
            "TableName": self._table,
            "Key": head_key(turn.owner_id),
            "ConditionExpression": condition,
            "UpdateExpression": f"SET {', '.join(assignments)} REMOVE {', '.join(removes)}",
            "ExpressionAttributeValues": values | {f":{name}": value for name, value in kept.items()},
        }

    async def release(self, turn: Turn) -> None:
        """Give the turn back with nothing done."""
        with answering():
            try:
                await self._client.update_item(
                    TableName=self._table,
                    Key=head_key(turn.owner_id),
                    ConditionExpression=_STILL_MINE,
                    UpdateExpression="REMOVE holder, held_until",
                    ExpressionAttributeValues={":me": text(self._me)},
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return


def _entry(item: Item) -> Entry:
    body: Any = item["operations"]["B"]
    return Entry(item["sk"]["S"], json.loads(zlib.decompress(body)))


def _batch_after(committed_at: str) -> str:
    now = datetime.now(UTC)
    if committed_at:
        now = max(now, datetime.fromisoformat(committed_at) + _INSTANT)
    return timestamp(now)["S"]


def microseconds_of(batch: str) -> int:
    """Return the time in a batch's key as a number of microseconds, which grows from batch to batch."""
    return (datetime.fromisoformat(batch) - datetime(1970, 1, 1, tzinfo=UTC)) // _INSTANT
