"""Who is calling: ES256 access tokens, verified with the public keys that auth publishes (JWKS).

Source: RFC 7519 (JWT), RFC 7517 (JWK), RFC 6750 (bearer tokens).
"""

import asyncio
import time
from typing import Annotated, Any, Protocol

import httpx
from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer
from jose import ExpiredSignatureError, JWTError, jwt
from jose.exceptions import JWTClaimsError
from pydantic import BaseModel, ConfigDict

from heliograph.errors import UnauthenticatedError, UnavailableError
from heliograph.photos import OwnerId

ALGORITHM = "ES256"
_KEYS_LIVE_SECONDS = 300.0
_PAUSE_SECONDS = 10.0
"""Between two questions for the keys, where some are at hand."""


class InvalidTokenError(UnauthenticatedError):
    """The access token is malformed, expired, signed by a stranger or meant for another service."""

    code = "invalid-token"


class Principal(BaseModel):
    """The account that a verified token speaks for."""

    model_config = ConfigDict(frozen=True)

    account_id: OwnerId
    session_id: str


class PublicKeys(Protocol):
    """Where a verifier finds auth's public keys."""

    async def key(self, key_id: str) -> dict[str, Any]:
        """Return the public key of that id as a JWK; raise `InvalidTokenError` where there is none."""

    async def refresh(self) -> None:
        """Make sure that the keys are at hand; raise `UnavailableError` where they are not."""


class KeySet:
    """Auth's public keys over HTTP, fetched when first needed and again after five minutes or for a new key id."""

    def __init__(self, jwks_url: str, client: httpx.AsyncClient) -> None:
        self._url = jwks_url
        self._client = client
        self._keys: dict[str, dict[str, Any]] = {}
        self._fetched_at = self._asked_at = float("-inf")
        self._lock = asyncio.Lock()

    async def key(self, key_id: str) -> dict[str, Any]:
        """Return the public key of that id as a JWK.

        Raises:
            InvalidTokenError: Auth has published no such key.
            UnavailableError: Auth does not answer, and no copy is at hand.
        """
        now = time.monotonic()
        is_due = key_id not in self._keys or now - self._fetched_at > _KEYS_LIVE_SECONDS
        if is_due and (not self._keys or now - self._asked_at > _PAUSE_SECONDS):
            await self._refresh(older_than=self._asked_at)
        if key_id not in self._keys:
            raise InvalidTokenError("The access token was signed with an unknown key.")
        return self._keys[key_id]

    async def refresh(self) -> None:
        """Fetch the keys now.

        Raises:
            UnavailableError: Auth does not answer.
        """
        await self._refresh(older_than=self._asked_at)

    async def _refresh(self, *, older_than: float) -> None:
        """Ask once for all who wait, whatever comes of it: else each would wait for an auth that hangs in turn."""
        async with self._lock:
            if self._asked_at > older_than:
                if not self._keys:
                    raise UnavailableError("The keys that prove who you are cannot be fetched.")
                return
            try:
                response = await self._client.get(self._url)
                response.raise_for_status()
                self._keys = {key["kid"]: key for key in response.json()["keys"] if key.get("alg") == ALGORITHM}
                self._fetched_at = time.monotonic()
            except (httpx.HTTPError, ValueError, KeyError) as error:
                if not self._keys:
                    raise UnavailableError("The keys that prove who you are cannot be fetched.") from error
            finally:
                self._asked_at = time.monotonic()


class TokenVerifier:
    """Turns an access token into a principal, or says why not."""

    def __init__(self, keys: PublicKeys, *, issuer: str, audience: str) -> None:
        self.keys = keys
        self._issuer = issuer
        self._audience = audience

    async def principal(self, token: str) -> Principal:
        """Return whom a token speaks for.

        Only ES256 is accepted, whatever the token's header says, and the key is looked up by `kid` among
        auth's own keys, never fetched from an address in the token.

        Raises:
            InvalidTokenError: Malformed, expired, or not signed by auth for this API.
        """
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") != ALGORITHM:
                raise InvalidTokenError("The access token uses an algorithm that is not accepted.")
            claims = jwt.decode(
                token,
                await self.keys.key(str(header.get("kid", ""))),
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                audience=self._audience,
                options={f"require_{claim}": True for claim in ("exp", "iat", "sub", "iss", "aud", "sid")},
            )
        except ExpiredSignatureError as error:
            raise InvalidTokenError("The access token has expired.") from error
        except JWTClaimsError as error:
            raise InvalidTokenError("The access token was issued by another issuer or for another API.") from error
        except (JWTError, RecursionError) as error:  # jose lets a header of a thousand nested brackets through
            raise InvalidTokenError("The access token is not valid.") from error
        return Principal(account_id=OwnerId(claims["sub"]), session_id=str(claims["sid"]))


_bearer = OAuth2PasswordBearer(tokenUrl="/api/v1/tokens", auto_error=False, refreshUrl="/api/v1/tokens/refresh")


async def _current_principal(request: Request, token: Annotated[str | None, Depends(_bearer)]) -> Principal:
    if token is None:
        raise UnauthenticatedError("Send an access token: `Authorization: Bearer …`.")
    verifier: TokenVerifier = request.app.state.token_verifier
    return await verifier.principal(token)


CurrentPrincipal = Annotated[Principal, Depends(_current_principal)]
"""The caller of a route; a route that takes it answers 401 without a good token."""
