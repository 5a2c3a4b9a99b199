"""People as another site knows them: a provider of OpenID Connect, and who it says has signed in there."""

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from heliograph.errors import ConflictError, ForbiddenError, NotFoundError, UnauthenticatedError
from heliograph.photos import OwnerId

LIVES: Final = timedelta(minutes=10)
"""How long somebody may take at the provider."""


class ForeignSignInOffError(NotFoundError):
    """Nobody can sign in here by another site."""

    code = "oidc-off"


class ForeignSignInRefusedError(UnauthenticatedError):
    """That sign-in was not begun in this browser, took too long, or the other site's answer is not good."""

    code = "oidc-refused"


class UnknownForeignerError(ForbiddenError):
    """No account here is linked with that one; sign in as ever and link it on the account page."""

    code = "oidc-unknown"


class LinkedElsewhereError(ConflictError):
    """That account of the other site is linked with another account here."""

    code = "oidc-linked-elsewhere"


class IdentityNotFoundError(NotFoundError):
    """Your account is not linked like that."""

    code = "identity-not-found"


@dataclass(frozen=True)
class Foreigner:
    """Who has signed in at the provider; `issuer` and `subject` together never change and are nobody else's."""

    issuer: str
    subject: str
    email: str = ""
    is_email_verified: bool = False
    name: str = ""


@dataclass(frozen=True)
class Identity:
    """An account here and one there that are the same person's."""

    issuer: str
    subject: str
    account_id: OwnerId
    linked_at: datetime

    @property
    def identity_id(self) -> str:
        """What it is called here."""
        return identity_id_of(self.issuer, self.subject)


def identity_id_of(issuer: str, subject: str) -> str:
    """Return what the account of a provider is called here; no two have one name, whatever is in them."""
    return hashlib.sha256(f"{len(issuer)}:{issuer}:{subject}".encode()).hexdigest()[:32]


def nonce_of(browser: str) -> str:
    """Return what the ID token has to repeat. It follows from the browser's secret, so that nothing is kept of it."""
    return _derived("nonce", browser)


def verifier_of(browser: str) -> str:
    """Return PKCE's code verifier, which follows from the browser's secret as well. Source: RFC 7636, section 4.1."""
    return _derived("verifier", browser)


def code_challenge_of(verifier: str) -> str:
    """Return what the provider is told of a verifier, by `S256`. Source: RFC 7636, section 4.2."""
    return _text(hashlib.sha256(verifier.encode()).digest())


def _derived(name: str, secret: str) -> str:
    return _text(hashlib.sha256(f"{name}:{secret}".encode()).digest())


def _text(digest: bytes) -> str:
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
