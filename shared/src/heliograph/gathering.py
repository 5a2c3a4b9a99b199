"""Calls of many tasks made as one: what is asked while a call is under way goes together with the next one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Gathering(Generic[T, R]):
    """Asks for single items by a call that takes many; nothing waits where no call is under way."""

    def __init__(self, call: Callable[[Sequence[T]], Awaitable[Sequence[R | Exception]]]) -> None:
        """Make one.

        Args:
            call: Returns an outcome for each item, in their order; an exception is raised where that item was asked
                for. One that `call` itself raises is raised for all.
        """
        self._call = call
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._calling: asyncio.Task[None] | None = None

    async def ask(self, item: T) -> R:
        """Return the outcome for one item."""
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._calling is None or self._calling.done():
            self._calling = asyncio.create_task(self._call_for_all())
        return await answer

    async def _call_for_all(self) -> None:
        while self._waiting:
            together, self._waiting = self._waiting, []
            outcomes: Sequence[R | Exception]
            try:
                outcomes = await self._call([item for item, _ in together])
                if len(outcomes) != len(together):
                    raise ValueError(f"{len(outcomes)} outcomes for {len(together)} items")  # noqa: TRY301
            except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
                outcomes = [error] * len(together)
            for (_, answer), outcome in zip(together, outcomes, strict=True):
                if answer.done():
                    continue
                if isinstance(outcome, Exception):
                    answer.set_exception(outcome)
                else:
                    answer.set_result(outcome)
