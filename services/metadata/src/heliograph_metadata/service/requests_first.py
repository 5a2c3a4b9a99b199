"""What questions are made of behind requests gives way to them: a process does one thing at a time."""

import asyncio
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from threading import Event
from typing import Final

TURN_SECONDS: Final = 0.1
"""Requests go first for so long, then other work for as long, and so on in turns while there are requests."""

_is_waited_for: ContextVar[bool] = ContextVar("is_waited_for", default=False)


class RequestsFirst:
    """Requests are counted in the event loop; work in it or in threads waits for its turn while there are any."""

    def __init__(self, *, turn_seconds: float = TURN_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        """Count no request yet.

        Args:
            turn_seconds: How long each of the two has its turn.
            clock: Seconds.
        """
        self._turn_seconds = turn_seconds
        self._clock = clock
        self._under_way = 0
        self._since = -math.inf
        """When the requests' first turn began."""
        self._none, self._none_for_threads = asyncio.Event(), Event()
        self._none.set()
        self._none_for_threads.set()

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Count a request until this is left."""
        now = self._clock()
        if not self._under_way and now >= self._since + 2 * self._turn_seconds:
            self._since = now
        self._under_way += 1
        self._none.clear()
        self._none_for_threads.clear()
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._none.set()
                self._none_for_threads.set()

    @contextmanager
    def waited_for(self) -> Iterator[None]:
        """Let what is done within this, threads that it starts included, wait for nobody: a request waits for it."""
        token = _is_waited_for.set(True)
        try:
            yield
        finally:
            _is_waited_for.reset(token)

    async def turn(self) -> None:
        """Return when work in the event loop may go on; to be awaited before each small part of it."""
        if left := self._left():
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._none.wait()

    def thread_turn(self) -> None:
        """Return when a thread may go on; to be called before each small part of its work."""
        if left := self._left():
            self._none_for_threads.wait(left)

    def _left(self) -> float:
        """Return for how many seconds it is the requests' turn."""
        if not self._under_way or _is_waited_for.get():
            return 0.0
        return max(0.0, self._turn_seconds - (self._clock() - self._since) % (2 * self._turn_seconds))
