"""The use case, previews to labels, and the ports it needs."""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Protocol

from heliograph.errors import HeliographError
from heliograph_inference.domain import Label, NetworkError

_logger = logging.getLogger(__name__)

Looked = tuple[Label, ...] | HeliographError
"""What is on one photo, or why that cannot be said."""


class PreviewStore(Protocol):
    """Where previews are read from."""

    async def read(self, preview_key: str) -> bytes:
        """Return a preview's bytes.

        Raises:
            UnreadablePreviewError: There is none.
            PreviewUnavailableError: The store does not answer.
        """


class Vision(Protocol):
    """The networks together with what they need before and after. Its methods block; threads call them."""

    @property
    def models(self) -> tuple[str, ...]:
        """Name and version of each network."""

    @property
    def most_at_once(self) -> int:
        """How many previews one call should hold: 1 where batches gain nothing."""

    def look_at(self, previews: Sequence[bytes]) -> list[Looked]:
        """Return what is on each preview; one that is no picture fails alone.

        Raises:
            NetworkError: A network could not be run on these.
        """


class PhotoLabelling:
    """Looks at photos, several at a time."""

    def __init__(self, previews: PreviewStore, vision: Vision, threads: Executor) -> None:
        self._previews = previews
        self._vision = vision
        self._threads = threads

    @property
    def models(self) -> tuple[str, ...]:
        """Every model that looks."""
        return self._vision.models

    async def look_at(self, preview_keys: Sequence[str]) -> list[Looked]:
        """Return what is on each photo, in the order given; no photo's failure touches another."""
        fetched = await asyncio.gather(*(self._fetched(key) for key in preview_keys))
        looked: list[Looked] = [content if isinstance(content, HeliographError) else () for content in fetched]
        there = [(i, content) for i, content in enumerate(fetched) if isinstance(content, bytes)]
        size = self._vision.most_at_once
        runs = [there[start : start + size] for start in range(0, len(there), size)]
        results = await asyncio.gather(*(self._looked_at([content for _, content in run]) for run in runs))
        for run, outcomes in zip(runs, results, strict=True):
            for (i, _), outcome in zip(run, outcomes, strict=True):
                looked[i] = outcome
        return looked

    async def _fetched(self, preview_key: str) -> bytes | HeliographError:
        try:
            return await self._previews.read(preview_key)
        except HeliographError as error:
            return error

    async def _looked_at(self, previews: Sequence[bytes]) -> list[Looked]:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, self._vision.look_at, previews)
        except Exception as error:  # noqa: BLE001 - whatever it is, one picture must not take its neighbours along
            if len(previews) == 1:
                return [_failure(error)]
        one_by_one = await asyncio.gather(*(self._looked_at([preview]) for preview in previews))
        return [outcome for outcomes in one_by_one for outcome in outcomes]


def _failure(error: Exception) -> HeliographError:
    if isinstance(error, HeliographError):
        return error
    _logger.error("looking at a preview failed in an unforeseen way", exc_info=error)
    return NetworkError("The photo could not be looked at.")
