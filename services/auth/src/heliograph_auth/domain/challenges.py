"""Secrets that are good once and for minutes: what ties the second request of something to its first."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from heliograph.errors import UnauthenticatedError
from heliograph.photos import OwnerId

LIVES: Final = timedelta(minutes=5)
_SECRET_BYTES: Final = 32


class InvalidChallengeError(UnauthenticatedError):
    """That took too long, or was done already: begin again."""

    code = "invalid-challenge"


class Purpose(StrEnum):
    """What a challenge is good for, and for nothing else."""

    SECOND_STEP = "second-step"
    PASSKEY_REGISTRATION = "passkey-registration"
    PASSKEY_SIGN_IN = "passkey-sign-in"
    FOREIGN_SIGN_IN = "foreign-sign-in"


@dataclass(frozen=True)
class Challenge:
    """What is kept of a secret that was given out."""

    digest: str
    purpose: Purpose
    expires_at: datetime
    account_id: OwnerId | None = None
    """Whom it is for, where that is known."""
    generation: int = 0
    """The account's at that moment: a changed password takes it back."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """What the second request has to match, by name."""

    def is_good_for(self, purpose: Purpose, now: datetime) -> bool:
        """Whether it may be used for this, now."""
        return self.purpose == purpose and now < self.expires_at


def new_secret() -> str:
    """Return 256 random bits, in letters that need no escaping anywhere."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def digest_of(secret: str) -> str:
    """Return what is kept of a secret; 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(b"challenge:" + secret.encode()).hexdigest()
