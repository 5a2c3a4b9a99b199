"""Where links, visits, invitations and members are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from heliograph.photos import OwnerId
from heliograph_metadata.domain.sharing import Invitation, Member, ShareLink, Visit


class LinkStore(Protocol):
    """Share links and who has opened them. tests/contract/test_link_store.py is its specification."""

    async def create(self, link: ShareLink) -> None:
        """Store a new link, to be found by its secret."""

    async def get(self, owner_id: OwnerId, album_id: str, link_id: str) -> ShareLink | None:
        """Return a link, or None."""

    async def by_secret(self, secret_hash: str) -> ShareLink | None:
        """Return the link that a secret opens, one that has run out too, or None."""

    async def of_album(self, owner_id: OwnerId, album_id: str) -> Sequence[ShareLink]:
        """Return the links of an album, the oldest first."""

    async def replace(self, link: ShareLink, *, stored: ShareLink) -> bool:
        """Store what is said of a link, but not how often it was viewed; return False where it was changed since."""

    async def remove(self, link: ShareLink) -> None:
        """Forget a link and its secret; nothing happens where there is none."""

    async def open_visit(self, visit: Visit, *, at: datetime) -> None:
        """Keep a visit, and count it where its link is there still."""

    async def visit(self, token_hash: str) -> Visit | None:
        """Return a visit, or None."""

    async def count_try(self, of: str, *, window: int, until: datetime, most: int) -> bool:
        """Count one more try of somebody in a window of time; return False, counting nothing, above `most`."""

    async def take_back_try(self, of: str, *, window: int) -> None:
        """Count one try less."""


class MemberStore(Protocol):
    """Invitations and members. tests/contract/test_member_store.py is its specification."""

    async def invite(self, invitation: Invitation) -> None:
        """Store a new invitation, to be found by its secret."""

    async def invitation(self, secret_hash: str) -> Invitation | None:
        """Return the invitation that a secret names, one that was taken up or has run out too, or None."""

    async def invitations(self, owner_id: OwnerId, album_id: str) -> Sequence[Invitation]:
        """Return the invitations of an album, the oldest first; those taken up too."""

    async def take_back(self, invitation: Invitation) -> None:
        """Forget an invitation and its secret; nothing happens where there is none."""

    async def join(self, invitation: Invitation, member: Member) -> bool:
        """Store a member, or what one has become, and that the invitation was taken up by them.

        Returns:
            False, having changed nothing, where the invitation is gone or was taken up already.
        """

    async def member(self, account_id: OwnerId, album_id: str) -> Member | None:
        """Return what an account is to an album of somebody else's, or None."""

    async def members(self, owner_id: OwnerId, album_id: str | None = None) -> Sequence[Member]:
        """Return with whom an album, or each of an owner's, is shared; who joined first comes first."""

    async def memberships(self, account_id: OwnerId) -> Sequence[Member]:
        """Return what is shared with an account; what it joined first comes first."""

    async def replace(self, member: Member, *, stored: Member) -> bool:
        """Store what a member has become; return False, changing nothing, where they left or were changed since."""

    async def remove(self, member: Member) -> None:
        """Forget a member; nothing happens where there is none."""
