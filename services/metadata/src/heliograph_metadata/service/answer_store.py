"""Where a person's answers are kept: events in an order of their own, to which nobody adds without having seen all."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from heliograph.photos import OwnerId
from heliograph_metadata.domain.questions.history import Said


class AnswerStore(Protocol):
    """Events by owner. tests/contract/test_answer_store.py is its specification.

    Every method raises `UnavailableError` where the store does not answer.
    """

    async def since(self, owner_id: OwnerId, after: int) -> Sequence[Said]:
        """Return all events with a number greater than `after`, in order, none missing that was added before."""

    async def add(self, owner_id: OwnerId, said: Said) -> bool:
        """Store an event whose consequences are still to be drawn.

        Returns:
            False, having changed nothing, where another event has its number.
        """

    async def settle(self, owner_id: OwnerId, number: int) -> None:
        """Say that an event's consequences are drawn: the jobs are made; repeating it changes nothing."""

    def unsettled(self) -> AsyncIterator[tuple[OwnerId, int]]:
        """Yield owner and number of each event that is not settled; of late changes some may be missing."""
