"""Composition root of the inference worker: an ASGI app whose lifespan consumes photo-prepared, of both lanes."""

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import asdict, dataclass

from fastapi import FastAPI

from heliograph.app import ReadinessCheck
from heliograph.app import create_app as create_heliograph_app
from heliograph.aws import aws_clients
from heliograph.errors import UnavailableError
from heliograph.logs import configure_logs
from heliograph.messages import PHOTO_CLASSIFIED, PHOTO_PREPARED, Lane, queue_in
from heliograph.sqs import SQS_BATCH, SqsQueue
from heliograph_inference.batching import Batcher
from heliograph_inference.consumer import PhotoPreparedConsumer
from heliograph_inference.interruption import interruption_notice
from heliograph_inference.memory import give_back_large_buffers
from heliograph_inference.s3 import S3PreviewStore
from heliograph_inference.service import PhotoLabelling
from heliograph_inference.settings import InferenceSettings
from heliograph_inference.vision import NetworkVision, Prepared, load_models

_logger = logging.getLogger(__name__)

_BACKLOG_NICENESS = 10
"""A tenth of a core that an interactive photo wants too. Source: the kernel's table of weights, sched(7)."""


def create_app() -> FastAPI:
    """Return the worker's app: /healthz, /readyz, /metrics, and the consumer while it runs."""
    settings = InferenceSettings()
    configure_logs(service="inference", level=settings.log_level)
    if not give_back_large_buffers():
        _logger.info("the C library keeps what it was given; memory may grow for some thousand photos")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with ExitStack() as stack:
            models = await asyncio.to_thread(
                load_models,
                settings.models_directory,
                settings.execution,
                label_threshold=settings.label_threshold,
            )
            vision = NetworkVision(models, batch_size=settings.inference_batch_size)
            plan = _plan(settings, most_at_once=vision.most_at_once)
            _logger.info("networks loaded", extra={"networks": vision.description, **asdict(plan)})
            async with aws_clients(max_pool_connections=2 * plan.photos_in_hand + 16) as clients:
                queues = {
                    (kind, lane): SqsQueue(clients.sqs, settings.queue_name(queue_in(kind, lane)))
                    for kind in (PHOTO_PREPARED, PHOTO_CLASSIFIED)
                    for lane in Lane
                }
                previews = S3PreviewStore(clients.s3, settings.bucket_name)
                labelling = _hands(vision, previews, plan, stack)
                stopping = asyncio.Event()
                consuming = [
                    asyncio.create_task(
                        PhotoPreparedConsumer(
                            queues[PHOTO_PREPARED, lane],
                            queues[PHOTO_CLASSIFIED, lane],
                            labelling[lane],
                            lane=lane,
                            photos_in_hand=plan.photos_in_hand,
                            **_waits(settings, lane),
                            visibility_timeout_seconds=settings.inference_visibility_timeout_seconds,
                        ).run(stopping)
                    )
                    for lane in Lane
                ]
                for task in consuming:
                    task.add_done_callback(_end_process_where_it_failed)
                app.state.readiness = _readiness(vision, previews, list(queues.values()), labelling.values(), consuming)
                watching = [
                    asyncio.create_task(_end_process_before_interruption(settings.inference_instance_metadata_url)),
                    *(asyncio.create_task(_end_process_once_broken(one)) for one in set(labelling.values())),
                ]
                yield
                for watch in watching:
                    watch.cancel()
                stopping.set()
                app.state.readiness = {}
                for ended in await asyncio.gather(
                    *consuming, return_exceptions=True
                ):  # neither ends in the other's work
                    if isinstance(ended, BaseException):
                        raise ended

    return create_heliograph_app(
        "Heliograph inference",
        description="Looks at each prepared photo and says what is on it.",
        lifespan=lifespan,
        readiness=lambda app: app.state.readiness,
    )


@dataclass(frozen=True)
class _Plan:
    """How much goes on at once."""

    runs: int
    """Of the networks: on the CPU a photo a thread; elsewhere the outputs of one batch are read while the next runs."""

    decoders: int
    slots: int
    photos_in_hand: int


