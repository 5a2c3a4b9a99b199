"""Auth's public keys, fetched over HTTP and kept for a while. Source: RFC 7517 (JWKS)."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final, Protocol

import httpx

from heliograph.errors import UnavailableError
from heliograph.identity.principal import InvalidTokenError

_ALGORITHM: Final = "ES256"
_KEYS_LIVE_SECONDS = 30.0
_KEYS_GOOD_SECONDS = 60.0
"""For so long, and no longer, keys are believed that auth may have taken back, whether it answers or not."""
_PAUSE_SECONDS = 5.0
"""Between two questions for the keys, where some are at hand."""


class PublicKeys(Protocol):
    """Where a verifier finds auth's public keys."""

    async def key(self, key_id: str) -> dict[str, Any]:
        """Return the public key of that id as a JWK; raise `InvalidTokenError` where there is none."""

    async def refresh(self) -> None:
        """Make sure that the keys are at hand; raise `UnavailableError` where they are not."""


class KeySet:
    """Auth's public keys over HTTP, fetched when first needed and again after half a minute or for a new key id."""

    def __init__(
        self, jwks_url: str, client: httpx.AsyncClient, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._url = jwks_url
        self._client = client
        self._clock = clock
        self._keys: dict[str, dict[str, Any]] = {}
        self._fetched_at = self._asked_at = float("-inf")
        self._lock = asyncio.Lock()

    async def key(self, key_id: str) -> dict[str, Any]:
        """Return the public key of that id as a JWK.

        Raises:
            InvalidTokenError: Auth has published no such key.
            UnavailableError: Auth does not answer, and no copy is at hand that is recent enough.
        """
        now = self._clock()
        is_due = key_id not in self._keys or now - self._fetched_at > _KEYS_LIVE_SECONDS
        if is_due and (not self._keys or now - self._asked_at > _PAUSE_SECONDS):
            await self._refresh(older_than=self._asked_at)
        if self._clock() - self._fetched_at > _KEYS_GOOD_SECONDS:
            raise UnavailableError("The keys that prove who you are can't be fetched any more.")
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
                asked_at = self._clock()
                response = await self._client.get(self._url)
                response.raise_for_status()
                self._keys = {key["kid"]: key for key in response.json()["keys"] if key.get("alg") == _ALGORITHM}
                self._fetched_at = asked_at  # the answer may be as old as the question
            except (httpx.HTTPError, ValueError, KeyError) as error:
                if not self._keys:
                    raise UnavailableError("The keys that prove who you are cannot be fetched.") from error
            finally:
                self._asked_at = self._clock()
