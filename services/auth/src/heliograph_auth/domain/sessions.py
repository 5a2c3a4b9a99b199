"""Sessions and the refresh tokens that keep them alive."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from heliograph.photos import OwnerId
from heliograph_auth.domain.errors import InvalidRefreshTokenError

_FAMILY_BYTES = 16
_SECRET_BYTES = 32
LONGEST_LIFE = timedelta(days=180)
MOST_SESSIONS = 50
"""Of one account; one more ends the one that was used longest ago."""


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
    started_at: datetime
    device: str = ""
    """A few words on the browser or program, for the list of sessions."""
    address: str = ""
    """Where it was last seen."""
    generation: int = 0
    """The account's when the password was last checked, or changed, in this session."""

    def rotated(
        self, digest: str, *, now: datetime, lives: timedelta, longest: timedelta = LONGEST_LIFE, address: str = ""
    ) -> "Session":
        """Return the session after its current token was spent for the one of `digest`.

        It lives on for `lives`, but no longer than `longest` from its beginning, however often it is used.
        """
        return replace(
            self,
            current_digest=digest,
            previous_digest=self.current_digest,
            rotated_at=now,
            expires_at=min(now + lives, self.started_at + longest),
            address=address or self.address,
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
    refreshable_for: timedelta
