"""The errors that callers meet; an error's kind decides its HTTP status, its `code` is public.

HeliographError
├── InvalidError        400  what was sent cannot be understood
├── UnauthenticatedError 401 nobody is signed in, or the token is not good
├── ForbiddenError      403  signed in, but not allowed
├── NotFoundError       404  not there, or not yours
├── ConflictError       409  it clashes with what is there
├── TooLargeError       413  more bytes than are taken
├── UnprocessableError  422  understood, but its content is refused
├── ThrottledError      429  too many requests
└── UnavailableError    503  something this depends on does not answer; try again
"""

from collections.abc import Mapping
from typing import ClassVar


class HeliographError(Exception):
    """An error with a public code; its text is shown to the person who caused it."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"
    code: ClassVar[str] = "internal"

    @property
    def extensions(self) -> Mapping[str, int]:
        """What the problem document says besides, by name. Source: RFC 9457, 3.2."""
        return {}

    @property
    def headers(self) -> Mapping[str, str]:
        """What the answer's headers say besides, by name."""
        return {}


class InvalidError(HeliographError):
    """What was sent cannot be understood."""

    status = 400
    title = "Bad request"
    code = "invalid"


class UnauthenticatedError(HeliographError):
    """Nobody is signed in, or the token is not good."""

    status = 401
    title = "Not signed in"
    code = "unauthenticated"


class ForbiddenError(HeliographError):
    """Signed in, but not allowed."""

    status = 403
    title = "Not allowed"
    code = "forbidden"


class NotFoundError(HeliographError):
    """Not there, or not the caller's; the two are not told apart."""

    status = 404
    title = "Not found"
    code = "not-found"


class ConflictError(HeliographError):
    """It clashes with what is there."""

    status = 409
    title = "Conflict"
    code = "conflict"


class TooLargeError(HeliographError):
    """More bytes than are taken."""

    status = 413
    title = "Too large"
    code = "too-large"


class UnprocessableError(HeliographError):
    """Understood, but its content is refused."""

    status = 422
    title = "Refused"
    code = "unprocessable"


class ThrottledError(HeliographError):
    """Too many requests."""

    status = 429
    title = "Too many requests"
    code = "throttled"


class UnavailableError(HeliographError):
    """Something this depends on does not answer; the caller may try again."""

    status = 503
    title = "Unavailable"
    code = "unavailable"
