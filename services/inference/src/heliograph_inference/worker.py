"""Composition root of the inference worker: an ASGI app whose lifespan consumes photo-prepared, of both lanes."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager

from fastapi import FastAPI

from heliograph.app import ReadinessCheck
from heliograph.app import create_app as create_heliograph_app
from heliograph.aws import aws_clients
from heliograph.errors import UnavailableError
from heliograph.logs import configure_logs
from heliograph.messages import PHOTO_CLASSIFIED, PHOTO_PREPARED, Lane, queue_in
from heliograph.sqs import SqsQueue
from heliograph_inference.consumer import PhotoPreparedConsumer
from heliograph_inference.s3 import S3PreviewStore
from heliograph_inference.service import PhotoLabelling
from heliograph_inference.settings import InferenceSettings
from heliograph_inference.vision import NetworkVision, load_models

_logger = logging.getLogger(__name__)


def create_app() -> FastAPI:
    """Return the worker's app: /healthz, /readyz, /metrics, and the consumer while it runs."""
    settings = InferenceSettings()
    configure_logs(service="inference", level=settings.log_level)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with ExitStack() as stack:
            threads = stack.enter_context(ThreadPoolExecutor(settings.threads, "look"))
            decoders = stack.enter_context(ThreadPoolExecutor(settings.threads, "decode"))
            models = await asyncio.to_thread(
                load_models,
                settings.models_directory,
                provider=settings.inference_provider,
                label_threshold=settings.label_threshold,
            )
            vision = NetworkVision(models, batch_size=settings.inference_batch_size, decoders=decoders)
            _logger.info("networks loaded", extra={"networks": vision.description, "threads": settings.threads})
            async with aws_clients(max_pool_connections=settings.inference_batch_size + 8) as clients:
                queues = {
                    (kind, lane): SqsQueue(clients.sqs, settings.queue_name(queue_in(kind, lane)))
                    for kind in (PHOTO_PREPARED, PHOTO_CLASSIFIED)
                    for lane in Lane
                }
                previews = S3PreviewStore(clients.s3, settings.bucket_name)
                labelling = PhotoLabelling(previews, vision, threads)
                stopping = asyncio.Event()
                consuming = [
                    asyncio.create_task(
                        PhotoPreparedConsumer(
                            queues[PHOTO_PREPARED, lane],
                            queues[PHOTO_CLASSIFIED, lane],
                            labelling,
                            batch_size=settings.inference_batch_size,
                            batch_wait_seconds=settings.inference_batch_wait_seconds,
                            batches_in_hand=settings.inference_batches_in_hand,
                            visibility_timeout_seconds=settings.inference_visibility_timeout_seconds,
                        ).run(stopping)
                    )
                    for lane in Lane
                ]
                for task in consuming:
                    task.add_done_callback(_end_process_where_it_failed)
                app.state.readiness = _readiness(vision, previews, list(queues.values()), consuming)
                yield
                stopping.set()
                await asyncio.gather(*consuming)

    return create_heliograph_app(
        "Heliograph inference",
        description="Looks at each prepared photo and says what is on it.",
        lifespan=lifespan,
        readiness=lambda app: app.state.readiness,
    )


def _end_process_where_it_failed(consuming: asyncio.Task[None]) -> None:
    """Leave nobody with a worker that answers but works no more: whoever supervises it starts a new one."""
    if not consuming.cancelled() and (error := consuming.exception()):
        _logger.critical("the consumer failed; the process ends", exc_info=error)
        signal.raise_signal(signal.SIGTERM)


def _readiness(
    vision: NetworkVision, previews: S3PreviewStore, queues: list[SqsQueue], consuming: list[asyncio.Task[None]]
) -> Mapping[str, ReadinessCheck]:
    async def models() -> str:
        return vision.description

    async def sqs() -> str:
        for queue in queues:
            await queue.is_idle()
        return "queues answer"

    async def consumer() -> str:
        if any(task.done() for task in consuming):
            raise UnavailableError("the consumer has ended")
        return "consuming"

    return {"models": models, "s3": previews.answers, "sqs": sqs, "consumer": consumer}
