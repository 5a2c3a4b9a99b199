"""A `MemberStore` in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from heliograph.photos import OwnerId
from heliograph_metadata.domain.sharing import Invitation, Member


class InMemoryMemberStore:
    """Invitations by the hashes of their secrets, members by account and album."""

    def __init__(self) -> None:
        self.offers: dict[str, Invitation] = {}
        self.joined: dict[tuple[OwnerId, str], Member] = {}

    async def invite(self, invitation: Invitation) -> None:
        self.offers[invitation.secret_hash] = invitation

    async def invitation(self, secret_hash: str) -> Invitation | None:
        return self.offers.get(secret_hash)

    async def invitations(self, owner_id: OwnerId, album_id: str) -> Sequence[Invitation]:
        found = [one for one in self.offers.values() if (one.owner_id, one.album_id) == (owner_id, album_id)]
        return sorted(found, key=lambda one: (one.created_at, one.invitation_id))

    async def take_back(self, invitation: Invitation) -> None:
        self.offers.pop(invitation.secret_hash, None)

    async def join(self, invitation: Invitation, member: Member) -> bool:
        there = self.offers.get(invitation.secret_hash)
        if there is None or there.taken_by is not None:
            return False
        self.offers[invitation.secret_hash] = replace(there, taken_by=member.account_id)
        self.joined[member.account_id, member.album_id] = member
        return True

    async def member(self, account_id: OwnerId, album_id: str) -> Member | None:
        return self.joined.get((account_id, album_id))

    async def members(self, owner_id: OwnerId, album_id: str | None = None) -> Sequence[Member]:
        return _in_turn(
            one for one in self.joined.values() if one.owner_id == owner_id and album_id in {None, one.album_id}
        )

    async def memberships(self, account_id: OwnerId) -> Sequence[Member]:
        return _in_turn(one for one in self.joined.values() if one.account_id == account_id)

    async def replace(self, member: Member, *, stored: Member) -> bool:
        key = member.account_id, member.album_id
        if self.joined.get(key) != stored:
            return False
        self.joined[key] = member
        return True

    async def remove(self, member: Member) -> None:
        self.joined.pop((member.account_id, member.album_id), None)


def _in_turn(members: Iterable[Member]) -> list[Member]:
    return sorted(members, key=lambda member: (member.joined_at, member.album_id, member.account_id))
