"""The port of passkeys."""

from typing import Protocol

from heliograph.photos import OwnerId
from heliograph_auth.domain.passkeys import Passkey


class PasskeyStore(Protocol):
    """Where passkeys are kept. tests/contract/test_passkey_store.py is its specification."""

    async def add(self, passkey: Passkey) -> bool:
        """Store a new passkey; return False, changing nothing, where its credential is somebody's already."""

    async def get(self, passkey_id: str) -> Passkey | None:
        """Return the passkey of that id, as it is at this moment."""

    async def of_account(self, account_id: OwnerId) -> list[Passkey]:
        """Return an account's passkeys; what was added or removed a moment ago may be missing or there."""

    async def replace(self, passkey: Passkey, *, expected: Passkey) -> bool:
        """Keep `passkey`; return False, changing nothing, where it has signed meanwhile or is gone."""

    async def remove(self, passkey_id: str) -> None:
        """Forget a passkey; nothing happens where there is none."""
