"""HTTP composition root of the metadata service: `uvicorn --factory heliograph_metadata.main:create_app`."""

import asyncio
import gc
import signal
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import UTC, datetime
from types import FrameType
from typing import Final

import httpx
from fastapi import FastAPI

from heliograph.app import ReadinessCheck
from heliograph.app import create_app as create_base_app
from heliograph.aws import aws_clients
from heliograph.identity import KeySet, MethodScopes, Scope, install_identity
from heliograph.logs import configure_logs
from heliograph.messages import JOB_STEP, PHOTO_UPLOADED
from heliograph.sqs import SqsQueue
from heliograph_metadata.domain.within_preview import Thumbnails
from heliograph_metadata.dynamodb.album_order import DynamoAlbumOrder
from heliograph_metadata.dynamodb.album_store import DynamoAlbumStore
from heliograph_metadata.dynamodb.answer_store import DynamoAnswerStore
from heliograph_metadata.dynamodb.export_store import DynamoExportStore
from heliograph_metadata.dynamodb.job_store import DynamoJobStore
from heliograph_metadata.dynamodb.library_index import DynamoLibraryIndex
from heliograph_metadata.dynamodb.link_store import DynamoLinkStore
from heliograph_metadata.dynamodb.member_store import DynamoMemberStore
from heliograph_metadata.dynamodb.photo_store import DynamoPhotoStore
from heliograph_metadata.dynamodb.question_book import DynamoQuestionBook
from heliograph_metadata.dynamodb.sketches import DynamoSketchStore
from heliograph_metadata.dynamodb.stack_store import DynamoStackStore
from heliograph_metadata.dynamodb.trashed_photos import DynamoTrashedPhotos
from heliograph_metadata.places import Gazetteer
from heliograph_metadata.routes import router
from heliograph_metadata.s3 import S3PhotoObjects, S3Thumbnails
from heliograph_metadata.service.album_folders import AlbumFolderService
from heliograph_metadata.service.album_members import AlbumMembers
from heliograph_metadata.service.albums import AlbumService
from heliograph_metadata.service.answer_effects import AnswerEffects
from heliograph_metadata.service.answer_progress import AnswersProgress
from heliograph_metadata.service.answer_selection import AnswerSelection
from heliograph_metadata.service.answers import AnswerService
from heliograph_metadata.service.exporting import ExportService
from heliograph_metadata.service.found_questions import FoundQuestions
from heliograph_metadata.service.jobs import JobService
from heliograph_metadata.service.map import PhotoMap
from heliograph_metadata.service.map_photos import MapPhotos
from heliograph_metadata.service.memories import Memories
from heliograph_metadata.service.photos import PhotoService
from heliograph_metadata.service.places import Places
from heliograph_metadata.service.progress import Pace, PipelineProgress
from heliograph_metadata.service.purge import Purger
from heliograph_metadata.service.question_photos import QuestionPhotos
from heliograph_metadata.service.questions import QuestionService
from heliograph_metadata.service.requests_first import RequestsFirst
from heliograph_metadata.service.saved_searches import SearchedAlbums
from heliograph_metadata.service.search import Search
from heliograph_metadata.service.search_questions import SearchQuestions
from heliograph_metadata.service.share_links import ShareLinks
from heliograph_metadata.service.stacks import StackService
from heliograph_metadata.service.thumbnails import ThumbnailService
from heliograph_metadata.service.timeline import Timeline
from heliograph_metadata.service.towns import Towns
from heliograph_metadata.settings import MetadataSettings
from heliograph_metadata.share_passwords import Argon2SharePasswords

SCOPES = MethodScopes(read=Scope.LIBRARY_READ, write=Scope.LIBRARY_WRITE)
_TURN_SECONDS: Final = 0.0005
_OBJECTS: Final = (10_000, 20, 20)
"""After so many new objects the garbage collector looks through them; after so many times also through older ones."""


