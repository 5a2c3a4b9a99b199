"""All that the tables keep of anybody, by Scans: for operators, no service may.

Nearly every key begins with its owner, and ends there or goes on with `#` or `~`. What does not says so itself.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from heliograph.departures import DynamoDepartures
from heliograph.photos import OwnerId
from heliograph_metadata.dynamodb.values import Item, scan_pages

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_ACCOUNT: Final = "account#"
_OF_NOBODY: Final = ("nobody", "key", "secret", "visit", "tries", "account", "session")
"""What keys begin with that name something else than their owner."""


class DynamoBelongings:
    """`Belongings` over all tables."""

    def __init__(self, client: "DynamoDBClient", table_name: Callable[[str], str]) -> None:
        self._client = client
        self._table_name = table_name

    async def accounts(self) -> frozenset[OwnerId]:
        """See `Belongings.accounts`."""
        found: set[OwnerId] = set()
        async for page in self._pages("accounts", "pk"):
            found |= {
                OwnerId(pk.removeprefix(_ACCOUNT)) for item in page if (pk := item["pk"]["S"]).startswith(_ACCOUNT)
            }
        return frozenset(found)

    async def leaving(self) -> Mapping[OwnerId, datetime]:
        """See `Belongings.leaving`."""
        departures = await DynamoDepartures(self._client, self._table_name("departures")).all()
        return {one.account_id: one.asked_at for one in departures}

    async def owners(self) -> AsyncIterator[tuple[str, Sequence[OwnerId]]]:
        """See `Belongings.owners`."""
        for table, (attributes, owners_of) in _TABLES.items():
            async for page in self._pages(table, *attributes):
                yield table, [owner_id for item in page for owner_id in owners_of(item)]

    async def _pages(self, table: str, *attributes: str) -> AsyncIterator[list[Item]]:
        async for page in scan_pages(
            self._client,
            TableName=self._table_name(table),
            ProjectionExpression=", ".join(f"#{number}" for number in range(len(attributes))),
            ExpressionAttributeNames={f"#{number}": name for number, name in enumerate(attributes)},
            ConsistentRead=True,
        ):
            yield page["Items"]


def _first(key: str) -> list[OwnerId]:
    owner_id = key.partition("#")[0].partition("~")[0]
    return [] if owner_id in _OF_NOBODY else [OwnerId(owner_id)]


def _by_key(attribute: str) -> tuple[tuple[str, ...], Callable[[Item], list[OwnerId]]]:
    return (attribute,), lambda item: _first(item[attribute]["S"])


def _said(item: Item, attribute: str) -> list[OwnerId]:
    return [OwnerId(item[attribute]["S"])] if attribute in item else []


def _of_access(item: Item) -> list[OwnerId]:
    kind, _, name = item["pk"]["S"].partition("#")
    return [OwnerId(name)] if kind == "account" else _said(item, "account_id")


def _of_share(item: Item) -> list[OwnerId]:
    """Whose a share is: a membership is its member's and the album's owner's."""
    member: Any = json.loads(item["member"]["S"]) if "member" in item else {}
    named = [OwnerId(member[name]) for name in ("owner_id", "account_id") if name in member]
    return named or _said(item, "owner_id") or _first(item["pk"]["S"])


_TABLES: Final[dict[str, tuple[tuple[str, ...], Callable[[Item], list[OwnerId]]]]] = {
    "accounts": (("account_id",), lambda item: _said(item, "account_id")),
    "access": (("pk", "account_id"), _of_access),
    "audit": _by_key("owner_id"),
    "photos": _by_key("owner_id"),
    "terms": _by_key("pk"),
    "albums": _by_key("owner_id"),
    "shares": (("pk", "owner_id", "member"), _of_share),
    "stacks": _by_key("owner_id"),
    "jobs": _by_key("pk"),
    "questions": _by_key("pk"),
    "exports": _by_key("account_id"),
}
"""What is read of each table's items, and whose they are by it."""
