"""`AccessRecords` in memory, and what the stores of auth write into them."""

from collections.abc import Sequence

from heliograph.identity import AccessRecord, ApiKeyRecord
from heliograph.photos import OwnerId


class InMemoryAccessRecords:
    """Generations by account, the sessions that have ended, and API keys."""

    def __init__(self) -> None:
        self.generations: dict[OwnerId, int] = {}
        self.ended: set[str] = set()
        self.keys: dict[str, ApiKeyRecord] = {}
        self.closed: set[OwnerId] = set()

    async def of(self, account_id: OwnerId, session_id: str) -> AccessRecord:
        return AccessRecord(
            generation=self.generations.get(account_id, 0),
            has_session_ended=session_id in self.ended,
            is_closed=account_id in self.closed,
        )

    async def are_closed(self, account_ids: Sequence[OwnerId]) -> frozenset[OwnerId]:
        return frozenset(self.closed.intersection(account_ids))

    async def api_key(self, key_id: str) -> ApiKeyRecord | None:
        return self.keys.get(key_id)
