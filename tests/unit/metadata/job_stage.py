"""A library whose photos are edited in bulk, its worker and a clock; the worker can be killed at any call."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from heliograph.messages import JobStep
from heliograph.photos import PhotoId
from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.job import Job
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.service.answer_selection import AnswerSelection
from heliograph_metadata.service.job_reconcile import JobReconciler
from heliograph_metadata.service.jobs import Asked, JobService
from heliograph_metadata.service.memories import Memories
from tests.builders import NOON, OWNER, a_photo
from tests.fakes.in_memory_album_store import InMemoryAlbumStore
from tests.fakes.in_memory_answer_store import InMemoryAnswerStore
from tests.fakes.in_memory_job_store import InMemoryJobStore
from tests.fakes.in_memory_photo_files import InMemoryPhotoFiles
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore
from tests.fakes.in_memory_queue import InMemoryQueue
from tests.unit.metadata.working import Places, a_runner

MINUTE = timedelta(minutes=1)
SHIFT = BulkEdit(shift=timedelta(hours=3))


class Crash(BaseException):
    """The process is killed: nothing catches this."""


class Calls:
    """Counts what is asked of the outside, and kills the process before or after one of these calls."""

    def __init__(self) -> None:
        self.count = 0
        self.fatal: int | None = None

    def wrap(self, thing: Any, *names: str) -> None:
        for name in names:
            setattr(thing, name, self._counted(getattr(thing, name)))

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        async def counted(*arguments: Any, **named: Any) -> Any:
            self.count += 1
            if self.count == self.fatal:
                raise Crash
            answer = await call(*arguments, **named)
            self.count += 1
            if self.count == self.fatal:
                raise Crash
            return answer

        return counted


class Stage:
    """A library, its worker and a clock."""

    def __init__(self, *photos: Photo) -> None:
        self.photos = InMemoryPhotoStore(photos)
        self.jobs = InMemoryJobStore()
        self.albums = InMemoryAlbumStore()
        self.files = InMemoryPhotoFiles()
        self.queue = InMemoryQueue()
        self.now = NOON + timedelta(days=400)
        answers = AnswerSelection(Memories(InMemoryAnswerStore()), self.photos, self.photos, self.jobs, now=self.clock)
        self.runner = a_runner(
            self.jobs, self.photos, self.albums, answers, self.queue, files=self.files, now=self.clock
        )
        self.service = JobService(self.jobs, self.albums, Places(), self.queue, now=self.clock)
        self.reconciler = JobReconciler(self.jobs, self.runner, answers, self.queue, now=self.clock)

    def clock(self) -> datetime:
        return self.now

    async def work(self) -> None:
        """Do all that is in the queue, as the consumer does."""
        while messages := await self.queue.receive(wait_seconds=0):
            for message in messages:
                await self.runner.step(JobStep.model_validate_json(message.body))
                await self.queue.delete([message])

    async def made(self, edit: BulkEdit, asked: Asked) -> Job:
        job = await self.service.start(OWNER, edit, asked)
        await self.work()
        return await self.service.get(OWNER, job.job_id)

    async def undone(self, job: Job) -> Job:
        await self.service.undo(OWNER, job.job_id)
        await self.work()
        return await self.service.get(OWNER, job.job_id)

    def photo(self, photo: Photo) -> Photo:
        return self.photos.photos[photo.photo_id]


def photos_taken_at_noon(count: int) -> list[Photo]:
    return [a_photo(number, taken_at=NOON) for number in range(count)]


def ids(photos: list[Photo]) -> list[PhotoId]:
    return [photo.photo_id for photo in photos]
