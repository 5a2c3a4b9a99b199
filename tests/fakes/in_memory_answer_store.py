"""An `AnswerStore` in memory."""

from collections.abc import AsyncIterator, Sequence

from heliograph.photos import OwnerId
from heliograph_metadata.domain.questions.history import Said


class InMemoryAnswerStore:
    """Events by owner and number."""

    def __init__(self) -> None:
        self.events: dict[tuple[OwnerId, int], Said] = {}
        self.open: set[tuple[OwnerId, int]] = set()

    async def since(self, owner_id: OwnerId, after: int) -> Sequence[Said]:
        found = [said for (owner, number), said in self.events.items() if owner == owner_id and number > after]
        return sorted(found, key=lambda said: said.number)

    async def add(self, owner_id: OwnerId, said: Said) -> bool:
        if (owner_id, said.number) in self.events:
            return False
        self.events[owner_id, said.number] = said
        self.open.add((owner_id, said.number))
        return True

    async def settle(self, owner_id: OwnerId, number: int) -> None:
        self.open.discard((owner_id, number))

    async def unsettled(self) -> AsyncIterator[tuple[OwnerId, int]]:
        for owner_id, number in sorted(self.open):
            yield owner_id, number
