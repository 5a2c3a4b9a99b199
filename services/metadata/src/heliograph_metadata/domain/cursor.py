"""Opaque cursors: where a list goes on, good for that list alone."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from heliograph_metadata.domain.errors import InvalidCursorError

_MOST_CHARACTERS = 1_360
"""A place is part of a key, which has at most 1,024 bytes."""


def fingerprint(*parts: object) -> str:
    """Return a few characters that tell one list (its owner, its query) from any other."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def cursor(of: str, position: str) -> str:
    """Return the cursor of a place in the list with the fingerprint `of`."""
    return urlsafe_b64encode(json.dumps([of, position]).encode()).decode().rstrip("=")


def position(of: str, text: str) -> str:
    """Return the place that a cursor names.

    Raises:
        InvalidCursorError: It is malformed, or belongs to another list.
    """
    problem = InvalidCursorError("The cursor is not one of this list's; begin again without a cursor.")
    if len(text) > _MOST_CHARACTERS or not text.isascii():
        raise problem
    try:
        given_for, place = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, TypeError) as error:
        raise problem from error
    if given_for != of or not isinstance(place, str) or not _can_be_a_place(place):
        raise problem
    return place


def _can_be_a_place(text: str) -> bool:
    """Whether a sort key can be this: anyone can make up a cursor of a list of theirs."""
    return text != "" and text.isascii() and text.isprintable()
