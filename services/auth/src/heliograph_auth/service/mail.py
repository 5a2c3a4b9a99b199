"""What sends letters, and a box in front of it, so that nobody can tell from a clock whether one was sent."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from heliograph.errors import UnavailableError
from heliograph_auth.domain.letters import Letter

_logger = logging.getLogger(__name__)
_MOST_IN_HAND: Final = 1000


class Mail(Protocol):
    """What takes letters to people. tests/contract/test_mail.py is its specification."""

    async def send(self, letter: Letter) -> None:
        """Send a letter; raise `UnavailableError` where that fails."""

    async def check(self) -> str:
        """Say where letters go."""


class Postbox:
    """Does what follows from a request after its answer: find out whether there is an account, write to its holder."""

    def __init__(self) -> None:
        self._in_hand: set[asyncio.Task[None]] = set()

    def later(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do `work` soon; what becomes of it is told to nobody but the log.

        Raises:
            UnavailableError: There is too much in hand already.
        """
        if len(self._in_hand) >= _MOST_IN_HAND:
            raise UnavailableError("too many letters wait to be sent")
        task = asyncio.create_task(_done(work))
        self._in_hand.add(task)
        task.add_done_callback(self._in_hand.discard)

    async def emptied(self) -> None:
        """Return when everything in hand is done."""
        while self._in_hand:
            await asyncio.gather(*self._in_hand)


async def _done(work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except Exception:
        _logger.exception("a letter was not sent")
