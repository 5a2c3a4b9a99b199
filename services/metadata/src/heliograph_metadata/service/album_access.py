"""Finds out what an album is to somebody: its owner, an account that it is shared with, or whoever opened a link."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from heliograph.photos import OwnerId
from heliograph_metadata.domain.access import Access, Right, Role
from heliograph_metadata.domain.albums import Album
from heliograph_metadata.domain.errors import AlbumNotFoundError
from heliograph_metadata.domain.sharing import Member, ShareLink, ShareNotFoundError, hash_of, is_secret
from heliograph_metadata.service.album_store import AlbumStore
from heliograph_metadata.service.share_store import LinkStore, MemberStore


class ClosedAccounts(Protocol):
    """Which accounts are closed, or being deleted; heliograph.identity's `AccessRecords` know it."""

    async def are_closed(self, account_ids: Sequence[OwnerId]) -> frozenset[OwnerId]:
        """Return which of up to 100 accounts are."""


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A link that somebody has opened, and what its album is to them."""

    link: ShareLink
    access: Access


class AlbumAccess:
    """The only way to an album that may be somebody else's."""

    def __init__(
        self,
        albums: AlbumStore,
        members: MemberStore,
        links: LinkStore,
        accounts: ClosedAccounts,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._accounts = accounts
        self._albums = albums
        self._members = members
        self._links = links
        self._now = now

    async def of(self, account_id: OwnerId, album_id: str, right: Right) -> Access:
        """Return what an album is to an account that wants to do something with it.

        Raises:
            AlbumNotFoundError: The account has no such album, and none is shared with it.
            NotAllowedError: The album is shared with it, but not for this.
        """
        album = await self._albums.get(account_id, album_id)
        if album is not None and not album.is_deleted:
            return self.own(album, await self._members.members(account_id, album_id))
        member = await self._members.member(account_id, album_id)
        if member is None:
            raise AlbumNotFoundError("There is no such album.")
        access = await self.shared(member)
        access.check(right)
        return access

    def own(self, album: Album, members: Iterable[Member]) -> Access:
        """Return what an album is to its owner.

        Args:
            album: The album.
            members: With whom it is shared; of other albums' members nothing is taken.
        """
        of_it = [member for member in members if member.album_id == album.album_id]
        return Access(
            album=album,
            role=Role.OWNER,
            account_id=album.owner_id,
            contributors=contributors_of(of_it),
            shows_location=True,
        )

    async def shared(self, member: Member) -> Access:
        """Return what an album is to an account that it is shared with.

        Raises:
            AlbumNotFoundError: The album is gone.
        """
        album = await self._of_others(member.owner_id, member.album_id)
        if album is None:
            raise AlbumNotFoundError("There is no such album.")
        members = await self._members.members(member.owner_id, member.album_id)
        return Access(
            album=album,
            role=member.role,
            account_id=member.account_id,
            contributors=contributors_of(members),
            shows_location=member.shows_location,
        )

    async def by_visit(self, token: str) -> OpenLink:
        """Return what an album is to whoever has opened a link.

        Raises:
            ShareNotFoundError: The visit, the link or the album has ended.
        """
        visit = await self._links.visit(hash_of(token)) if is_secret(token) else None
        if visit is None:
            raise ShareNotFoundError("This link is wrong, or is not shared any more.")
        link = await self._links.get(visit.owner_id, visit.album_id, visit.link_id)
        if link is None or not visit.is_good_for(link, self._now()):
            raise ShareNotFoundError("This link is wrong, or is not shared any more.")
        return await self.by_link(link)

    async def by_link(self, link: ShareLink) -> OpenLink:
        """Return what an album is to whoever holds a link.

        Raises:
            ShareNotFoundError: The album is gone.
        """
        album = await self._of_others(link.owner_id, link.album_id)
        if album is None:
            raise ShareNotFoundError("This link is wrong, or is not shared any more.")
        members = await self._members.members(link.owner_id, link.album_id)
        access = Access(
            album=album,
            role=Role.LINK,
            account_id=None,
            contributors=contributors_of(members),
            shows_location=link.shows_location,
            allows_download=link.allows_download,
        )
        return OpenLink(link, access)

    async def _of_others(self, owner_id: OwnerId, album_id: str) -> Album | None:
        """Return an album that others than its owner may see: of a closed account nobody sees anything."""
        album = await self._albums.get(owner_id, album_id)
        if album is None or album.is_deleted or album.is_smart or await self._accounts.are_closed([owner_id]):
            return None
        return album


def contributors_of(members: Iterable[Member]) -> tuple[OwnerId, ...]:
    """Return the accounts whose photos are in an album, of those that it is shared with."""
    return tuple(member.account_id for member in members if member.contributes)
