"""Whom a request speaks for, and what that lets it do."""

from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict

from heliograph.errors import ForbiddenError, UnauthenticatedError
from heliograph.photos import OwnerId


class InvalidTokenError(UnauthenticatedError):
    """The access token is malformed, expired, taken back, signed by a stranger or meant for another service."""

    code = "invalid-token"


class InsufficientScopeError(ForbiddenError):
    """The caller is known, but what they came with is not good for this."""

    code = "insufficient-scope"


class Scope(StrEnum):
    """One thing that a token or an API key is good for."""

    LIBRARY_READ = "library:read"
    LIBRARY_WRITE = "library:write"
    UPLOADS_WRITE = "uploads:write"
    SHARES_WRITE = "shares:write"
    ACCOUNT_READ = "account:read"
    ACCOUNT_WRITE = "account:write"
    ADMIN = "admin"
    EXPORTS_READ = "exports:read"


SCOPE_MEANINGS: Final = {
    Scope.LIBRARY_READ: "Look at photos, albums, searches and all else of a library.",
    Scope.LIBRARY_WRITE: "Change and delete photos, albums and all else of a library.",
    Scope.UPLOADS_WRITE: "Add photos.",
    Scope.SHARES_WRITE: "Beside `library:write`: let others see albums. What a key has shared outlives the key.",
    Scope.ACCOUNT_READ: "Look at the account, its sessions and its security log.",
    Scope.ACCOUNT_WRITE: "Change the account: password, sessions, API keys. No API key is good for that.",
    Scope.ADMIN: "Look after accounts, and invite people. Only administrators have it, and no API key.",
    Scope.EXPORTS_READ: "Download an export. For some minutes after the password was asked for again, and no API key.",
}

EVERYTHING: Final = frozenset(Scope) - {Scope.ADMIN, Scope.EXPORTS_READ}
"""What somebody who has signed in may do with what is theirs."""


class MethodScopes(BaseModel):
    """What a service's routes need: one scope to look, one to change something.

    The rule is the method's, so that a route that somebody adds is never open by oversight.
    """

    model_config = ConfigDict(frozen=True)

    read: Scope
    write: Scope

    def needed(self, method: str) -> Scope:
        """Return the scope that a request of that method needs."""
        return self.read if method.upper() in {"GET", "HEAD", "OPTIONS"} else self.write


class Principal(BaseModel):
    """The account that a request speaks for."""

    model_config = ConfigDict(frozen=True)

    account_id: OwnerId
    session_id: str
    scopes: frozenset[Scope] = EVERYTHING
    key_id: str = ""
    """Of the API key that it came with, if it did."""
    generation: int = 0
    """How often everything given out for the account had been taken back when this was given out."""
