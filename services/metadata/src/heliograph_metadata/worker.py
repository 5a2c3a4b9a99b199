"""Composition root of the metadata worker: `uvicorn --factory heliograph_metadata.worker:create_app`."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from fastapi import FastAPI

from heliograph.app import ReadinessCheck
from heliograph.app import create_app as create_base_app
from heliograph.aws import AwsClients, aws_clients
from heliograph.consuming import DELETE_WITHIN_SECONDS, QueueConsumer
from heliograph.departures import DynamoDepartures
from heliograph.gathering import GatheringSender
from heliograph.identity import DynamoAccessRecords
from heliograph.logs import configure_logs
from heliograph.messages import JOB_STEP, PHOTO_CLASSIFIED, PHOTO_PREPARED, PHOTO_UPLOADED, Lane, queue_in
from heliograph.rounds import rounds
from heliograph.sqs import SqsQueue
from heliograph_metadata.consumer import JobStepHandler, PhotoClassifiedHandler, PhotoUploadedHandler
from heliograph_metadata.dynamodb.album_order import DynamoAlbumOrder
from heliograph_metadata.dynamodb.album_store import DynamoAlbumStore
from heliograph_metadata.dynamodb.all_photos import DynamoAllPhotos
from heliograph_metadata.dynamodb.answer_store import DynamoAnswerStore
from heliograph_metadata.dynamodb.export_store import DynamoExportStore
from heliograph_metadata.dynamodb.job_store import DynamoJobStore
from heliograph_metadata.dynamodb.library_index import DynamoLibraryIndex
from heliograph_metadata.dynamodb.library_remains import DynamoLibraryRemains
from heliograph_metadata.dynamodb.link_store import DynamoLinkStore
from heliograph_metadata.dynamodb.member_store import DynamoMemberStore
from heliograph_metadata.dynamodb.own_label_store import DynamoOwnLabelStore
from heliograph_metadata.dynamodb.photo_store import DynamoPhotoStore
from heliograph_metadata.dynamodb.sketches import DynamoSketchStore
from heliograph_metadata.dynamodb.stack_store import DynamoStackStore
from heliograph_metadata.dynamodb.trashed_photos import DynamoTrashedPhotos
from heliograph_metadata.dynamodb.unfinished_photos import DynamoUnfinishedPhotos
from heliograph_metadata.export_archive import S3Archive
from heliograph_metadata.photo_reader import ProcessPhotoReader
from heliograph_metadata.places import Gazetteer
from heliograph_metadata.s3 import S3Originals, S3OwnedObjects, S3PhotoObjects, S3Renditions
from heliograph_metadata.schemas.exports import described
from heliograph_metadata.service.albums import AlbumService
from heliograph_metadata.service.answer_effects import AnswerEffects, AnswerReconciler
from heliograph_metadata.service.answer_selection import AnswerSelection
from heliograph_metadata.service.departing import LibraryRemoval
from heliograph_metadata.service.export_records import LibraryRecords
from heliograph_metadata.service.exporting import Exporter
from heliograph_metadata.service.job_reconcile import JobReconciler
from heliograph_metadata.service.job_runner import JobRunner
from heliograph_metadata.service.label import LabelService
from heliograph_metadata.service.lookalikes import LookalikeService
from heliograph_metadata.service.memories import Memories
from heliograph_metadata.service.own_labels import OwnLabelling
from heliograph_metadata.service.photo_selection import SearchSelection
from heliograph_metadata.service.prepare import PrepareService
from heliograph_metadata.service.purge import Purger
from heliograph_metadata.service.reconcile import Reconciler
from heliograph_metadata.service.saved_searches import SearchedAlbums
from heliograph_metadata.service.search import Search
from heliograph_metadata.service.share_ending import ShareEnding
from heliograph_metadata.settings import MetadataSettings

_QUEUES: Final = (
    *(queue_in(kind, lane) for kind in (PHOTO_UPLOADED, PHOTO_PREPARED, PHOTO_CLASSIFIED) for lane in Lane),
    JOB_STEP,
)

_logger = logging.getLogger(__name__)


@dataclass
class _Work:
    """What runs until the process is told to stop."""

    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self, name: str, coroutine: Any) -> None:
        task = asyncio.create_task(coroutine, name=name)
        task.add_done_callback(self._ended)
        self.tasks.append(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Stop the whole process where one of its parts has died, so that whoever watches over it starts it anew."""
        if not task.cancelled() and (error := task.exception()):
            _logger.critical("%s died", task.get_name(), exc_info=error)
            signal.raise_signal(signal.SIGTERM)

    async def stop(self) -> None:
        self.stopping.set()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def check(self) -> str:
        ended = [task.get_name() for task in self.tasks if task.done()]
        if ended:
            raise RuntimeError(f"{', '.join(ended)} ended")
        return ", ".join(task.get_name() for task in self.tasks)


