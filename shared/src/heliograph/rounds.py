"""Looking again and again, for what no message tells of."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from heliograph.errors import UnavailableError

_logger = logging.getLogger(__name__)


async def rounds(
    what: str,
    look: Callable[[timedelta], Awaitable[object]],
    stopping: asyncio.Event,
    *,
    at_start_after: timedelta,
    after: timedelta,
    every: timedelta,
) -> None:
    """Look soon after the start and then every so often, until `stopping` is set; a look that fails stops nothing.

    Args:
        what: What is looked at, for the log.
        look: Takes a look, given how long things have to have stood still.
        stopping: Ends it.
        at_start_after: When the first look is, and its patience.
        after: The patience of the following ones.
        every: How long it is between them.
    """
    patience, pause = at_start_after, at_start_after
    while not await _is_set_within(stopping, pause):
        try:
            await look(patience)
        except UnavailableError as error:
            _logger.warning("%s were not looked at", what, extra={"reason": str(error)})
        except Exception:
            _logger.exception("looking at %s broke off", what)  # the next look may do better
        else:
            patience, pause = after, every


async def _is_set_within(event: asyncio.Event, duration: timedelta) -> bool:
    try:
        async with asyncio.timeout(duration.total_seconds()):
            return await event.wait()
    except TimeoutError:
        return False
