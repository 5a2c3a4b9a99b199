"""Prepared pictures run through the networks in batches: at once where few wait, in full ones where many do."""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from time import perf_counter
from typing import Generic, Protocol, TypeVar

from prometheus_client import Counter, Gauge, Histogram

from heliograph.errors import HeliographError
from heliograph.messages import Lane
from heliograph_inference.domain import BATCH_SIZES, NetworkError, OutOfMemoryError, Seen
from heliograph_inference.lanes import LaneQueue

_logger = logging.getLogger(__name__)

_FULL_ENOUGH = 0.75
"""A batch is padded to the next size if this much of it is real; otherwise the rest waits for the next run."""

_BATCH_SIZE = Histogram("heliograph_inference_batch_size", "Photos in one run of the networks.", buckets=BATCH_SIZES)
_WAITING = Gauge("heliograph_inference_prepared", "Photos that are prepared and wait for the networks.")
_RUN_SECONDS = Counter("heliograph_inference_run_seconds", "Time in which a thread ran the networks.")
_OUT_OF_MEMORY = Counter("heliograph_inference_out_of_memory", "Runs that memory did not suffice for.")

_DOUBTFUL_FAILURES = 4
"""After so many photos in a row that no network could look at, the networks have to show that they still run."""

_BROKEN_SECONDS = 30.0
"""If they could not for so long, nobody expects them to recover."""

_GOOD_RUNS = 200
"""After so many full runs in a row without running out of memory a batch may be twice as large again."""

P = TypeVar("P")
P_contra = TypeVar("P_contra", contravariant=True)


class Networks(Protocol[P_contra]):
    """The networks, fed with prepared pictures. Its methods block; threads call them."""

    @property
    def most_at_once(self) -> int:
        """How many pictures one run should hold at most: 1 where batches gain nothing."""

    def look_at(self, pictures: Sequence[P_contra]) -> list[Seen]:
        """Return what is on each picture.

        Raises:
            OutOfMemoryError: There is not enough memory for so many; fewer may do.
            NetworkError: A network could not be run on these.
        """

    def try_out(self) -> None:
        """Run every network on a picture of nothing.

        Raises:
            NetworkError: One cannot be run.
        """


def padded_size(count: int) -> int:
    """Return the size of the batch that holds `count` (1-32) pictures."""
    return next(size for size in BATCH_SIZES if size >= count)


def batch_size(waiting: int, most: int) -> int:
    """Return how many of the pictures that wait (1 or more) are run next.

    Args:
        waiting: How many there are.
        most: How many at most.
    """
    count = min(waiting, most)
    if count >= _FULL_ENOUGH * padded_size(count):
        return count
    return max(size for size in BATCH_SIZES if size <= count)


@dataclass(frozen=True, eq=False)
class _Waiting(Generic[P]):
    picture: P
    seen: asyncio.Future[Seen]