def create_app() -> FastAPI:
    """Return the worker; nothing outside it is touched before it starts."""
    settings = MetadataSettings()
    configure_logs(service="metadata-worker", level=settings.log_level)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        readers = {lane: _reader(settings, lane) for lane in Lane}
        async with aws_clients() as aws, readers[Lane.INTERACTIVE], readers[Lane.BACKLOG]:
            places = Gazetteer()
            work = _Work()
            await _start(work, settings, aws, readers, places)
            app.state.readiness = _readiness(work, settings, aws, places)
            try:
                yield
            finally:
                await work.stop()

    return create_base_app(
        "Heliograph metadata worker",
        description="Prepares photos that arrive, takes in what the models saw, edits in bulk and empties the trash.",
        lifespan=lifespan,
        readiness=lambda app: app.state.readiness,
    )


def _reader(settings: MetadataSettings, lane: Lane) -> ProcessPhotoReader:
    return ProcessPhotoReader(
        processes=settings.reader_processes,
        timeout_seconds=settings.reader_timeout_seconds,
        max_pixels=settings.max_megapixels * 1_000_000,
        for_backlog=lane is Lane.BACKLOG,
    )


async def _start(
    work: _Work,
    settings: MetadataSettings,
    aws: AwsClients,
    readers: Mapping[Lane, ProcessPhotoReader],
    places: Gazetteer,
) -> None:
    queues = {name: SqsQueue(aws.sqs, settings.queue_name(name)) for name in _QUEUES}
    uploaded, prepared, classified = (
        {lane: queues[queue_in(kind, lane)] for lane in Lane}
        for kind in (PHOTO_UPLOADED, PHOTO_PREPARED, PHOTO_CLASSIFIED)
    )
    job_step = queues[JOB_STEP]
    photos_table, terms_table = settings.table_name("photos"), settings.table_name("terms")
    photos = DynamoPhotoStore(
        aws.dynamodb,
        photos_table=photos_table,
        terms_table=terms_table,
        linger_seconds=settings.save_linger_seconds,
        backlog_lingers_seconds=settings.backlog_lingers_seconds,
        packs=settings.pack_documents,
    )
    index = DynamoLibraryIndex(aws.dynamodb, photos_table=photos_table, terms_table=terms_table, mend=photos.mend)
    originals = S3Originals(aws.s3, settings.bucket_name)
    renditions = S3Renditions(aws.s3, settings.bucket_name, settings.thumbnails)
    objects = S3PhotoObjects(aws.s3, settings.bucket_name)
    prepare = PrepareService(
        photos,
        originals,
        renditions,
        readers,
        places,
        {
            Lane.INTERACTIVE: GatheringSender(prepared[Lane.INTERACTIVE], within_seconds=0.0),
            Lane.BACKLOG: GatheringSender(prepared[Lane.BACKLOG], within_seconds=settings.backlog_lingers_seconds),
        },
        at_once=settings.prepare_concurrency,
        now=_now,
    )
    stacks = DynamoStackStore(aws.dynamodb, settings.table_name("stacks"))
    lookalikes = LookalikeService(photos, index, stacks, now=_now)
    own_labels = OwnLabelling(
        DynamoOwnLabelStore(aws.dynamodb, settings.table_name("questions")), photos, index, now=_now
    )
    labelling = PhotoClassifiedHandler(LabelService(photos, now=_now), own_labels, lookalikes, photos, now=_now)
    # Each lane has hands of its own: neither can take up those of the other.
    preparing = PhotoUploadedHandler(prepare)
    for lane in Lane:
        gather_seconds, delete_within_seconds, prepares_in_hand = (
            (
                settings.backlog_lingers_seconds,
                settings.backlog_deletes_within_seconds,
                settings.backlog_prepares_in_hand,
            )
            if lane is Lane.BACKLOG
            else (0.0, DELETE_WITHIN_SECONDS, settings.prepare_concurrency)
        )
        for kind, queue, handler, in_hand in (
            (PHOTO_UPLOADED, uploaded[lane], preparing, prepares_in_hand),
            (PHOTO_CLASSIFIED, classified[lane], labelling, settings.label_concurrency),
        ):
            consumer = QueueConsumer(
                queue,
                handler.handle,
                gave_up=handler.gave_up,
                concurrency=in_hand,
                gather_seconds=gather_seconds,
                delete_within_seconds=delete_within_seconds,
            )
            work.start(queue_in(kind, lane), consumer.run(work.stopping))
    reconciler = Reconciler(
        DynamoUnfinishedPhotos(aws.dynamodb, photos_table),
        photos,
        originals,
        photo_uploaded=uploaded,
        photo_prepared=prepared,
        photo_classified=classified,
        bucket=settings.bucket_name,
        admission_lives=timedelta(seconds=settings.admission_lives_seconds),
        now=_now,
    )
    _look_again_and_again(work, settings, "unfinished photos", reconciler.look)
    purger = Purger(
        photos,
        DynamoTrashedPhotos(aws.dynamodb, photos_table),
        objects,
        keeps=settings.trash_keeps,
        now=_now,
    )
    every = timedelta(seconds=settings.purge_every_seconds)
    at_start_after = timedelta(seconds=settings.reconcile_at_start_after_seconds)
    work.start(
        "trash",
        rounds("the trash", purger.look, work.stopping, at_start_after=at_start_after, after=every, every=every),
    )
    albums = DynamoAlbumStore(aws.dynamodb, settings.table_name("albums"))
    jobs = DynamoJobStore(aws.dynamodb, settings.table_name("jobs"))
    search = Search(index, albums, photos)
    selection = SearchSelection(search)
    answers = DynamoAnswerStore(aws.dynamodb, settings.table_name("questions"))
    memories = Memories(answers)
    answered = AnswerSelection(memories, photos, index, jobs, now=_now)
    runner = JobRunner(jobs, photos, albums, selection, answered, purger, job_step, now=_now)
    stepping = JobStepHandler(runner, jobs, own_labels)
    work.start(
        JOB_STEP,
        QueueConsumer(job_step, stepping.handle, gave_up=stepping.gave_up, concurrency=settings.job_concurrency).run(
            work.stopping
        ),
    )
    _look_again_and_again(work, settings, "jobs", JobReconciler(jobs, runner, answered, job_step, now=_now).look)
    effects = AnswerEffects(
        answers,
        memories,
        jobs,
        AlbumService(
            albums,
            photos,
            index,
            order=DynamoAlbumOrder(aws.dynamodb, settings.table_name("albums")),
            members=DynamoMemberStore(aws.dynamodb, settings.table_name("shares")),
            links=DynamoLinkStore(aws.dynamodb, settings.table_name("shares")),
            accounts=DynamoAccessRecords(aws.dynamodb, settings.table_name("access")),
            searches=SearchedAlbums(search),
            now=_now,
        ),
        albums,
        photos,
        index,
        places,
        DynamoSketchStore(aws.dynamodb, terms_table),
        job_step,
    )
    _look_again_and_again(work, settings, "answers", AnswerReconciler(answers, memories, effects, now=_now).look)
    _remove_who_leaves(work, settings, aws, photos, index)
    _make_exports(work, settings, aws, photos, originals)


