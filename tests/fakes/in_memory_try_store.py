"""A `TryStore` in memory."""

from collections.abc import Sequence
from datetime import datetime

from heliograph_auth.domain.throttling import Tries


class InMemoryTryStore:
    """A dictionary."""

    def __init__(self) -> None:
        self.tries: dict[str, Tries] = {}

    async def get(self, keys: Sequence[str]) -> dict[str, Tries]:
        return {key: self.tries.get(key, Tries()) for key in keys}

    async def replace(self, key: str, tries: Tries, *, expected: Tries, forget_at: datetime) -> bool:
        if self.tries.get(key, Tries()) != expected:
            return False
        self.tries[key] = tries
        return True

    async def forget(self, key: str) -> None:
        self.tries.pop(key, None)
