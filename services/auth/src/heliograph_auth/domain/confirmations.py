"""What a link in a mail stands for: a secret good once and for a while, of which only the hash is kept."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from heliograph.errors import UnprocessableError
from heliograph.photos import OwnerId
from heliograph_auth.domain.accounts import Account

_SECRET_BYTES: Final = 32
_FORM: Final = re.compile(r"[A-Za-z0-9_-]{43}")
TOKEN_CHARACTERS: Final = 43


class InvalidLinkError(UnprocessableError):
    """The link is wrong, was used before, or its time is over; ask for another one."""

    code = "invalid-link"


class Purpose(StrEnum):
    """What a link is for; one of another purpose opens nothing."""

    REGISTRATION = "registration"
    VERIFICATION = "verification"
    RESET = "reset"
    EMAIL_CHANGE = "email-change"


@dataclass(frozen=True)
class LinkSecret:
    """The secret itself, which is in the mail and nowhere else."""

    text: str

    @classmethod
    def new(cls) -> "LinkSecret":
        """Return a new one: 256 random bits."""
        return cls(secrets.token_urlsafe(_SECRET_BYTES))

    @classmethod
    def parse(cls, text: str) -> "LinkSecret":
        """Return the secret of that text.

        Raises:
            InvalidLinkError: It is none of ours.
        """
        if not _FORM.fullmatch(text):
            raise InvalidLinkError
        return cls(text)

    def __repr__(self) -> str:
        return "LinkSecret(…)"

    @property
    def digest(self) -> str:
        """What is stored of it; 256 random bits need no salt and no slow hash."""
        return hashlib.sha256(b"link:" + self.text.encode()).hexdigest()


@dataclass(frozen=True)
class Confirmation:
    """What happens once whoever got the mail follows its link."""

    purpose: Purpose
    email: str
    expires_at: datetime
    account_id: OwnerId | None = None
    """Of a registration there is none yet."""
    generation: int = 0
    """The account's when it was asked for: a password that was changed meanwhile makes links to replace it good for
    nothing."""
    name: str = ""
    password_hash: str = ""
    invitation: str = ""
    """The digest of the invitation that a registration needs and uses up."""
    former_email: str = ""
    """The account's when another was asked for: of several letters the first that is followed changes it."""

    def holds_for(self, account: Account) -> bool:
        """Whether the account it was made for is still as it was: another address, or password, ends a change."""
        is_change = self.purpose is Purpose.EMAIL_CHANGE
        return not is_change or (account.generation, account.email) == (self.generation, self.former_email)

    def __repr__(self) -> str:
        return f"Confirmation({self.purpose})"
