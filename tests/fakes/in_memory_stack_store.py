"""A `StackStore` in memory."""

from collections.abc import Mapping, Sequence

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.stacks import Stack, StackKind, StackStatus, Standing
from heliograph_metadata.service.stack_store import Listed


class InMemoryStackStore:
    """Stacks and standings by owner and id."""

    def __init__(self) -> None:
        self.stacks: dict[tuple[OwnerId, str], Stack] = {}
        self.standing: dict[tuple[OwnerId, PhotoId], Standing] = {}
        self.saves = 0

    async def get(self, owner_id: OwnerId, stack_id: str) -> Stack | None:
        return self.stacks.get((owner_id, stack_id))

    async def standings(self, owner_id: OwnerId, photo_ids: Sequence[PhotoId]) -> dict[PhotoId, Standing]:
        return {photo_id: self.standing.get((owner_id, photo_id), Standing()) for photo_id in photo_ids}

    async def save(
        self, stack: Stack, *, stored: Stack | None, standings: Mapping[PhotoId, Standing] | None = None
    ) -> bool:
        there = await self.get(stack.owner_id, stack.stack_id)
        if (there.version if there else None) != (stored.version if stored else None):
            return False
        known = await self.standings(stack.owner_id, list(standings or {}))
        if any(known[photo_id].version != after.version - 1 for photo_id, after in (standings or {}).items()):
            return False
        self.stacks[stack.owner_id, stack.stack_id] = stack
        self.standing |= {(stack.owner_id, photo_id): after for photo_id, after in (standings or {}).items()}
        self.saves += 1
        return True

    async def listed(
        self, owner_id: OwnerId, status: StackStatus, *, after: str | None, limit: int
    ) -> Sequence[Listed]:
        is_open = status is StackStatus.OPEN
        found = [
            Listed(stack, _position(stack))
            for (owner, _), stack in self.stacks.items()
            if owner == owner_id and stack.status is status and stack.is_moved
        ]
        found.sort(key=lambda one: one.position, reverse=not is_open)
        return [one for one in found if after is None or (one.position > after if is_open else one.position < after)][
            :limit
        ]

    async def moving(self, owner_id: OwnerId, *, limit: int) -> Sequence[Stack]:
        return [stack for (owner, _), stack in self.stacks.items() if owner == owner_id and not stack.is_moved][:limit]


def _position(stack: Stack) -> str:
    if stack.status is StackStatus.OPEN:
        return f"{int(stack.kind is StackKind.BURST)}{stack.spread:03}#{stack.stack_id}"
    return f"{stack.updated_at.isoformat()}#{stack.stack_id}"
