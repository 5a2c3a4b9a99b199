"""What this service refuses, and how it is told."""

from collections.abc import Mapping
from datetime import timedelta

from heliograph.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    ThrottledError,
    UnauthenticatedError,
    UnprocessableError,
)


class EmailTakenError(ConflictError):
    """There is an account with this email address already."""

    code = "email-taken"


class RegistrationClosedError(ForbiddenError):
    """Nobody can register here by themselves; whoever runs this Heliograph opens accounts."""

    code = "registration-closed"


class InvalidInvitationError(ForbiddenError):
    """This invitation is wrong, was used or taken back, has run out, or is for another address."""

    code = "invalid-invitation"


class AccountClosedError(ForbiddenError):
    """This account is closed; whoever runs this Heliograph can reopen it."""

    code = "account-closed"


class InvalidEmailError(UnprocessableError):
    """This is not an email address."""

    code = "invalid-email"


class InvalidNameError(UnprocessableError):
    """A name needs at least one visible character, and no control characters."""

    code = "invalid-name"


class WeakPasswordError(UnprocessableError):
    """This password is among the first that somebody would try."""

    code = "weak-password"


class WrongCredentialsError(UnauthenticatedError):
    """The email address or the password is wrong."""

    code = "wrong-credentials"


class WrongPasswordError(ForbiddenError):
    """The password is not the account's."""

    code = "wrong-password"


class InvalidRefreshTokenError(UnauthenticatedError):
    """The refresh token is unknown, spent or expired: sign in again."""

    code = "invalid-refresh-token"


class ForeignOriginError(ForbiddenError):
    """A request with the session's cookie has to come from the web app itself."""

    code = "foreign-origin"


class AccountNotFoundError(NotFoundError):
    """The account that the token speaks for is gone."""

    code = "account-not-found"


class SessionNotFoundError(NotFoundError):
    """You have no session of that id."""

    code = "session-not-found"


class TooManySignInsError(ThrottledError):
    """Too many people are signing in at this moment; try again in a few seconds."""

    code = "too-many-sign-ins"


class TooManyTriesError(ThrottledError):
    """This was asked for too often from there; the next time is taken after a pause."""

    code = "too-many-tries"
    _said = "Too many tries."

    def __init__(self, pause: timedelta) -> None:
        self._seconds = max(1, -(-pause // timedelta(seconds=1)))
        super().__init__(f"{self._said} Try again in {_in_words(self._seconds)}.")

    @property
    def headers(self) -> Mapping[str, str]:
        """When to come back. Source: RFC 9110, section 10.2.3."""
        return {"Retry-After": str(self._seconds)}


class SignInsThrottledError(TooManyTriesError):
    """There were too many tries with wrong passwords; the next one is taken after a pause."""

    code = "sign-ins-throttled"
    _said = "Too many tries with wrong passwords."


def _in_words(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return f"{seconds} s" if seconds <= 90 else f"{minutes} minutes"  # noqa: PLR2004 - what reads well
