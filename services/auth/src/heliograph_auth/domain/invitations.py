"""Invitations to register, where people can't do that by themselves."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from heliograph.errors import ConflictError, NotFoundError
from heliograph.photos import OwnerId
from heliograph_auth.domain.accounts import Account, email_key

MOST_INVITATIONS: Final = 100
MOST_DAYS: Final = 90
_SECRET_BYTES: Final = 16


class InvitationNotFoundError(NotFoundError):
    """There is no such invitation, or it was used or has run out."""

    code = "invitation-not-found"


class TooManyInvitationsError(ConflictError):
    """There are as many open invitations of yours as there can be; take one back first."""

    code = "too-many-invitations"


@dataclass(frozen=True)
class Invitation:
    """Lets one person open an account; only a digest of its secret is kept, which is also its id."""

    digest: str
    made_by: OwnerId
    note: str
    """For whom it is, in its maker's words."""
    email: str
    """The one address that it is good for; empty: any."""
    created_at: datetime
    ends_at: datetime

    def is_good_for(self, account: Account) -> bool:
        """Whether an account could be opened with it at the moment at which that begins."""
        is_theirs = not self.email or email_key(self.email) == email_key(account.email)
        return is_theirs and self.ends_at > account.created_at


def new_secret() -> str:
    """Return 128 random bits, to be given to whoever is invited and kept nowhere."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def invitation_digest(secret: str) -> str:
    """Return what is kept of a secret; so many random bits need no salt and no slow hash."""
    return hashlib.sha256(b"invitation:" + secret.encode()).hexdigest()


def ends_after(days: int, now: datetime) -> datetime:
    """Return when an invitation runs out, in whole seconds."""
    return (now + timedelta(days=days)).replace(microsecond=0)
