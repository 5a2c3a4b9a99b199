"""How albums are shared: links that need no account, invitations, and the accounts that took one up."""

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from heliograph.errors import ConflictError, NotFoundError, ThrottledError, UnauthenticatedError, UnprocessableError
from heliograph.photos import OwnerId
from heliograph_metadata.domain.access import Right, Role, may

MOST_LINKS: Final = 20
MOST_INVITATIONS: Final = 20
MOST_MEMBERS: Final = 50
"""Each of one album."""
MOST_CONTRIBUTORS: Final = 20
"""Of one album: a page of it is merged from as many lists, and one more."""
MOST_MEMBERSHIPS: Final = 500
"""Albums of others that one account is in."""

INVITATION_LIVES: Final = timedelta(days=14)
VISIT_LIVES: Final = timedelta(hours=1)
"""How long a link that was opened once, with its password where it has one, stays open."""

TRIES_WINDOW: Final = timedelta(minutes=15)
MOST_TRIES_FROM_ONE_ADDRESS: Final = 10
MOST_TRIES: Final = 100
"""Wrong passwords of one link within a window, from anywhere."""

MOST_PASSWORD_CHARACTERS: Final = 256
_SECRET_BYTES: Final = 16
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{22}")
"""Base64 of 128 bits."""


class ShareNotFoundError(NotFoundError):
    """The link is wrong, has run out or was taken back."""

    code = "share-not-found"


class LinkNotFoundError(NotFoundError):
    """The album has no such link."""

    code = "link-not-found"


class InvitationNotFoundError(NotFoundError):
    """The invitation is wrong, has run out, was taken back or taken up by somebody else."""

    code = "invitation-not-found"


class MemberNotFoundError(NotFoundError):
    """The album is not shared with that account."""

    code = "member-not-found"


class SharePasswordNeededError(UnauthenticatedError):
    """The link has a password."""

    code = "share-password-needed"


class WrongSharePasswordError(UnauthenticatedError):
    """The password is not the link's."""

    code = "wrong-share-password"


class ShareThrottledError(ThrottledError):
    """Too many wrong passwords were tried."""

    code = "too-many-tries"


class TooManySharesError(UnprocessableError):
    """The album has as many links, invitations or people, or the account is in as many albums, as can be."""

    code = "share-limit"


class EndsInThePastError(UnprocessableError):
    """A link must run out later than now."""

    code = "ends-in-the-past"


class SmartAlbumNotSharedError(ConflictError):
    """A smart album cannot be shared: it would show whatever its search comes to find."""

    code = "smart-album"


class OwnAlbumError(ConflictError):
    """The album is the caller's own."""

    code = "own-album"


def new_secret() -> str:
    """Return 128 random bits as 22 characters that need no escaping in an address."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def hash_of(secret: str) -> str:
    """Return what is kept of a secret; of so many random bits a plain hash gives nothing away."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_secret(text: str) -> bool:
    """Whether a secret can look like this."""
    return _SECRET.fullmatch(text) is not None


def password_bytes(password: str) -> bytes:
    """Return what is hashed of a password: the same, however a keyboard puts its accents (RFC 8265, 4.2)."""
    return unicodedata.normalize("NFC", password).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareLink:
    """A link to an album that needs no account."""

    owner_id: OwnerId
    album_id: str
    link_id: str
    secret_hash: str
    created_at: datetime
    version: int = 1
    name: str = ""
    """For its owner, to tell it from others."""
    password_hash: str | None = None
    password_version: int = 0
    """One more with each change of the password, which ends all visits."""
    ends_at: datetime | None = None
    allows_download: bool = True
    shows_location: bool = False
    views: int = 0
    last_viewed_at: datetime | None = None

    def is_open(self, at: datetime) -> bool:
        """Whether it has not run out."""
        return self.ends_at is None or at < self.ends_at


def changed_link(link: ShareLink, said: dict[str, Any]) -> ShareLink:
    """Return the next version of a link; `said` has the names of its fields."""
    if "password_hash" in said:
        said = said | {"password_version": link.password_version + 1}
    return replace(link, version=link.version + 1, **said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A link that somebody has opened: good for an hour, as long as the link is."""

    token_hash: str
    owner_id: OwnerId
    album_id: str
    link_id: str
    password_version: int
    ends_at: datetime

    def is_good_for(self, link: ShareLink | None, at: datetime) -> bool:
        """Whether the link is there still, with the same password."""
        return (
            link is not None
            and at < self.ends_at
            and link.is_open(at)
            and link.password_version == self.password_version
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """An offer of a role in an album to whoever is first to take it up."""

    owner_id: OwnerId
    album_id: str
    invitation_id: str
    secret_hash: str
    role: Role
    name: str
    """Whom its owner means: that is how they are listed."""
    owner_name: str
    """What its owner calls themselves."""
    shows_location: bool
    created_at: datetime
    ends_at: datetime
    taken_by: OwnerId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An account that an album is shared with."""

    owner_id: OwnerId
    album_id: str
    account_id: OwnerId
    role: Role
    name: str
    owner_name: str
    shows_location: bool
    joined_at: datetime

    @property
    def contributes(self) -> bool:
        """Whether photos of theirs can be in the album."""
        return may(self.role, Right.CONTRIBUTE)


def stronger_role(one: Role, other: Role) -> Role:
    """Return the one of two roles that may do more."""
    return max(one, other, key=list(Role).index)
