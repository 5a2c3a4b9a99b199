"""Towns by name, for whoever knows where a photo was taken but not at which coordinates."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from heliograph_metadata.domain.photo import Location


class TownNames(Protocol):
    """Knows where towns are."""

    def named(self, text: str, *, limit: int) -> list[Location]:
        """Return towns of which a word begins so, likeliest first; after a comma may stand a region or country."""


class Towns:
    """The use case of looking up a town."""

    def __init__(self, names: TownNames) -> None:
        self._names = names

    async def named(self, text: str, *, limit: int) -> Sequence[Location]:
        """Return towns with their places; it takes some milliseconds of a thread, and more the first time."""
        return await asyncio.to_thread(self._names.named, text, limit=limit)