def create_app() -> FastAPI:
    """Return the service; nothing outside it is touched before it starts."""
    settings = MetadataSettings()
    configure_logs(service="metadata", level=settings.log_level)
    photos_table, terms_table = settings.table_name("photos"), settings.table_name("terms")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        stopping = asyncio.Event()
        async with aws_clients() as aws, httpx.AsyncClient(timeout=5, trust_env=False) as http:
            photos = DynamoPhotoStore(
                aws.dynamodb, photos_table=photos_table, terms_table=terms_table, packs=settings.pack_documents
            )
            index = DynamoLibraryIndex(
                aws.dynamodb, photos_table=photos_table, terms_table=terms_table, mend=photos.mend
            )
            albums = DynamoAlbumStore(aws.dynamodb, settings.table_name("albums"))
            app.state.aws = aws
            _media(app, settings)
            install_identity(app, settings, keys=KeySet(settings.jwks_url, http), dynamodb=aws.dynamodb)
            stacks = DynamoStackStore(aws.dynamodb, settings.table_name("stacks"))
            app.state.album_store = albums
            app.state.stack_store = stacks
            app.state.stack_service = StackService(stacks, photos, now=_now)
            _views(app, index)
            app.state.search = Search(index, albums, photos)
            places = Gazetteer()
            app.state.towns = Towns(places)
            job_step = SqsQueue(aws.sqs, settings.queue_name(JOB_STEP))
            uploaded = SqsQueue(aws.sqs, settings.queue_name(PHOTO_UPLOADED))
            app.state.queues = (job_step, uploaded)
            jobs = DynamoJobStore(aws.dynamodb, settings.table_name("jobs"))
            app.state.job_service = JobService(
                jobs,
                albums,
                places,
                job_step,
                now=_now,
            )
            purger = Purger(
                photos,
                DynamoTrashedPhotos(aws.dynamodb, photos_table),
                S3PhotoObjects(aws.s3, settings.bucket_name),
                keeps=settings.trash_keeps,
                now=_now,
            )
            app.state.album_service = _album_service(app, settings, albums, photos, index)
            app.state.album_folder_service = AlbumFolderService(albums, now=_now)
            app.state.photo_service = PhotoService(
                photos,
                places,
                uploaded,
                purger,
                bucket=settings.bucket_name,
                now=_now,
            )
            answers = DynamoAnswerStore(aws.dynamodb, settings.table_name("questions"))
            app.state.memories = Memories(answers)
            app.state.search_questions = SearchQuestions(index, photos, app.state.search, app.state.memories, now=_now)
            requests = RequestsFirst()
            sketches = DynamoSketchStore(aws.dynamodb, terms_table, turn=requests.turn)
            app.state.question_service = QuestionService(
                DynamoQuestionBook(aws.dynamodb, settings.table_name("questions")),
                sketches,
                app.state.memories,
                QuestionPhotos(index, photos, now=_now),
                places,
                now=_now,
                requests=requests,
            )
            effects = AnswerEffects(
                answers,
                app.state.memories,
                jobs,
                app.state.album_service,
                albums,
                photos,
                index,
                places,
                sketches,
                job_step,
            )
            app.state.answer_service = AnswerService(
                answers,
                app.state.memories,
                FoundQuestions(app.state.question_service, app.state.memories),
                effects,
                AnswersProgress(jobs, now=_now),
                AnswerSelection(app.state.memories, photos, index, jobs, now=_now),
                photos,
                albums,
                places,
                now=_now,
            )
            app.state.pace = Pace()
            app.state.stopping = stopping
            with _set_by_signals(stopping), _sharing(app, settings), _at_hand():
                yield
            stopping.set()
            await app.state.question_service.stop()

    app = create_base_app(
        "Heliograph metadata",
        description="The library: photos, timeline, search, map, albums, stacks, questions, answers and progress.",
        lifespan=lifespan,
        readiness=_readiness,
        scopes=SCOPES,
    )
    app.include_router(router)
    return app


