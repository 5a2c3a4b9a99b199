"""Ends what was shared of an album that is deleted."""

from heliograph.photos import OwnerId
from heliograph_metadata.service.share_store import LinkStore, MemberStore


class ShareEnding:
    """Forgets links, invitations and members; doing it again changes nothing."""

    def __init__(self, links: LinkStore, members: MemberStore) -> None:
        self._links = links
        self._members = members

    async def of_album(self, owner_id: OwnerId, album_id: str) -> None:
        """Share an album with nobody any more."""
        for link in await self._links.of_album(owner_id, album_id):
            await self._links.remove(link)
        for invitation in await self._members.invitations(owner_id, album_id):
            await self._members.take_back(invitation)
        for member in await self._members.members(owner_id, album_id):
            await self._members.remove(member)
