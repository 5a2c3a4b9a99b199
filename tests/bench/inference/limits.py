"""(a) what the networks alone could do, and (b) the worker's way from a preview's bytes to its labels, without AWS."""

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from heliograph.messages import Lane
from heliograph_inference.batching import Batcher
from heliograph_inference.domain import UnreadablePreviewError
from heliograph_inference.memory import give_back_large_buffers
from heliograph_inference.providers import Execution
from heliograph_inference.service import PhotoLabelling
from heliograph_inference.vision import NetworkVision, PhotoModel, Prepared, load_models
from tests.bench.inference.measuring import Meter, Spent

Floats = npt.NDArray[np.float32]


class InMemoryPreviews:
    """A `PreviewStore` whose keys are numbers."""

    def __init__(self, previews: Sequence[bytes]) -> None:
        self._previews = previews

    async def read(self, preview_key: str) -> bytes:
        """See `PreviewStore.read`."""
        try:
            return self._previews[int(preview_key) % len(self._previews)]
        except ValueError as error:
            raise UnreadablePreviewError(preview_key) from error


class InProcess:
    """The networks and the worker's stages in this process, as the worker composes them."""

    def __init__(self, models: Path, previews: Sequence[bytes], *, batch_size: int, keep_ready: bool = True) -> None:
        give_back_large_buffers()
        self.threads = len(os.sched_getaffinity(0))
        self._stack = ExitStack()
        self._previews = previews
        self._models = load_models(models, Execution(batch_size=batch_size), label_threshold=None)
        self.vision = NetworkVision(self._models, batch_size=batch_size)
        runs = self.threads if self.vision.most_at_once == 1 else 2
        self._in_hand = (runs + 2) * self.vision.most_at_once + self.threads
        self._runners = self._stack.enter_context(ThreadPoolExecutor(runs, "run"))
        self._decoders = self._stack.enter_context(ThreadPoolExecutor(self.threads, "prepare"))
        self._ready = [self.vision.prepared(preview, self.vision.models) for preview in previews if keep_ready]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.__exit__(kind, error, at)

    def networks_alone(self, images: int) -> Spent:
        """Return what `session.run` takes for so many images that lie ready, in as many runs side by side as served."""
        size = self.vision.most_at_once
        batches = [[self._ready[(at + i) % len(self._ready)] for i in range(size)] for at in range(0, images, size)]
        ready = [[(model, self._stacked(model, batch)) for model in self._models] for batch in batches]
        meter = Meter()
        list(self._runners.map(_run, ready))
        return meter.spent(size * len(batches))

    @staticmethod
    def _stacked(model: PhotoModel, batch: Sequence[Prepared]) -> Floats:
        tensors = [picture[model.key][0] for picture in batch]
        return tensors[0][None] if len(tensors) == 1 else np.stack(tensors)

    def without_aws(self, images: int) -> Spent:
        """Return what the worker's stages take for so many previews that lie in memory."""
        return asyncio.run(self._without_aws(images))

    async def _without_aws(self, images: int) -> Spent:
        batcher = Batcher(self.vision, self._runners, runs_at_once=self._runners._max_workers)
        labelling = PhotoLabelling(
            InMemoryPreviews(self._previews), self.vision, batcher, self._decoders, slots=self._in_hand
        )
        models = labelling.models_for(None)
        waiting = iter(range(images))

        async def one_after_another() -> None:
            for number in waiting:
                await labelling.look_at(str(number), Lane.BACKLOG, models)

        meter = Meter()
        await asyncio.gather(*(one_after_another() for _ in range(self._in_hand + self.threads)))
        return meter.spent(images)


def _run(networks: Sequence[tuple[PhotoModel, Floats]]) -> None:
    for model, batch in networks:
        model.network.run(batch)