def _views(app: FastAPI, index: DynamoLibraryIndex) -> None:
    """Hand the routes what they show of the index alone."""
    app.state.index = index
    app.state.timeline = Timeline(index)
    app.state.map = PhotoMap(index)
    app.state.map_photos = MapPhotos(index)
    app.state.places = Places(index)
    app.state.progress = PipelineProgress(index)


def _media(app: FastAPI, settings: MetadataSettings) -> None:
    """Say where browsers read pictures."""
    app.state.bucket = settings.bucket_name
    app.state.s3_base_url = settings.s3_base_url(app.state.aws.region)
    app.state.cdn = settings.cdn()
    signer = settings.thumbnail_signer()
    app.state.thumbnail_signer = signer if settings.thumbnails is Thumbnails.WITHIN_PREVIEWS else None
    app.state.api_base_url = settings.cdn_url.rstrip("/")
    app.state.thumbnail_service = ThumbnailService(S3Thumbnails(app.state.aws.s3, settings.bucket_name), signer)


def _album_service(
    app: FastAPI,
    settings: MetadataSettings,
    albums: DynamoAlbumStore,
    photos: DynamoPhotoStore,
    index: DynamoLibraryIndex,
) -> AlbumService:
    dynamodb = app.state.aws.dynamodb
    app.state.link_store = DynamoLinkStore(dynamodb, settings.table_name("shares"))
    app.state.member_store = DynamoMemberStore(dynamodb, settings.table_name("shares"))
    return AlbumService(
        albums,
        photos,
        index,
        order=DynamoAlbumOrder(dynamodb, settings.table_name("albums")),
        members=app.state.member_store,
        links=app.state.link_store,
        accounts=app.state.access_records,
        searches=SearchedAlbums(app.state.search),
        now=_now,
    )


@contextmanager
def _sharing(app: FastAPI, settings: MetadataSettings) -> Iterator[None]:
    """Hand the routes the use cases of sharing, and of taking things home."""
    exports = DynamoExportStore(app.state.aws.dynamodb, settings.table_name("exports"))
    app.state.export_service = ExportService(exports, now=_now)
    access = app.state.album_service.access
    with closing(Argon2SharePasswords()) as passwords:
        app.state.share_links = ShareLinks(app.state.link_store, access, passwords, now=_now)
        app.state.album_members = AlbumMembers(app.state.member_store, access, now=_now)
        yield


@contextmanager
def _at_hand() -> Iterator[None]:
    """Let requests be answered while a thread makes questions, and while there are books of them in memory.

    The thread lets others go on every half millisecond, not every five: an answer has to get its turn some twenty
    times. And what a request leaves behind is told apart from what stays after 10,000 objects, not 700, so that the
    garbage collector takes little that goes at once for something that stays, and seldom looks through all of it.
    """
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(_TURN_SECONDS)
    gc.set_threshold(*_OBJECTS)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*thresholds)


def _now() -> datetime:
    return datetime.now(UTC)


def _readiness(app: FastAPI) -> Mapping[str, ReadinessCheck]:
    async def public_keys() -> str:
        await app.state.token_verifier.keys.refresh()
        return "auth's public keys"

    async def queues() -> str:
        return ", ".join([await queue.check() for queue in app.state.queues])

    return {
        "albums": app.state.album_store.check,
        "stacks": app.state.stack_store.check,
        "shares": app.state.link_store.check,
        "access": app.state.access_records.check,
        "queues": queues,
        "public_keys": public_keys,
    }


@contextmanager
def _set_by_signals(stopping: asyncio.Event) -> Iterator[None]:
    """Set an event as soon as the server is told to stop.

    The server waits for open responses before it ends the lifespan, and a stream of events ends by this event:
    so the signal has to be seen earlier.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def stop(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stopping.set)
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)
        elif handler is signal.SIG_DFL and number == signal.SIGTERM:
            raise SystemExit(128 + number)

    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
