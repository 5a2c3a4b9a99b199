"""Access tokens: ES256 and nothing else, by auth's own keys and nobody else's.

Source: RFC 7519 (JWT), RFC 8725 (their best current practice), RFC 9068 (the profile for access tokens).
"""

import re
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any, Final

from jose import JWTError, jws, jwt
from jose.exceptions import JWSError

from heliograph.identity.keys import PublicKeys
from heliograph.identity.principal import InvalidTokenError, Principal, Scope
from heliograph.photos import OwnerId

ALGORITHM: Final = "ES256"
TOKEN_TYPE: Final = "at+jwt"  # noqa: S105 - RFC 9068, section 2.1
CLOCK_SKEW_SECONDS: Final = 30
"""How far the clocks of two of our machines may be apart."""
LONGEST_LIFE_SECONDS: Final = 3600
"""A token that claims to be good for longer is none of ours, whoever signed it."""

_FORM: Final = re.compile(r"[A-Za-z0-9_-]{1,500}\.[A-Za-z0-9_-]{1,3000}\.[A-Za-z0-9_-]{0,100}")
_HEADER: Final = frozenset({"alg", "kid", "typ"})
_TEXTS: Final = ("iss", "aud", "sub", "sid", "jti", "scope")
_TIMES: Final = ("iat", "exp", "gen")


class TokenVerifier:
    """Turns an access token into a principal, or says why not."""

    def __init__(self, keys: PublicKeys, *, issuer: str, audience: str, clock: Callable[[], float] = time.time) -> None:
        self.keys = keys
        self._issuer = issuer
        self._audience = audience
        self._clock = clock

    async def principal(self, token: str) -> Principal:
        """Return whom a token speaks for.

        The header has exactly an algorithm, a type and a key id, so it can't bring a key or an address of one; the
        key is looked up among auth's own. Each part has to be spelt as we spell it: what decodes to the same bytes
        from other letters is refused too.

        Raises:
            InvalidTokenError: Malformed, expired, or not signed by auth for this API.
            UnavailableError: Auth's keys can't be had.
        """
        if not _FORM.fullmatch(token) or not all(_is_canonical(part) for part in token.split(".")):
            raise InvalidTokenError("The access token is not valid.")
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") != ALGORITHM:
                raise InvalidTokenError("The access token uses an algorithm that is not accepted.")
            if set(header) != _HEADER or header["typ"] != TOKEN_TYPE or not isinstance(header["kid"], str):
                raise InvalidTokenError("This is not an access token of this API.")
            key = await self.keys.key(header["kid"])
            jws.verify(token, key, algorithms=[ALGORITHM])
            claims = jwt.get_unverified_claims(token)
        except (JWTError, JWSError, RecursionError) as error:  # jose lets a thousand nested brackets through
            raise InvalidTokenError("The access token is not valid.") from error
        return self._principal(claims)

    def _principal(self, claims: dict[str, Any]) -> Principal:
        if not all(isinstance(claims.get(name), str) and claims[name] for name in _TEXTS) or not all(
            type(claims.get(name)) is int for name in _TIMES
        ):
            raise InvalidTokenError("The access token does not say what it has to.")
        if claims["iss"] != self._issuer or claims["aud"] != self._audience:
            raise InvalidTokenError("The access token was issued by another issuer or for another API.")
        now = self._clock()
        if now >= claims["exp"] + CLOCK_SKEW_SECONDS:
            raise InvalidTokenError("The access token has expired.")
        not_before = claims.get("nbf", claims["iat"])
        if type(not_before) is not int or max(claims["iat"], not_before) > now + CLOCK_SKEW_SECONDS:
            raise InvalidTokenError("The access token is not good yet.")
        if claims["exp"] - claims["iat"] > LONGEST_LIFE_SECONDS:
            raise InvalidTokenError("The access token claims to be good for too long.")
        try:
            scopes = frozenset(Scope(name) for name in claims["scope"].split(" "))
        except ValueError as error:
            raise InvalidTokenError("The access token names a scope that there is not.") from error
        return Principal(
            account_id=OwnerId(claims["sub"]),
            session_id=claims["sid"],
            scopes=scopes,
            generation=claims["gen"],
        )


def _is_canonical(part: str) -> bool:
    try:
        decoded = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        return False
    return urlsafe_b64encode(decoded).rstrip(b"=").decode() == part
