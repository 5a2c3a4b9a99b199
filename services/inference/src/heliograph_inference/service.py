"""The use case, a photo's way from its preview to its labels through three stages, and the ports it needs.

    fetch ──(photos in hand)──► decode and prepare ──(slots)──► run the networks

The stages overlap: while the networks run on some photos, the next ones are decoded and those after them fetched. In
front of each stage waits a bounded number, of both lanes, and the interactive lane's go first.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from time import perf_counter
from typing import Generic, Protocol, TypeVar

from prometheus_client import Counter

from heliograph.errors import HeliographError
from heliograph.messages import Lane
from heliograph_inference.batching import Batcher, Networks
from heliograph_inference.domain import NetworkError, Seen
from heliograph_inference.lanes import LaneSlots

_logger = logging.getLogger(__name__)

_FETCH_SECONDS = Counter("heliograph_inference_fetch_seconds", "Time that photos spent on their way from S3.")
_SLOT_SECONDS = Counter("heliograph_inference_slot_seconds", "Time that photos waited for a slot.")
_PREPARE_SECONDS = Counter("heliograph_inference_prepare_seconds", "Time in which a thread prepared photos.")

P = TypeVar("P")


class PreviewStore(Protocol):
    """Where previews are read from."""

    async def read(self, preview_key: str) -> bytes:
        """Return a preview's bytes.

        Raises:
            UnreadablePreviewError: There is none.
            PreviewUnavailableError: The store does not answer.
        """


class Vision(Networks[P], Protocol[P]):
    """The networks together with what they need before. Its methods block; threads call them."""

    @property
    def models(self) -> tuple[str, ...]:
        """Name and version of each network."""

    def prepared(self, preview: bytes, models: Sequence[str]) -> P:
        """Return a preview decoded and laid out for each of these networks.

        Raises:
            UnreadablePreviewError: It is no picture.
        """


class PhotoLabelling(Generic[P]):
    """Looks at photos, many at a time."""

    def __init__(
        self, previews: PreviewStore, vision: Vision[P], batcher: Batcher[P], decoders: Executor, *, slots: int
    ) -> None:
        """Set up the stages.

        Args:
            previews: Where previews are.
            vision: Prepares pictures.
            batcher: Runs the networks on them.
            decoders: The threads that prepare.
            slots: How many photos may be in the second or third stage at once, which bounds the memory for them.
        """
        self._previews = previews
        self._vision = vision
        self._batcher = batcher
        self._decoders = decoders
        self._slots = LaneSlots(slots)

    @property
    def is_in_doubt(self) -> bool:
        """Whether the networks rather than the photos seem to be at fault for what failed last."""
        return self._batcher.is_in_doubt

    @property
    def broken(self) -> asyncio.Event:
        """Set once the networks fail on every photo."""
        return self._batcher.broken

    def models_for(self, wanted: Sequence[str] | None) -> tuple[str, ...]:
        """Return the networks that look where these are wanted: those of them that there are; every one for None."""
        return tuple(model for model in self._vision.models if wanted is None or model in wanted)

    async def look_at(self, preview_key: str, lane: Lane, models: Sequence[str]) -> Seen:
        """Return what these networks see on a photo.

        Raises:
            UnreadablePreviewError: There is no preview, or it is no picture.
            PreviewUnavailableError: The store does not answer.
            NetworkError: A network could not be run on it.
        """
        with _timed(_FETCH_SECONDS):
            preview = await self._previews.read(preview_key)
        waiting_since = perf_counter()
        async with self._slots.one(lane):
            _SLOT_SECONDS.inc(perf_counter() - waiting_since)
            loop = asyncio.get_running_loop()
            picture = await loop.run_in_executor(self._decoders, self._prepared, preview, models)
            return await self._batcher.look_at(picture, lane)

    def _prepared(self, preview: bytes, models: Sequence[str]) -> P:
        try:
            with _timed(_PREPARE_SECONDS):
                return self._vision.prepared(preview, models)
        except HeliographError:
            raise
        except Exception as error:
            _logger.exception("preparing a preview failed in an unforeseen way")
            raise NetworkError("The photo could not be looked at.") from error


@contextmanager
def _timed(counter: Counter) -> Iterator[None]:
    started = perf_counter()
    try:
        yield
    finally:
        counter.inc(perf_counter() - started)
