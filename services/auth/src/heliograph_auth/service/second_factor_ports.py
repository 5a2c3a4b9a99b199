"""What the second step at sign-in needs of the world outside."""

from typing import Protocol

from heliograph.photos import OwnerId
from heliograph_auth.domain.challenges import Challenge
from heliograph_auth.domain.second_factor import SecondFactor


class SecondFactorStore(Protocol):
    """Where second factors are kept. tests/contract/test_second_factor_store.py is its specification."""

    async def get(self, account_id: OwnerId) -> SecondFactor | None:
        """Return an account's second factor, as it is at this moment; one that was begun long ago may be gone."""

    async def replace(self, factor: SecondFactor, *, expected: SecondFactor | None) -> bool:
        """Keep `factor`; return False, changing nothing, where another version than `expected` is there."""

    async def remove(self, factor: SecondFactor) -> bool:
        """Forget it; return False, changing nothing, where another version is there."""


class ChallengeStore(Protocol):
    """Where challenges are kept. tests/contract/test_challenge_store.py is its specification."""

    async def keep(self, challenge: Challenge) -> None:
        """Store a new challenge."""

    async def get(self, digest: str) -> Challenge | None:
        """Return the challenge of that digest; one whose time is over may or may not be there still."""

    async def take(self, digest: str) -> Challenge | None:
        """Return it and forget it: of many who take one at once, one gets it."""


class Sealing(Protocol):
    """Seals what has to be kept and read again."""

    def sealed(self, plain: bytes, *, whose: str) -> bytes:
        """Return it so that nobody else can read or change it, or pass it off as somebody else's."""

    def opened(self, sealed: bytes, *, whose: str) -> bytes:
        """Return what was sealed; raise `UnavailableError` where it was not sealed here, or for somebody else."""
