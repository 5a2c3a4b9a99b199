"""An API key as its person sees it: what it is called, what it may do, when it was used. Never its secret."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from heliograph.errors import ConflictError, NotFoundError, UnprocessableError
from heliograph.identity import EVERYTHING, InsufficientScopeError, Principal, Scope
from heliograph.photos import OwnerId

MAX_KEYS: Final = 50
MAX_KEY_NAME_CHARACTERS: Final = 100
KEY_SCOPES: Final = EVERYTHING - {Scope.ACCOUNT_WRITE}
"""A key can't change how one gets in: no password, no session, no other key."""


class ApiKeyNotFoundError(NotFoundError):
    """You have no API key of that id."""

    code = "api-key-not-found"


class TooManyApiKeysError(ConflictError):
    """You have as many API keys as one can have; revoke one first."""

    code = "too-many-api-keys"


class InvalidKeyNameError(UnprocessableError):
    """A key's name needs at least one visible character, and no control characters."""

    code = "invalid-key-name"


@dataclass(frozen=True)
class ApiKey:
    """One key of an account."""

    key_id: str
    account_id: OwnerId
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None


def scopes_for_key(wanted: frozenset[Scope], maker: Principal) -> frozenset[Scope]:
    """Return what a new key may do: what is wanted of it, which its maker has to be allowed to do.

    Raises:
        InsufficientScopeError: It would be more than its maker may, or more than any key.
    """
    if beyond := wanted - (maker.scopes & KEY_SCOPES):
        raise InsufficientScopeError(f"A key can't be given {', '.join(sorted(beyond))}.")
    return wanted


def clean_key_name(name: str) -> str:
    """Return a name without white space around it.

    Raises:
        InvalidKeyNameError: Nothing visible is left, or there are control characters in it.
    """
    cleaned = unicodedata.normalize("NFC", name).strip()
    if not cleaned or any(unicodedata.category(character) == "Cc" for character in cleaned):
        raise InvalidKeyNameError
    return cleaned
