"""`AccessRecords` in memory, and what the stores of auth write into them."""

from heliograph.identity import AccessRecord, ApiKeyRecord
from heliograph.photos import OwnerId


class InMemoryAccessRecords:
    """Generations by account, the sessions that have ended, and API keys."""

    def __init__(self) -> None:
        self.generations: dict[OwnerId, int] = {}
        self.ended: set[str] = set()
        self.keys: dict[str, ApiKeyRecord] = {}

    async def of(self, account_id: OwnerId, session_id: str) -> AccessRecord:
        return AccessRecord(generation=self.generations.get(account_id, 0), has_session_ended=session_id in self.ended)

    async def api_key(self, key_id: str) -> ApiKeyRecord | None:
        return self.keys.get(key_id)
