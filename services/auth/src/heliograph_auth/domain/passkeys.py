"""A passkey: a public key whose private half is in somebody's phone, computer or security key (WebAuthn)."""

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from heliograph.errors import ConflictError, ForbiddenError, NotFoundError, UnauthenticatedError, UnprocessableError
from heliograph.photos import OwnerId

MAX_PASSKEYS: Final = 20
MAX_PASSKEY_NAME_CHARACTERS: Final = 100
MAX_CREDENTIAL_ID_BYTES: Final = 1023
"""Source: Web Authentication Level 3, 7.1, step 25."""
MAX_PUBLIC_KEY_BYTES: Final = 2048
"""An RSA key of 8,192 bits has half of that."""
Wire = Mapping[str, Any]
"""Options and credentials as browsers and the WebAuthn standard spell them in JSON."""


class PasskeysOffError(NotFoundError):
    """Passkeys can't be used here: this Heliograph has no public address by name."""

    code = "passkeys-off"


class InvalidPasskeyError(UnauthenticatedError):
    """This passkey signs nobody in here."""

    code = "invalid-passkey"


class RefusedPasskeyError(UnprocessableError):
    """What the browser sent is no new passkey for this site; begin again."""

    code = "refused-passkey"


class PasskeyNotFoundError(NotFoundError):
    """You have no passkey of that id."""

    code = "passkey-not-found"


class PasskeyTakenError(ConflictError):
    """This passkey is registered already."""

    code = "passkey-taken"


class TooManyPasskeysError(ConflictError):
    """You have as many passkeys as one can have; remove one first."""

    code = "too-many-passkeys"


class InvalidPasskeyNameError(UnprocessableError):
    """A passkey's name needs at least one visible character, and no control characters."""

    code = "invalid-passkey-name"


class CodeNeededError(ForbiddenError):
    """Two-step sign-in is on: a code is needed for this besides the password."""

    code = "code-needed"


@dataclass(frozen=True)
class Passkey:
    """One passkey of an account."""

    credential_id: str
    """As the authenticator has chosen it, in base64url."""
    account_id: OwnerId
    public_key: bytes
    """In COSE's spelling. Source: RFC 9053."""
    sign_count: int
    """How often the authenticator says it has signed; 0 for ever with those that don't count."""
    name: str
    created_at: datetime
    last_used_at: datetime | None = None

    @property
    def passkey_id(self) -> str:
        """What it is called here: of a length that an address can hold."""
        return passkey_id_of(self.credential_id)

    def may_follow(self, sign_count: int) -> bool:
        """Whether an authenticator that has signed so often can be the one that was registered, and no copy of it.

        Source: Web Authentication Level 3, 7.2, step 22.
        """
        return sign_count > self.sign_count or sign_count == self.sign_count == 0


def passkey_id_of(credential_id: str) -> str:
    """Return what a credential is called here."""
    return hashlib.sha256(b"passkey:" + credential_id.encode()).hexdigest()[:32]


def clean_passkey_name(name: str) -> str:
    """Return a name without white space around it.

    Raises:
        InvalidPasskeyNameError: Nothing visible is left, or there are control characters in it.
    """
    cleaned = unicodedata.normalize("NFC", name).strip()
    if not cleaned or any(unicodedata.category(character) == "Cc" for character in cleaned):
        raise InvalidPasskeyNameError
    return cleaned
