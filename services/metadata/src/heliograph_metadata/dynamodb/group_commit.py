"""Group commit: what is handed in for one owner while a batch is under way makes up the next batch.

One that comes alone is a batch of one, at once; under load batches grow by themselves, and what they share (the
counts of a month, of a place, of a camera) is written once for all of them.

Source: "Group commit" as databases do it, e.g. Gray and Reuter, Transaction Processing, 9.3.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from heliograph.photos import OwnerId

S = TypeVar("S")
R = TypeVar("R")


class GroupCommit(Generic[S, R]):
    """Runs one batch of an owner at a time."""

    def __init__(
        self,
        commit: Callable[[OwnerId, Sequence[S]], Awaitable[Sequence[R]]],
        *,
        key: Callable[[S], Hashable],
        most: int,
        patience: Callable[[S], float],
    ) -> None:
        """Make one.

        Args:
            commit: Does a batch and returns a result for each of its parts, in order. What it raises is raised to all
                who wait for one of them.
            key: Two with the same key are never in one batch.
            most: The largest batch.
            patience: For how many seconds after a batch one waits for company, if the next is not full: so long as
                the least patient of it does.
        """
        self._commit = commit
        self._key = key
        self._most = most
        self._patience = patience
        self._come = asyncio.Event()
        self._waiting: dict[OwnerId, list[tuple[S, asyncio.Future[R]]]] = {}
        self._runs: dict[OwnerId, asyncio.Task[None]] = {}

    async def submit(self, owner_id: OwnerId, what: S) -> R:
        """Have it done with the owner's next batch and return its result."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(owner_id, []).append((what, future))
        self._come.set()
        if owner_id not in self._runs:
            self._runs[owner_id] = asyncio.create_task(self._run(owner_id), name=f"saves of {owner_id}")
        return await future

    async def _run(self, owner_id: OwnerId) -> None:
        try:
            await asyncio.sleep(0)  # all that is submitted in this turn of the loop is company
            while self._waiting.get(owner_id):
                batch = self._taken(owner_id)
                await self._run_batch(owner_id, batch)
                await self._company(owner_id, max(self._patience(what) for what, _ in batch))
        finally:
            del self._runs[owner_id]
            for _, future in self._waiting.pop(owner_id, ()):
                future.cancel()

    async def _company(self, owner_id: OwnerId, most_seconds: float) -> None:
        """Wait until the next batch is full, or one of it waits no longer; for those that come alone, not at all."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while len(waiting := self._waiting.get(owner_id, ())) < self._most:
            until = began + min((self._patience(what) for what, _ in waiting), default=most_seconds)
            if loop.time() >= until:
                return
            self._come.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(until):
                    await self._come.wait()

    def _taken(self, owner_id: OwnerId) -> list[tuple[S, asyncio.Future[R]]]:
        """Take the next batch out of those that wait."""
        batch: dict[Hashable, tuple[S, asyncio.Future[R]]] = {}
        left: list[tuple[S, asyncio.Future[R]]] = []
        for entry in self._waiting[owner_id]:
            key = self._key(entry[0])
            if key in batch or len(batch) == self._most:
                left.append(entry)
            else:
                batch[key] = entry
        self._waiting[owner_id] = left
        return list(batch.values())

    async def _run_batch(self, owner_id: OwnerId, batch: Sequence[tuple[S, asyncio.Future[R]]]) -> None:
        futures = [future for _, future in batch]
        try:
            results = await self._commit(owner_id, [what for what, _ in batch])
        except Exception as error:  # noqa: BLE001 - whoever waits gets it
            for future in futures:
                if not future.done():
                    future.set_exception(error)
        except BaseException:
            for future in futures:
                future.cancel()
            raise
        else:
            for future, result in zip(futures, results, strict=True):
                if not future.done():
                    future.set_result(result)
