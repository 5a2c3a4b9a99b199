"""A `ChallengeStore` in memory."""

from heliograph_auth.domain.challenges import Challenge


class InMemoryChallengeStore:
    """A dictionary."""

    def __init__(self) -> None:
        self.challenges: dict[str, Challenge] = {}

    async def keep(self, challenge: Challenge) -> None:
        self.challenges[challenge.digest] = challenge

    async def get(self, digest: str) -> Challenge | None:
        return self.challenges.get(digest)

    async def take(self, digest: str) -> Challenge | None:
        return self.challenges.pop(digest, None)
