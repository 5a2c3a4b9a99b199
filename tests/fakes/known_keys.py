"""`PublicKeys` that are simply known."""

from typing import Any

from heliograph.identity import InvalidTokenError


class KnownKeys:
    """JWKs by key id."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self._keys = {str(key["kid"]): key for key in keys}

    async def key(self, key_id: str) -> dict[str, Any]:
        if key_id not in self._keys:
            raise InvalidTokenError("The access token was signed with an unknown key.")
        return self._keys[key_id]

    async def refresh(self) -> None:
        pass
