"""Whose turn it is where photos of both lanes wait: the interactive one first, the backlog never starved."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

from heliograph.messages import Lane

INTERACTIVE_IN_A_ROW = 7
"""While the backlog waits too, each eighth turn is its own."""

T = TypeVar("T")


class LaneQueue(Generic[T]):
    """Waiting items of both lanes, each lane in the order in which they came; not bounded itself."""

    def __init__(self) -> None:
        self._waiting: dict[Lane, deque[T]] = {lane: deque() for lane in Lane}
        self._in_a_row = 0

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def put(self, item: T, lane: Lane) -> None:
        """Add an item at the end of its lane."""
        self._waiting[lane].append(item)

    def take(self) -> T:
        """Return the item whose turn it is.

        Raises:
            IndexError: None waits.
        """
        interactive, backlog = self._waiting[Lane.INTERACTIVE], self._waiting[Lane.BACKLOG]
        if not backlog:
            self._in_a_row = 0
            return interactive.popleft()
        if interactive and self._in_a_row < INTERACTIVE_IN_A_ROW:
            self._in_a_row += 1
            return interactive.popleft()
        self._in_a_row = 0
        return backlog.popleft()

    def discard(self, item: T) -> bool:
        """Forget an item; return whether it still waited."""
        for waiting in self._waiting.values():
            if item in waiting:
                waiting.remove(item)
                return True
        return False


class LaneSlots:
    """So many at once, and those who wait for a slot get it in their lane's turn."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiting: LaneQueue[asyncio.Future[None]] = LaneQueue()

    @asynccontextmanager
    async def one(self, lane: Lane) -> AsyncIterator[None]:
        """Hold a slot, as soon as there is one."""
        if self._free:
            self._free -= 1
        else:
            await self._turn(lane)
        try:
            yield
        finally:
            self._hand_on()

    async def _turn(self, lane: Lane) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.put(turn, lane)
        try:
            await turn
        except asyncio.CancelledError:
            self._waiting.discard(turn)
            if turn.done() and not turn.cancelled():
                self._hand_on()  # it was given in the very moment in which nobody wanted it any more
            raise

    def _hand_on(self) -> None:
        while self._waiting:
            turn = self._waiting.take()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
