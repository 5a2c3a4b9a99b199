"""A `PasskeyStore` in memory."""

from heliograph.photos import OwnerId
from heliograph_auth.domain.passkeys import Passkey


class InMemoryPasskeyStore:
    """A dictionary."""

    def __init__(self) -> None:
        self.passkeys: dict[str, Passkey] = {}

    async def add(self, passkey: Passkey) -> bool:
        if passkey.passkey_id in self.passkeys:
            return False
        self.passkeys[passkey.passkey_id] = passkey
        return True

    async def get(self, passkey_id: str) -> Passkey | None:
        return self.passkeys.get(passkey_id)

    async def of_account(self, account_id: OwnerId) -> list[Passkey]:
        return [passkey for passkey in self.passkeys.values() if passkey.account_id == account_id]

    async def replace(self, passkey: Passkey, *, expected: Passkey) -> bool:
        there = self.passkeys.get(passkey.passkey_id)
        if there is None or (there.sign_count, there.last_used_at) != (expected.sign_count, expected.last_used_at):
            return False
        self.passkeys[passkey.passkey_id] = passkey
        return True

    async def remove(self, passkey_id: str) -> None:
        self.passkeys.pop(passkey_id, None)
