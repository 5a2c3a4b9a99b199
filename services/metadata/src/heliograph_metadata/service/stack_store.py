"""Where stacks are kept, and which stacks each photo is in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.stacks import Stack, StackStatus, Standing


@dataclass(frozen=True, slots=True)
class Listed:
    """A stack, and its place in the list that it was read from."""

    stack: Stack
    position: str


class StackStore(Protocol):
    """Stacks by owner. tests/contract/test_stack_store.py is its specification.

    A photo that was never in a stack takes no room here.
    """

    async def get(self, owner_id: OwnerId, stack_id: str) -> Stack | None:
        """Return the owner's stack of that id, or None."""

    async def standings(self, owner_id: OwnerId, photo_ids: Sequence[PhotoId]) -> dict[PhotoId, Standing]:
        """Return which stacks up to 100 photos are in; each of them is in the answer."""

    async def save(
        self, stack: Stack, *, stored: Stack | None, standings: Mapping[PhotoId, Standing] | None = None
    ) -> bool:
        """Store a stack together with the next standings of some photos: all of it or nothing.

        Returns:
            False, having changed nothing, where the stack is not as `stored` (None: there is none), or one of the
            photos does not stand as it did one version before.
        """

    async def listed(
        self, owner_id: OwnerId, status: StackStatus, *, after: str | None, limit: int
    ) -> Sequence[Listed]:
        """Return stacks of a status whose photos are in place; a late change may be missing.

        Open ones come the surest first: copies before bursts, the most alike before the others. Decided ones come
        the latest first.
        """

    async def moving(self, owner_id: OwnerId, *, limit: int) -> Sequence[Stack]:
        """Return stacks whose photos were not all moved when they were last decided; a late change may be missing."""