def _waits(settings: InferenceSettings, lane: Lane) -> dict[str, float]:
    """Return how long a lane's polls and results wait for company."""
    if lane is Lane.BACKLOG:
        seconds = settings.inference_backlog_gathers_seconds
        return {"gather_seconds": seconds, "results_wait_seconds": seconds}
    return {"gather_seconds": 0.0, "results_wait_seconds": settings.inference_results_wait_seconds}


def _plan(settings: InferenceSettings, *, most_at_once: int) -> _Plan:
    batches = most_at_once > 1
    runs = 2 if batches else settings.threads
    slots = (runs + 1) * most_at_once + settings.threads  # in the runs, ready for the next one, being prepared
    fetched = most_at_once + SQS_BATCH
    return _Plan(runs, settings.threads, slots, settings.inference_photos_in_hand or slots + fetched)


def _hands(
    vision: NetworkVision, previews: S3PreviewStore, plan: _Plan, stack: ExitStack
) -> Mapping[Lane, PhotoLabelling[Prepared]]:
    """Return who looks at each lane's photos.

    Where batches gain, both lanes share them. On the CPU each has threads of its own, and the backlog's leave the cores
    to the others': a photo just dropped in waits for none of the backlog's.
    """

    def labelling(name: str, initialise: Callable[[], None] | None) -> PhotoLabelling[Prepared]:
        runners = stack.enter_context(ThreadPoolExecutor(plan.runs, f"run {name}", initialise))
        decoders = stack.enter_context(ThreadPoolExecutor(plan.decoders, f"prepare {name}", initialise))
        return PhotoLabelling(
            previews, vision, Batcher(vision, runners, runs_at_once=plan.runs), decoders, slots=plan.slots
        )

    if vision.most_at_once > 1:
        return dict.fromkeys(Lane, labelling("both", None))
    return {lane: labelling(lane, _yield_to_others if lane is Lane.BACKLOG else None) for lane in Lane}


def _yield_to_others() -> None:
    """Give the calling thread the least of a busy core, where threads can have a niceness of their own: on Linux."""
    if sys.platform == "linux":
        niceness = max(_BACKLOG_NICENESS, os.getpriority(os.PRIO_PROCESS, 0))
        with suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)


async def _end_process_before_interruption(metadata_url: str) -> None:
    """Stop as at a SIGTERM once this instance is told that it will be taken away: in hand is finished or given back."""
    if metadata_url:
        notice = await interruption_notice(metadata_url)
        _logger.warning("this instance is about to be taken away; the process ends", extra={"notice": notice})
        signal.raise_signal(signal.SIGTERM)


async def _end_process_once_broken(labelling: PhotoLabelling[Prepared]) -> None:
    """Leave the photos to another worker, or to this one after a new start, where no network can be run any more."""
    await labelling.broken.wait()
    _logger.critical("the networks fail on every photo; the process ends")
    signal.raise_signal(signal.SIGTERM)


def _end_process_where_it_failed(consuming: asyncio.Task[None]) -> None:
    """Leave nobody with a worker that answers but works no more: whoever supervises it starts a new one."""
    if not consuming.cancelled() and (error := consuming.exception()):
        _logger.critical("the consumer failed; the process ends", exc_info=error)
        signal.raise_signal(signal.SIGTERM)


def _readiness(
    vision: NetworkVision,
    previews: S3PreviewStore,
    queues: Collection[SqsQueue],
    labelling: Collection[PhotoLabelling[Prepared]],
    consuming: Collection[asyncio.Task[None]],
) -> Mapping[str, ReadinessCheck]:
    async def models() -> str:
        if any(one.is_in_doubt for one in labelling):
            raise UnavailableError("the last photos could not be looked at")
        return vision.description

    async def sqs() -> str:
        for queue in queues:
            await queue.check()
        return "queues answer"

    async def consumer() -> str:
        if any(task.done() for task in consuming):
            raise UnavailableError("the consumer has ended")
        return "consuming"

    return {"models": models, "s3": previews.answers, "sqs": sqs, "consumer": consumer}
