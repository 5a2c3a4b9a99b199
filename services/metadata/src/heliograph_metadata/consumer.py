"""From messages to use cases: the worker's queues."""

import logging
from collections.abc import Callable
from datetime import datetime

from heliograph.errors import UnavailableError
from heliograph.logs import correlated
from heliograph.messages import JobStep, PhotoClassified, photos_uploaded
from heliograph.photos import PhotoStatus
from heliograph_metadata.service.giving_up import give_up
from heliograph_metadata.service.job_runner import JobRunner
from heliograph_metadata.service.job_store import JobStore
from heliograph_metadata.service.label import LabelService
from heliograph_metadata.service.lookalikes import LookalikeService
from heliograph_metadata.service.own_labels import OwnLabelling
from heliograph_metadata.service.photo_store import PhotoStore
from heliograph_metadata.service.prepare import PrepareService, ReadingProcessDiedError

_logger = logging.getLogger(__name__)


def is_an_outage(error: Exception) -> bool:
    """Whether a photo failed through no fault of its own: S3 or a table did not answer."""
    return isinstance(error, UnavailableError) and not isinstance(error, ReadingProcessDiedError)


class PhotoUploadedHandler:
    """Takes S3's events from either lane's queue of uploaded photos."""

    def __init__(self, service: PrepareService) -> None:
        self._service = service

    async def handle(self, body: str) -> None:
        """Prepare each photo that an event tells of.

        Raises:
            ValueError: The body is no S3 event notification.
        """
        for uploaded in photos_uploaded(body):
            await self._service.prepare(uploaded)

    async def gave_up(self, body: str, error: Exception) -> None:
        """Let the photos say that they could not be prepared; after an outage the reconciler sends them again."""
        if is_an_outage(error):
            return
        try:
            arrivals = photos_uploaded(body)
        except ValueError:
            return  # it tells of no photo; the dead-letter queue keeps it for whoever wants to see it
        for uploaded in arrivals:
            await self._service.gave_up(uploaded)


class PhotoClassifiedHandler:
    """Takes what `inference` found from either lane's queue."""

    def __init__(
        self,
        service: LabelService,
        own_labels: OwnLabelling,
        lookalikes: LookalikeService,
        photos: PhotoStore,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._service = service
        self._own_labels = own_labels
        self._lookalikes = lookalikes
        self._photos = photos
        self._now = now

    async def handle(self, body: str) -> None:
        """Label the photo, also with its owner's own labels, then stack it with those that it looks like.

        Raises:
            ValueError: The body is no such message.
        """
        message = PhotoClassified.model_validate_json(body)
        with correlated(message.correlation_id):
            photo = await self._service.label(message)
            if photo is not None and photo.owner_id == message.owner_id:
                photo = await self._own_labels.liken(photo)
            if photo is not None and photo.owner_id == message.owner_id:
                await self._lookalikes.look_for(photo)
            _logger.info(
                "photo labelled", extra={"photo_id": message.photo_id, "status": photo.status if photo else "gone"}
            )

    async def gave_up(self, body: str, error: Exception) -> None:
        """Let the photo say that it could not be labelled; after an outage the reconciler sends it again."""
        if is_an_outage(error):
            return
        try:
            message = PhotoClassified.model_validate_json(body)
        except ValueError:
            return
        await give_up(self._photos, message.photo_id, stuck=PhotoStatus.PREPARED, now=self._now)


class JobStepHandler:
    """Takes steps of bulk edits from `job-step`."""

    def __init__(self, runner: JobRunner, jobs: JobStore, own_labels: OwnLabelling) -> None:
        self._runner = runner
        self._jobs = jobs
        self._own_labels = own_labels

    async def handle(self, body: str) -> None:
        """Do the step, and learn what it says of own labels, also where it was found done.

        Raises:
            ValueError: The body is no such message.
        """
        message = JobStep.model_validate_json(body)
        await self._runner.step(message)
        if message.chunk is not None and (job := await self._jobs.get(message.owner_id, message.job_id)):
            with correlated(message.correlation_id):
                await self._own_labels.after(job)

    async def gave_up(self, body: str, error: Exception) -> None:
        """Account for a step that failed each time; after an outage the reconciler sends it again."""
        if is_an_outage(error):
            return
        try:
            message = JobStep.model_validate_json(body)
        except ValueError:
            return
        await self._runner.gave_up(message)
