"""Many calls of the same kind, some of them at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


async def in_turns(calls: Sequence[Callable[[], Awaitable[T]]], *, at_once: int) -> list[T]:
    """Await the results of `calls` in order, at most `at_once` of them at a time."""
    turns = asyncio.Semaphore(at_once)

    async def one(call: Callable[[], Awaitable[T]]) -> T:
        async with turns:
            return await call()

    return await asyncio.gather(*(one(call) for call in calls))
