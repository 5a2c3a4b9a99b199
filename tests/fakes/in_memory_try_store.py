"""A `TryStore` in memory."""

from collections.abc import Sequence
from datetime import datetime

from heliograph_auth.domain.throttling import Counted, Limit, Tries, counted


class InMemoryTryStore:
    """Two dictionaries."""

    def __init__(self) -> None:
        self.tries: dict[str, Tries] = {}
        self.places: dict[str, datetime] = {}

    async def get(self, keys: Sequence[str]) -> dict[str, Tries]:
        return {key: self.tries.get(key, Tries()) for key in keys}

    async def count(self, key: str, limit: Limit, now: datetime) -> Counted:
        tried = counted(self.tries.get(key, Tries()), limit, now)
        if tried.after:
            self.tries[key] = tried.after
        return tried

    async def give_back(self, key: str, counted: Counted) -> None:
        if key in self.tries and counted.after:
            self.tries[key] = counted.taken_back(self.tries[key])

    async def forget(self, key: str) -> None:
        self.tries.pop(key, None)

    async def is_known(self, place: str, now: datetime) -> bool:
        return place in self.places and self.places[place] > now

    async def note(self, place: str, until: datetime) -> None:
        self.places[place] = until
