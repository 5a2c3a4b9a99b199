"""An `InvitationStore` in memory."""

from heliograph.photos import OwnerId
from heliograph_auth.domain.accounts import Account, email_key
from heliograph_auth.domain.invitations import Invitation


class InMemoryInvitationStore:
    """A dictionary."""

    def __init__(self) -> None:
        self.invitations: dict[str, Invitation] = {}

    async def add(self, invitation: Invitation) -> None:
        self.invitations[invitation.digest] = invitation

    async def made_by(self, account_id: OwnerId) -> list[Invitation]:
        return [one for one in self.invitations.values() if one.made_by == account_id]

    async def remove(self, account_id: OwnerId, digest: str) -> bool:
        there = self.invitations.get(digest)
        if there is None or there.made_by != account_id:
            return False
        del self.invitations[digest]
        return True

    def is_good_for(self, digest: str, account: Account) -> bool:
        """Whether an account can be opened with it."""
        there = self.invitations.get(digest)
        is_theirs = there is not None and (not there.email or email_key(there.email) == email_key(account.email))
        return there is not None and is_theirs and there.ends_at > account.created_at