class Batcher(Generic[P]):
    """Gathers pictures that are ready and has them looked at, in as many runs side by side as there are threads."""

    def __init__(
        self, networks: Networks[P], threads: Executor, *, runs_at_once: int, broken_seconds: float = _BROKEN_SECONDS
    ) -> None:
        self._networks = networks
        self._threads = threads
        self._free_runs = runs_at_once
        self._most = networks.most_at_once
        self._good_runs = 0
        self._broken_seconds = broken_seconds
        self._failures_in_a_row = 0
        self._doubted_since: float | None = None
        self.broken = asyncio.Event()
        """Set once the networks have not run on anything for half a minute."""
        self._waiting: LaneQueue[_Waiting[P]] = LaneQueue()
        self._runs: set[asyncio.Task[None]] = set()

    @property
    def is_in_doubt(self) -> bool:
        """Whether the networks did not even run on a picture of nothing: what fails is not the photos' fault."""
        return self._doubted_since is not None

    async def look_at(self, picture: P, lane: Lane) -> Seen:
        """Return what is on a picture; others that are ready are run together with it.

        Raises:
            NetworkError: A network could not be run on it.
        """
        waiting = _Waiting(picture, asyncio.get_running_loop().create_future())
        self._waiting.put(waiting, lane)
        _WAITING.inc()
        self._start()
        try:
            return await waiting.seen
        except asyncio.CancelledError:
            if self._waiting.discard(waiting):
                _WAITING.dec()
            raise

    def _start(self) -> None:
        """Start a run with what waits; where all threads are busy, the next one to finish does it."""
        while self._free_runs and self._waiting:
            batch = [self._waiting.take() for _ in range(batch_size(len(self._waiting), self._most))]
            _WAITING.dec(len(batch))
            self._free_runs -= 1
            run = asyncio.create_task(self._run(batch))
            self._runs.add(run)
            run.add_done_callback(self._finished)

    def _finished(self, run: asyncio.Task[None]) -> None:
        self._runs.discard(run)
        self._free_runs += 1
        if not run.cancelled() and (error := run.exception()):
            _logger.critical("a run ended in an unforeseen way", exc_info=error)
        self._start()

    async def _run(self, batch: Sequence[_Waiting[P]]) -> None:
        _BATCH_SIZE.observe(len(batch))
        loop = asyncio.get_running_loop()
        try:
            seen = await loop.run_in_executor(self._threads, self._look_at, [waiting.picture for waiting in batch])
            looked = list(zip(batch, seen, strict=True))
        except Exception as error:  # noqa: BLE001 - whatever it is, one picture must not take its neighbours along
            await self._again_in_parts(batch, error)
            return
        self._have_run()
        self._grow_after(len(batch))
        for waiting, found in looked:
            if not waiting.seen.done():
                waiting.seen.set_result(found)

    def _look_at(self, pictures: Sequence[P]) -> list[Seen]:
        started = perf_counter()
        try:
            return self._networks.look_at(pictures)
        finally:
            _RUN_SECONDS.inc(perf_counter() - started)

    def _grow_after(self, size: int) -> None:
        if size < self._most or self._most >= self._networks.most_at_once:
            return
        self._good_runs += 1
        if self._good_runs == _GOOD_RUNS:
            self._good_runs = 0
            self._most = min(2 * self._most, self._networks.most_at_once)

    async def _again_in_parts(self, batch: Sequence[_Waiting[P]], error: Exception) -> None:
        if isinstance(error, OutOfMemoryError):
            _OUT_OF_MEMORY.inc()
        if len(batch) == 1:
            await self._count_failure()
            if not batch[0].seen.done():
                batch[0].seen.set_exception(_failure(error))
            return
        parts = len(batch)
        if isinstance(error, OutOfMemoryError):
            parts = 2
            self._most = max(1, min(self._most, padded_size(len(batch)) // 2))
            self._good_runs = 0
            _logger.warning("memory does not suffice for a batch", extra={"photos": len(batch), "most": self._most})
        size = -(-len(batch) // parts)
        for start in range(0, len(batch), size):
            if part := [waiting for waiting in batch[start : start + size] if not waiting.seen.done()]:
                await self._run(part)

    def _have_run(self) -> None:
        self._failures_in_a_row = 0
        self._doubted_since = None

    async def _count_failure(self) -> None:
        self._failures_in_a_row += 1
        if self._failures_in_a_row < _DOUBTFUL_FAILURES:
            return
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._threads, self._networks.try_out)
        except Exception as error:  # noqa: BLE001 - it cannot be run, whatever the reason
            if self._doubted_since is None:
                self._doubted_since = loop.time()
            _logger.error("the networks cannot be run on anything", extra={"error": str(error)})  # noqa: TRY400 - its text says it all
            if loop.time() - self._doubted_since >= self._broken_seconds:
                self.broken.set()
        else:
            self._have_run()


def _failure(error: Exception) -> HeliographError:
    if isinstance(error, HeliographError):
        return error
    _logger.error("looking at a photo failed in an unforeseen way", exc_info=error)
    return NetworkError("The photo could not be looked at.")
