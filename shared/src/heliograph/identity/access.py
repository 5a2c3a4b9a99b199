"""What was taken back before its time, and what API keys there are: read by every service, written by auth alone.

| pk | what |
| --- | --- |
| account#<account_id> | `generation`: tokens of an earlier one are good no more; `closed`: nothing of it is good |
| key#<key_id> | an API key: digest, account, scopes; gone once it is revoked |
| session#<session_id> | there as long as an access token of a session that has ended could still be good |
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from heliograph.errors import UnavailableError
from heliograph.identity.api_keys import ApiKeyRecord
from heliograph.identity.principal import InvalidTokenError, Principal, Scope
from heliograph.photos import OwnerId

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

Item = dict[str, Any]


@dataclass(frozen=True)
class AccessRecord:
    """What has been taken back of an account, and of one of its sessions."""

    generation: int = 0
    has_session_ended: bool = False
    is_closed: bool = False
    """Whether the account is closed, or being deleted: then neither tokens nor API keys are good for anything."""

    def admit(self, principal: Principal) -> None:
        """Let a principal pass whose token was good by itself.

        Raises:
            InvalidTokenError: It has been taken back.
        """
        if self.is_closed:
            raise InvalidTokenError("This account is closed.")
        if self.has_session_ended or principal.generation < self.generation:
            raise InvalidTokenError("The session of this access token has ended: sign in again.")


class AccessRecords(Protocol):
    """Where it is read what was taken back. tests/contract/test_access_records.py is its specification."""

    async def of(self, account_id: OwnerId, session_id: str) -> AccessRecord:
        """Return what was taken back up to this moment; raise `UnavailableError` where that can't be known."""

    async def api_key(self, key_id: str) -> ApiKeyRecord | None:
        """Return the API key of that id, if there is one at this moment."""

    async def are_closed(self, account_ids: Sequence[OwnerId]) -> frozenset[OwnerId]:
        """Return which of up to 100 accounts are closed, or being deleted."""


def account_key(account_id: str) -> Item:
    """Return the key of an account's item."""
    return {"pk": {"S": f"account#{account_id}"}}


def session_key(session_id: str) -> Item:
    """Return the key of a session's item."""
    return {"pk": {"S": f"session#{session_id}"}}


def api_key_key(key_id: str) -> Item:
    """Return the key of an API key's item."""
    return {"pk": {"S": f"key#{key_id}"}}


def api_key_item(
    key_id: str, digest: str, account_id: OwnerId, scopes: frozenset[Scope], expires_at: datetime | None
) -> Item:
    """Return an API key's item; DynamoDB's TTL clears it some time after `expires_at`."""
    expiry = {"expires_at": {"N": str(int(expires_at.timestamp()))}} if expires_at else {}
    return api_key_key(key_id) | {
        "digest": {"S": digest},
        "account_id": {"S": account_id},
        "scopes": {"SS": sorted(scopes)},
        **expiry,
    }


class DynamoAccessRecords:
    """`AccessRecords` over DynamoDB: one request for each call, two read units, always the latest."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def of(self, account_id: OwnerId, session_id: str) -> AccessRecord:
        """See `AccessRecords.of`."""
        account, session = account_key(account_id), session_key(session_id)
        found = await self._items([account, session])
        kept = found.get(account["pk"]["S"], {})
        return AccessRecord(
            generation=int(kept.get("generation", {"N": "0"})["N"]),
            has_session_ended=session["pk"]["S"] in found,
            is_closed=_is_closed(kept),
        )

    async def are_closed(self, account_ids: Sequence[OwnerId]) -> frozenset[OwnerId]:
        """See `AccessRecords.are_closed`."""
        keys = {account_id: account_key(account_id) for account_id in account_ids}
        found = await self._items(list(keys.values())) if keys else {}
        return frozenset(account_id for account_id, key in keys.items() if _is_closed(found.get(key["pk"]["S"], {})))

    async def api_key(self, key_id: str) -> ApiKeyRecord | None:
        """See `AccessRecords.api_key`."""
        key = api_key_key(key_id)
        item = (await self._items([key])).get(key["pk"]["S"])
        if item is None:
            return None
        return ApiKeyRecord(
            key_id=key_id,
            digest=item["digest"]["S"],
            account_id=OwnerId(item["account_id"]["S"]),
            scopes=frozenset(Scope(name) for name in item["scopes"]["SS"]),
            expires_at=datetime.fromtimestamp(int(item["expires_at"]["N"]), UTC) if "expires_at" in item else None,
        )

    async def check(self) -> str:
        """Say that the table answers; raise `UnavailableError` where it does not."""
        await self._items([account_key("nobody")])
        return self._table

    async def _items(self, keys: list[Item]) -> dict[str, Item]:
        try:
            response = await self._client.batch_get_item(
                RequestItems={self._table: {"Keys": keys, "ConsistentRead": True}}
            )
        except (ClientError, BotoCoreError) as error:
            raise UnavailableError(f"table of access: {error}") from error
        if response.get("UnprocessedKeys"):
            raise UnavailableError("table of access: it answers in part only")
        return {item["pk"]["S"]: item for item in response["Responses"].get(self._table, [])}


def _is_closed(item: Item) -> bool:
    return bool(item.get("closed", {}).get("BOOL"))
