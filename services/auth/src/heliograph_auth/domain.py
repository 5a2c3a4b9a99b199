"""Accounts, sessions and refresh tokens: values, rules and this service's errors."""

import hashlib
import hmac
import secrets
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from email_validator import EmailNotValidError, validate_email

from heliograph.errors import ConflictError, NotFoundError, ThrottledError, UnauthenticatedError, UnprocessableError
from heliograph.photos import OwnerId

MIN_PASSWORD_CHARACTERS = 10
MAX_PASSWORD_CHARACTERS = 256
MAX_NAME_CHARACTERS = 100

_FAMILY_BYTES = 16
_SECRET_BYTES = 32


class EmailTakenError(ConflictError):
    """There is an account with this email address already."""

    code = "email-taken"


class InvalidEmailError(UnprocessableError):
    """This is not an email address."""

    code = "invalid-email"


class InvalidNameError(UnprocessableError):
    """A name needs at least one visible character, and no control characters."""

    code = "invalid-name"


class WrongCredentialsError(UnauthenticatedError):
    """The email address or the password is wrong."""

    code = "wrong-credentials"


class InvalidRefreshTokenError(UnauthenticatedError):
    """The refresh token is unknown, spent or expired: sign in again."""

    code = "invalid-refresh-token"


class AccountNotFoundError(NotFoundError):
    """The account that the token speaks for is gone."""

    code = "account-not-found"


class TooManySignInsError(ThrottledError):
    """Too many people are signing in at this moment; try again in a few seconds."""

    code = "too-many-sign-ins"


@dataclass(frozen=True)
class Account:
    """A person who has photos here."""

    account_id: OwnerId
    email: str
    name: str
    password_hash: str
    created_at: datetime


@dataclass(frozen=True)
class RefreshToken:
    """A secret good for one new pair of tokens: which family of tokens it is of, and which member.

    Nothing that anyone but its holder sees (the session id in access tokens, what the store keeps) leads back to it.
    """

    family: bytes  # 16
    secret: bytes  # 32

    @classmethod
    def new(cls) -> "RefreshToken":
        """Return the first token of a new family."""
        return cls(secrets.token_bytes(_FAMILY_BYTES), secrets.token_bytes(_SECRET_BYTES))

    @classmethod
    def parse(cls, text: str) -> "RefreshToken":
        """Return the token of that text.

        Raises:
            InvalidRefreshTokenError: It is none of ours.
        """
        try:
            both = urlsafe_b64decode(text.encode("ascii"))
        except ValueError as error:
            raise InvalidRefreshTokenError("This is not a refresh token.") from error
        if len(both) != _FAMILY_BYTES + _SECRET_BYTES:
            raise InvalidRefreshTokenError("This is not a refresh token.")
        return cls(both[:_FAMILY_BYTES], both[_FAMILY_BYTES:])

    def __str__(self) -> str:
        return urlsafe_b64encode(self.family + self.secret).decode()

    def __repr__(self) -> str:
        return "RefreshToken(…)"

    @property
    def session_id(self) -> str:
        """The session that the token's family belongs to."""
        return hashlib.sha256(b"session:" + self.family).hexdigest()[:32]

    @property
    def digest(self) -> str:
        """What is stored of the token; 256 random bits need no salt and no slow hash."""
        return hashlib.sha256(b"refresh:" + self.secret).hexdigest()

    def successor(self, key: bytes) -> "RefreshToken":
        """Return the next token of the family, the same one each time it is asked for."""
        return RefreshToken(self.family, hmac.digest(key, b"successor:" + self.secret, "sha256"))


@dataclass(frozen=True)
class Session:
    """One sign-in, kept alive by refreshing.

    current ──refresh──► previous (good for `grace` more) ──► spent
                                                                └── offered again: the session ends
    """

    session_id: str
    account_id: OwnerId
    current_digest: str
    previous_digest: str
    rotated_at: datetime
    expires_at: datetime

    def rotated(self, digest: str, *, now: datetime, lives: timedelta) -> "Session":
        """Return the session after its current token was spent for the one of `digest`."""
        return replace(
            self, current_digest=digest, previous_digest=self.current_digest, rotated_at=now, expires_at=now + lives
        )

    def repeats_the_last_refresh(self, token: RefreshToken, *, now: datetime, grace: timedelta) -> bool:
        """Whether `token` was spent just now, as when two tabs refresh at once or an answer got lost."""
        return hmac.compare_digest(self.previous_digest, token.digest) and now - self.rotated_at <= grace


@dataclass(frozen=True)
class TokenPair:
    """What a client holds while it is signed in."""

    access_token: str
    refresh_token: str
    expires_in_seconds: int


def new_account_id() -> OwnerId:
    """Return a new random account id."""
    return OwnerId(uuid4().hex)


def utc_now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


def normalised_email(email: str) -> str:
    """Return an address in the form it is kept in: Unicode NFC, domain in lower case.

    Raises:
        InvalidEmailError: It is no address. Whether its domain answers is not asked: that takes a network.
    """
    try:
        return validate_email(email, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise InvalidEmailError(str(error)) from error


def email_key(normalised: str) -> str:
    """Return what must be unique of an address: nobody has two mailboxes that differ in case alone."""
    return normalised.casefold()


def clean_name(name: str) -> str:
    """Return a name without white space around it.

    Raises:
        InvalidNameError: Nothing visible is left, or there are control characters in it.
    """
    cleaned = unicodedata.normalize("NFC", name).strip()
    if not cleaned or any(unicodedata.category(character) == "Cc" for character in cleaned):
        raise InvalidNameError
    return cleaned


def password_bytes(password: str) -> bytes:
    """Return what is hashed of a password: NFKC, so that each keyboard's way to write it gives the same.

    Source: NIST SP 800-63B, 5.1.1.2.
    """
    return unicodedata.normalize("NFKC", password).encode()
