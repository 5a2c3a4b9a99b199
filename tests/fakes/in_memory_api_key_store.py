"""An `ApiKeyStore` in memory."""

from heliograph.identity import ApiKeyRecord
from heliograph.photos import OwnerId
from heliograph_auth.domain.api_keys import MAX_KEYS, ApiKey
from tests.fakes.in_memory_access_records import InMemoryAccessRecords


class InMemoryApiKeyStore:
    """A dictionary, and the access records that other services would read."""

    def __init__(self, access: InMemoryAccessRecords | None = None) -> None:
        self.keys: dict[str, ApiKey] = {}
        self.access = access or InMemoryAccessRecords()

    async def add(self, key: ApiKey, *, digest: str) -> bool:
        if len(await self.of_account(key.account_id)) >= MAX_KEYS:
            return False
        self.keys[key.key_id] = key
        self.access.keys[key.key_id] = ApiKeyRecord(key.key_id, digest, key.account_id, key.scopes, key.expires_at)
        return True

    async def of_account(self, account_id: OwnerId) -> list[ApiKey]:
        return [key for key in self.keys.values() if key.account_id == account_id]

    async def get(self, key_id: str) -> ApiKey | None:
        return self.keys.get(key_id)

    async def remove(self, key_id: str) -> None:
        self.keys.pop(key_id, None)
        self.access.keys.pop(key_id, None)
