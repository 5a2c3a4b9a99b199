"""Who may do what with an album, and what of others' photos they are shown: the one place where that is decided.

A use case asks for somebody's `Access` to an album, checks it for the right that it needs, and goes on with what the
access holds; no route and no store decides anything of the kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from heliograph.errors import ForbiddenError
from heliograph.photos import OwnerId
from heliograph_metadata.domain.albums import Album
from heliograph_metadata.domain.photo import Photo, Source


class Role(StrEnum):
    """What somebody is to an album, the least first."""

    LINK = "link"
    """Whoever holds a share link, with an account or without."""
    VIEWER = "viewer"
    CONTRIBUTOR = "contributor"
    """Puts photos of their own in, and takes those out again."""
    EDITOR = "editor"
    """Names and orders the album, too, and takes out anyone's photos."""
    OWNER = "owner"


class Right(StrEnum):
    """What can be done with an album."""

    SEE = "see"
    CONTRIBUTE = "contribute"
    ARRANGE = "arrange"
    OWN = "own"
    """Share it, put it into a folder, delete it."""


_RIGHTS: Final[Mapping[Role, frozenset[Right]]] = {
    Role.LINK: frozenset({Right.SEE}),
    Role.VIEWER: frozenset({Right.SEE}),
    Role.CONTRIBUTOR: frozenset({Right.SEE, Right.CONTRIBUTE}),
    Role.EDITOR: frozenset({Right.SEE, Right.CONTRIBUTE, Right.ARRANGE}),
    Role.OWNER: frozenset(Right),
}

GRANTED: Final = (Role.VIEWER, Role.CONTRIBUTOR, Role.EDITOR)
"""The roles that an owner can give to another account."""

_MEANING: Final[Mapping[Right, str]] = {
    Right.SEE: "You may not see this album.",
    Right.CONTRIBUTE: "You may look at this album, but put no photos into it.",
    Right.ARRANGE: "Only this album's owner and its editors may change it.",
    Right.OWN: "Only this album's owner may do that.",
}


class NotAllowedError(ForbiddenError):
    """The album is shared with the caller, but not for this."""

    code = "not-allowed"


def may(role: Role, right: Right) -> bool:
    """Whether a role has a right."""
    return right in _RIGHTS[role]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What one person, or whoever holds a link, is to one album."""

    album: Album
    role: Role
    account_id: OwnerId | None
    """None for whoever holds a link."""
    contributors: tuple[OwnerId, ...] = ()
    """Accounts other than the owner's whose photos are in the album where they say so."""
    shows_location: bool = False
    """Whether they see where the owner's photos were taken; where others' were, only those others see."""
    allows_download: bool = True

    @property
    def owners(self) -> tuple[OwnerId, ...]:
        """Whose photos can be in the album; the album's owner first."""
        return (self.album.owner_id, *self.contributors)

    def check(self, right: Right) -> None:
        """See that something is allowed.

        Raises:
            NotAllowedError: It is not.
        """
        if not may(self.role, right):
            raise NotAllowedError(_MEANING[right])

    def holds(self, photo: Photo | None) -> bool:
        """Whether a photo is to be seen in the album."""
        return (
            photo is not None
            and photo.owner_id in self.owners
            and self.album.album_id in photo.album_ids
            and photo.is_seen
        )

    def is_own(self, owner_id: OwnerId) -> bool:
        """Whether photos of that owner are the caller's own, of which nothing is hidden."""
        return owner_id == self.account_id

    def sees_location_of(self, owner_id: OwnerId) -> bool:
        """Whether the caller sees where photos of that owner were taken."""
        return self.is_own(owner_id) or (self.shows_location and owner_id == self.album.owner_id)

    def gets_original(self, photo: Photo) -> bool:
        """Whether a download is the file itself, which says where it was taken; otherwise it is the preview.

        Where a person has said where it was taken, or that nobody is to know, the file says something else.
        """
        is_corrected = photo.location is not None and photo.location.source is Source.PERSON
        if self.is_own(photo.owner_id):
            return self.allows_download
        return self.allows_download and self.sees_location_of(photo.owner_id) and not is_corrected
