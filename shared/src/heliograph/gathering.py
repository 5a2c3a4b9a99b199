"""A sender whose callers' messages go together, ten in a request."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from heliograph.sqs import SQS_BATCH, MessageSender, NotTakenError


class GatheringSender:
    """A `MessageSender` for many who send at the same time.

    What comes alone goes at once. After that, what comes next waits for company for a while, or until there are ten.
    """

    def __init__(self, queue: MessageSender, *, within_seconds: float) -> None:
        self._queue = queue
        self._within_seconds = within_seconds
        self._waiting: list[tuple[Sequence[str], asyncio.Future[None]]] = []
        self._many = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None

    async def send(self, bodies: Sequence[str]) -> None:
        """See `MessageSender.send`; it returns once these are sent."""
        sent: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((bodies, sent))
        if sum(len(some) for some, _ in self._waiting) >= SQS_BATCH:
            self._many.set()
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send_all(), name="messages that go together")
        await sent

    async def _send_all(self) -> None:
        await asyncio.sleep(0)  # all that is sent in this turn of the loop is company
        while self._waiting:
            together, self._waiting = self._waiting, []
            self._many.clear()
            await self._send(together)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._within_seconds):
                    await self._many.wait()
            await asyncio.sleep(0)

    async def _send(self, together: Sequence[tuple[Sequence[str], asyncio.Future[None]]]) -> None:
        error: Exception | None = None
        refused: frozenset[int] = frozenset()
        try:
            await self._queue.send([body for bodies, _ in together for body in bodies])
        except NotTakenError as some:
            error, refused = some, frozenset(some.refused)
        except Exception as all_of_them:  # noqa: BLE001 - whoever waits gets it
            error = all_of_them
        first = 0
        for bodies, sent in together:
            mine = [place - first for place in refused if first <= place < first + len(bodies)]
            first += len(bodies)
            if sent.done():  # its sender was cancelled meanwhile
                continue
            if error is None or (refused and not mine):
                sent.set_result(None)
            else:
                sent.set_exception(NotTakenError(str(error), sorted(mine)) if mine else error)
