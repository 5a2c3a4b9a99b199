"""A `SecondFactorStore` in memory."""

from heliograph.photos import OwnerId
from heliograph_auth.domain.second_factor import SecondFactor


class InMemorySecondFactorStore:
    """A dictionary."""

    def __init__(self) -> None:
        self.factors: dict[OwnerId, SecondFactor] = {}

    async def get(self, account_id: OwnerId) -> SecondFactor | None:
        return self.factors.get(account_id)

    async def replace(self, factor: SecondFactor, *, expected: SecondFactor | None) -> bool:
        there = self.factors.get(factor.account_id)
        if (there.version if there else None) != (expected.version if expected else None):
            return False
        self.factors[factor.account_id] = factor
        return True

    async def remove(self, factor: SecondFactor) -> bool:
        there = self.factors.get(factor.account_id)
        if there is None or there.version != factor.version:
            return False
        del self.factors[factor.account_id]
        return True