def _remove_who_leaves(
    work: _Work, settings: MetadataSettings, aws: AwsClients, photos: DynamoPhotoStore, index: DynamoLibraryIndex
) -> None:
    members = DynamoMemberStore(aws.dynamodb, settings.table_name("shares"))
    remains = {
        name: settings.table_name(name) for name in ("terms", "albums", "stacks", "jobs", "questions", "exports")
    }
    removal = LibraryRemoval(
        DynamoDepartures(aws.dynamodb, settings.table_name("departures")),
        DynamoAllPhotos(aws.dynamodb, settings.table_name("photos")),
        photos,
        index,
        DynamoAlbumStore(aws.dynamodb, settings.table_name("albums")),
        DynamoAlbumOrder(aws.dynamodb, settings.table_name("albums")),
        members,
        ShareEnding(DynamoLinkStore(aws.dynamodb, settings.table_name("shares")), members),
        S3OwnedObjects(aws.s3, settings.bucket_name),
        DynamoLibraryRemains(aws.dynamodb, remains),
        settles_after=settings.departure_settles_after,
        now=_now,
    )
    every = settings.departures_every
    work.start(
        "departures",
        rounds("who leaves", removal.look, work.stopping, at_start_after=every, after=every, every=every),
    )


def _make_exports(
    work: _Work, settings: MetadataSettings, aws: AwsClients, photos: DynamoPhotoStore, originals: S3Originals
) -> None:
    records = LibraryRecords(
        DynamoAlbumStore(aws.dynamodb, settings.table_name("albums")),
        DynamoAlbumOrder(aws.dynamodb, settings.table_name("albums")),
        DynamoLinkStore(aws.dynamodb, settings.table_name("shares")),
        DynamoMemberStore(aws.dynamodb, settings.table_name("shares")),
        DynamoAnswerStore(aws.dynamodb, settings.table_name("questions")),
        DynamoOwnLabelStore(aws.dynamodb, settings.table_name("questions")),
    )
    exporter = Exporter(
        DynamoExportStore(aws.dynamodb, settings.table_name("exports")),
        DynamoAllPhotos(aws.dynamodb, settings.table_name("photos")),
        photos,
        originals,
        S3Archive(aws.s3, settings.bucket_name),
        records,
        described,
        part_bytes=settings.export_part_bytes,
        now=_now,
    )
    every = timedelta(seconds=settings.exports_every_seconds)
    work.start(
        "exports", rounds("exports", exporter.look, work.stopping, at_start_after=every, after=every, every=every)
    )


