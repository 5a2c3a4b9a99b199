"""An `InvitationStore` in memory."""

from heliograph.photos import OwnerId
from heliograph_auth.domain.invitations import Invitation


class InMemoryInvitationStore:
    """A dictionary."""

    def __init__(self) -> None:
        self.invitations: dict[str, Invitation] = {}

    async def add(self, invitation: Invitation) -> None:
        self.invitations[invitation.digest] = invitation

    async def made_by(self, account_id: OwnerId) -> list[Invitation]:
        return [one for one in self.invitations.values() if one.made_by == account_id]

    async def all(self) -> list[Invitation]:
        return list(self.invitations.values())

    async def remove(self, digest: str) -> Invitation | None:
        return self.invitations.pop(digest, None)
