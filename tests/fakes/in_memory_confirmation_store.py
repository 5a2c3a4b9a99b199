"""A `ConfirmationStore` in memory."""

from heliograph_auth.domain.confirmations import Confirmation


class InMemoryConfirmationStore:
    """A dictionary."""

    def __init__(self) -> None:
        self.links: dict[str, Confirmation] = {}

    async def keep(self, digest: str, confirmation: Confirmation) -> None:
        self.links[digest] = confirmation

    async def get(self, digest: str) -> Confirmation | None:
        return self.links.get(digest)

    async def remove(self, digest: str) -> None:
        self.links.pop(digest, None)