def _look_again_and_again(
    work: _Work, settings: MetadataSettings, what: str, look: Callable[[timedelta], Awaitable[object]]
) -> None:
    work.start(
        f"reconciler of {what}",
        rounds(
            what,
            look,
            work.stopping,
            at_start_after=timedelta(seconds=settings.reconcile_at_start_after_seconds),
            after=timedelta(seconds=settings.reconcile_after_seconds),
            every=timedelta(seconds=settings.reconcile_every_seconds),
        ),
    )


def _readiness(
    work: _Work, settings: MetadataSettings, aws: AwsClients, places: Gazetteer
) -> Mapping[str, ReadinessCheck]:
    async def tables() -> str:
        names = [settings.table_name(name) for name in ("photos", "terms", "jobs", "stacks", "questions")]
        for name in names:
            await aws.dynamodb.describe_table(TableName=name)
        return ", ".join(names)

    async def queues() -> str:
        for name in _QUEUES:
            await SqsQueue(aws.sqs, settings.queue_name(name)).check()
        return ", ".join(_QUEUES)

    async def gazetteer() -> str:
        return f"{len(places)} places"

    return {
        "bucket": S3Originals(aws.s3, settings.bucket_name).check,
        "tables": tables,
        "queues": queues,
        "places": gazetteer,
        "work": work.check,
    }


def _now() -> datetime:
    return datetime.now(UTC)
