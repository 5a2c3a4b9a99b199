"""An export of all that an account has: asked for at auth, which knows the password, made by metadata's worker.

Table `exports`, an item for each account, and until its export is made one more with what only auth knows of it:

export  account_id `<account>`        export_id, status, asked_at (S); what metadata adds, in its `export_store.py`
facts   account_id `<account>#facts`  facts (B, compressed JSON): the account, its sessions, keys and security log
"""

import json
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient


class ExportStatus(StrEnum):
    """How far an export is; each arrow is taken once.

    waiting ──► working ──► done
                   └──────► failed
    """

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


AT_WORK = frozenset({ExportStatus.WAITING, ExportStatus.WORKING})


class ExportRequests(Protocol):
    """Where exports are asked for. tests/contract/test_export_store.py is its specification."""

    async def ask(self, account_id: OwnerId, export_id: str, *, at: datetime, facts: Mapping[str, Any]) -> bool:
        """Ask for an export, which takes the place of the account's last one; False where one is being made."""


def facts_key(account_id: OwnerId) -> dict[str, Any]:
    """Return the key of the item with what only auth knows."""
    return {"account_id": {"S": f"{account_id}#facts"}}


def facts_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return what such an item says."""
    facts: dict[str, Any] = json.loads(zlib.decompress(item["facts"]["B"]))
    return facts


class DynamoExportRequests:
    """`ExportRequests` over DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def ask(self, account_id: OwnerId, export_id: str, *, at: datetime, facts: Mapping[str, Any]) -> bool:
        """See `ExportRequests.ask`."""
        item = {
            "account_id": {"S": account_id},
            "export_id": {"S": export_id},
            "status": {"S": ExportStatus.WAITING},
            "asked_at": {"S": at.astimezone(UTC).isoformat()},
        }
        free = {
            "ConditionExpression": "attribute_not_exists(account_id) OR NOT #status IN (:waiting, :working)",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {
                ":waiting": {"S": ExportStatus.WAITING},
                ":working": {"S": ExportStatus.WORKING},
            },
        }
        said = facts_key(account_id) | {"facts": {"B": zlib.compress(json.dumps(facts).encode(), 9)}}
        actions: list[Any] = [
            {"Put": {"TableName": self._table, "Item": item} | free},
            {"Put": {"TableName": self._table, "Item": said}},
        ]
        try:
            await self._client.transact_write_items(TransactItems=actions)
        except self._client.exceptions.TransactionCanceledException as error:
            reasons: Any = error.response.get("CancellationReasons", [])
            if any(reason.get("Code") == "ConditionalCheckFailed" for reason in reasons):
                return False
            raise UnavailableError("Somebody else asks for this export right now; try again.") from error
        except (ClientError, BotoCoreError) as error:
            raise UnavailableError(f"table of exports: {error}") from error
        return True
