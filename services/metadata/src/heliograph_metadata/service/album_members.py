"""Albums shared with other accounts: invited by a secret, joined, changed and left."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId
from heliograph_metadata.domain.access import Access, Right, Role
from heliograph_metadata.domain.albums import Album
from heliograph_metadata.domain.errors import AlbumNotFoundError
from heliograph_metadata.domain.sharing import (
    INVITATION_LIVES,
    MOST_CONTRIBUTORS,
    MOST_INVITATIONS,
    MOST_MEMBERS,
    MOST_MEMBERSHIPS,
    Invitation,
    InvitationNotFoundError,
    Member,
    MemberNotFoundError,
    OwnAlbumError,
    TooManySharesError,
    hash_of,
    is_secret,
    new_secret,
    stronger_role,
)
from heliograph_metadata.service.album_access import AlbumAccess
from heliograph_metadata.service.share_links import refuse_smart
from heliograph_metadata.service.share_store import MemberStore

_ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """An invitation that was just made: the only time that its secret is known."""

    invitation: Invitation
    secret: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What an invitation offers."""

    invitation: Invitation
    album: Album


class AlbumMembers:
    """The use cases of sharing with people.

    Nobody is looked up: an invitation is a secret that its owner hands on, and whoever is signed in and has it can
    take it up, once.
    """

    def __init__(self, members: MemberStore, access: AlbumAccess, *, now: Callable[[], datetime]) -> None:
        self._members = members
        self._access = access
        self._now = now

    async def all(self, account_id: OwnerId, album_id: str) -> tuple[Sequence[Invitation], Sequence[Member]]:
        """Return an album's open invitations and its members.

        Raises:
            AlbumNotFoundError, NotAllowedError: The album is not the caller's.
        """
        await self._own(account_id, album_id)
        invitations = await self._members.invitations(account_id, album_id)
        return [one for one in invitations if self._is_open(one)], await self._members.members(account_id, album_id)

    async def invite(self, account_id: OwnerId, album_id: str, said: Mapping[str, Any]) -> NewInvitation:
        """Offer a role in an album.

        Args:
            account_id: The caller.
            album_id: The album.
            said: `role`, `name`, `owner_name` and `shows_location`.

        Raises:
            AlbumNotFoundError, NotAllowedError: The album is not the caller's.
            SmartAlbumNotSharedError: It is a smart one.
            TooManySharesError: It has as many invitations or people as an album can have.
        """
        access = await self._own(account_id, album_id)
        refuse_smart(access)
        invitations, members = await self.all(account_id, album_id)
        if len(invitations) >= MOST_INVITATIONS:
            raise TooManySharesError(f"{MOST_INVITATIONS} invitations are open already, which is the most.")
        _check_room(members, Role(said["role"]))
        secret, at = new_secret(), self._now()
        invitation = Invitation(
            owner_id=account_id,
            album_id=album_id,
            invitation_id=uuid4().hex,
            secret_hash=hash_of(secret),
            created_at=at,
            ends_at=at + INVITATION_LIVES,
            **said,
        )
        await self._members.invite(invitation)
        return NewInvitation(invitation, secret)

    async def take_back(self, account_id: OwnerId, album_id: str, invitation_id: str) -> None:
        """Take an invitation back; who has taken it up stays.

        Raises:
            AlbumNotFoundError, NotAllowedError: The album is not the caller's.
            InvitationNotFoundError: It has no such invitation.
        """
        await self._own(account_id, album_id)
        for invitation in await self._members.invitations(account_id, album_id):
            if invitation.invitation_id == invitation_id:
                await self._members.take_back(invitation)
                return
        raise InvitationNotFoundError("This album has no such invitation.")

    async def look(self, account_id: OwnerId, secret: str) -> Offer:
        """Return what an invitation offers to whoever is about to take it up.

        Raises:
            InvitationNotFoundError: It is wrong, has run out, was taken back or taken up by somebody else.
            OwnAlbumError: The album is the caller's own.
        """
        invitation = await self._members.invitation(hash_of(secret)) if is_secret(secret) else None
        gone = InvitationNotFoundError("This invitation is wrong, has run out, or somebody has taken it up.")
        if invitation is None or not self._is_open(invitation, account_id):
            raise gone
        if invitation.owner_id == account_id:
            raise OwnAlbumError("This album is your own: hand the invitation to somebody else.")
        try:
            access = await self._access.shared(self._member(invitation, account_id))
        except AlbumNotFoundError as error:
            raise gone from error
        return Offer(invitation, access.album)

    async def accept(self, account_id: OwnerId, secret: str) -> str:
        """Take an invitation up, and return the album's id; again changes nothing.

        Raises:
            InvitationNotFoundError, OwnAlbumError: As `look` does.
            TooManySharesError: The album has as many people, or the caller is in as many albums, as can be.
        """
        invitation = (await self.look(account_id, secret)).invitation
        joined = self._member(invitation, account_id)
        there = await self._members.member(account_id, invitation.album_id)
        if invitation.taken_by == account_id:
            if there is None:  # they have left, or were taken out, since
                raise InvitationNotFoundError("This invitation was taken up already.")
            return invitation.album_id
        if there is not None:
            joined = replace(
                there,
                role=stronger_role(there.role, invitation.role),
                shows_location=there.shows_location or invitation.shows_location,
            )
        elif len(await self._members.memberships(account_id)) >= MOST_MEMBERSHIPS:
            raise TooManySharesError(f"You are in {MOST_MEMBERSHIPS} albums of others already, which is the most.")
        others = await self._members.members(invitation.owner_id, invitation.album_id)
        _check_room([one for one in others if one.account_id != account_id], joined.role)
        if not await self._members.join(invitation, joined):
            taken = await self._members.invitation(invitation.secret_hash)
            is_in = await self._members.member(account_id, invitation.album_id) is not None
            if taken is None or taken.taken_by != account_id or not is_in:
                raise InvitationNotFoundError("This invitation was taken back, or somebody has taken it up.")
        return invitation.album_id

    async def change(self, account_id: OwnerId, album_id: str, member_id: OwnerId, said: Mapping[str, Any]) -> Member:
        """Change what a member may do; one who may no longer contribute has no photos in the album any more.

        Args:
            account_id: The caller.
            album_id: The album.
            member_id: Whom.
            said: Any of `role`, `name` and `shows_location`.

        Raises:
            AlbumNotFoundError, NotAllowedError: The album is not the caller's.
            MemberNotFoundError: It is not shared with them.
            TooManySharesError: As many contribute to it as can.
        """
        await self._own(account_id, album_id)
        for _ in range(_ATTEMPTS):
            member = await self._found(account_id, album_id, member_id)
            changed = replace(member, **said)
            if changed.contributes and not member.contributes:
                others = await self._members.members(account_id, album_id)
                _check_room([one for one in others if one.account_id != member_id], changed.role)
            if await self._members.replace(changed, stored=member):
                return changed
        raise UnavailableError("Others are changing what they may do at this moment; try again.")

    async def remove(self, account_id: OwnerId, album_id: str, member_id: OwnerId) -> None:
        """Take somebody out of an album, or leave it; their photos are in it no more.

        Raises:
            AlbumNotFoundError: The caller has no such album.
            NotAllowedError: The caller is neither its owner nor the one who leaves.
            MemberNotFoundError: It is not shared with them.
        """
        leaves = member_id == account_id
        access = await self._access.of(account_id, album_id, Right.SEE if leaves else Right.OWN)
        await self._members.remove(await self._found(access.album.owner_id, album_id, member_id))

    def _is_open(self, invitation: Invitation, account_id: OwnerId | None = None) -> bool:
        return self._now() < invitation.ends_at and invitation.taken_by in {None, account_id}

    def _member(self, invitation: Invitation, account_id: OwnerId) -> Member:
        return Member(
            owner_id=invitation.owner_id,
            album_id=invitation.album_id,
            account_id=account_id,
            role=invitation.role,
            name=invitation.name,
            owner_name=invitation.owner_name,
            shows_location=invitation.shows_location,
            joined_at=self._now(),
        )

    async def _own(self, account_id: OwnerId, album_id: str) -> Access:
        return await self._access.of(account_id, album_id, Right.OWN)

    async def _found(self, owner_id: OwnerId, album_id: str, member_id: OwnerId) -> Member:
        member = await self._members.member(member_id, album_id)
        if member is None or member.owner_id != owner_id:
            raise MemberNotFoundError("This album is not shared with them.")
        return member


def _check_room(others: Sequence[Member], role: Role) -> None:
    if len(others) >= MOST_MEMBERS:
        raise TooManySharesError(f"This album is shared with {MOST_MEMBERS} people already, which is the most.")
    if role is not Role.VIEWER and sum(one.contributes for one in others) >= MOST_CONTRIBUTORS:
        raise TooManySharesError(f"{MOST_CONTRIBUTORS} people contribute to this album already, which is the most.")
