"""An `IdentityStore` in memory."""

from heliograph.photos import OwnerId
from heliograph_auth.domain.foreign import Identity


class InMemoryIdentityStore:
    """A dictionary."""

    def __init__(self) -> None:
        self.identities: dict[str, Identity] = {}

    async def add(self, identity: Identity) -> bool:
        if identity.identity_id in self.identities:
            return False
        self.identities[identity.identity_id] = identity
        return True

    async def get(self, identity_id: str) -> Identity | None:
        return self.identities.get(identity_id)

    async def of_account(self, account_id: OwnerId) -> list[Identity]:
        return [identity for identity in self.identities.values() if identity.account_id == account_id]

    async def remove(self, identity_id: str) -> None:
        self.identities.pop(identity_id, None)
