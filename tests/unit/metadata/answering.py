"""A library in memory that is asked, answers, works and is asked again: what tests of answers stand on."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from heliograph.errors import UnavailableError
from heliograph.messages import JobStep
from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.document import fields_of
from heliograph_metadata.domain.errors import QuestionNotFoundError
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.engine import Group
from heliograph_metadata.domain.questions.question import Answer, Question
from heliograph_metadata.service.albums import AlbumService
from heliograph_metadata.service.answer_effects import AnswerEffects, AnswerReconciler
from heliograph_metadata.service.answer_progress import AnswerProgress, AnswersProgress
from heliograph_metadata.service.answer_selection import AnswerSelection
from heliograph_metadata.service.answers import AnswerService, Given
from heliograph_metadata.service.job_reconcile import JobReconciler
from heliograph_metadata.service.jobs import JobService
from heliograph_metadata.service.memories import Memories
from heliograph_metadata.service.saved_searches import SearchedAlbums
from heliograph_metadata.service.search import Search
from tests.builders import LISBON, NOON, OWNER, a_photo
from tests.fakes.in_memory_access_records import InMemoryAccessRecords
from tests.fakes.in_memory_album_order import InMemoryAlbumOrder
from tests.fakes.in_memory_album_store import InMemoryAlbumStore
from tests.fakes.in_memory_answer_store import InMemoryAnswerStore
from tests.fakes.in_memory_job_store import InMemoryJobStore
from tests.fakes.in_memory_link_store import InMemoryLinkStore
from tests.fakes.in_memory_member_store import InMemoryMemberStore
from tests.fakes.in_memory_photo_files import InMemoryPhotoFiles
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore
from tests.fakes.in_memory_questions import InMemoryQuestions
from tests.fakes.in_memory_queue import InMemoryQueue
from tests.unit.metadata.test_questions_state_machine import FIELDS
from tests.unit.metadata.working import Places, a_runner

MINUTE = timedelta(minutes=1)


class AskedAnew:
    """Questions that are worked out from all photos each time they are asked for, so they are right by construction."""

    def __init__(self, photos: InMemoryPhotoStore, stage: "AnswerStage") -> None:
        self._photos = photos
        self._stage = stage
        self.others: list[Question] = []
        self.fixed: list[Question] = []
        """Asked in place of all others, where a test is about something else."""
        self.stale: set[Group] = set()

    async def all(self, owner_id: OwnerId) -> list[Question]:
        if self.fixed:
            return self.fixed
        library = InMemoryQuestions(one for one in self._photos.photos.values() if one.owner_id == owner_id)
        library.memory = await self._stage.memories.memory(owner_id)
        found = [*library.ranked(self._stage.now), *self.others]
        return [library.asked(one, self._stage.now) if one.kind != "check" else one for one in found]

    async def question(self, owner_id: OwnerId, question_id: str) -> Question:
        for question in await self.all(owner_id):
            if question.reference == question_id:
                return question
        raise QuestionNotFoundError("This is not asked any more.")

    async def mark_stale(self, owner_id: OwnerId, groups: Iterable[Group]) -> None:
        self.stale |= set(groups)


class AnswerStage:
    """A library, its worker and a clock."""

    def __init__(self, *photos: Photo) -> None:
        self.photos = InMemoryPhotoStore(photos)
        self.jobs = InMemoryJobStore()
        self.albums = InMemoryAlbumStore()
        self.order = InMemoryAlbumOrder()
        self.answers = InMemoryAnswerStore()
        self.queue = InMemoryQueue()
        self.now = NOON + timedelta(days=400)
        self.asked = AskedAnew(self.photos, self)
        self.start()

    def start(self) -> None:
        """Begin with processes that remember nothing."""
        self.memories = Memories(self.answers)
        search = Search(self.photos, self.albums, self.photos)
        self.album_service = AlbumService(
            self.albums,
            self.photos,
            self.photos,
            order=self.order,
            members=InMemoryMemberStore(),
            links=InMemoryLinkStore(),
            accounts=InMemoryAccessRecords(),
            searches=SearchedAlbums(search),
            now=self.clock,
        )
        effects = AnswerEffects(
            self.answers,
            self.memories,
            self.jobs,
            self.album_service,
            self.albums,
            self.photos,
            self.photos,
            Places(),
            self.asked,
            self.queue,
        )
        selection = AnswerSelection(self.memories, self.photos, self.photos, self.jobs, now=self.clock)
        progress = AnswersProgress(self.jobs, now=self.clock)
        self.service = AnswerService(
            self.answers,
            self.memories,
            self.asked,
            effects,
            progress,
            selection,
            self.photos,
            self.albums,
            Places(),
            now=self.clock,
        )
        self.job_service = JobService(self.jobs, self.albums, Places(), self.queue, now=self.clock)
        self.runner = a_runner(
            self.jobs, self.photos, self.albums, selection, self.queue, files=InMemoryPhotoFiles(), now=self.clock
        )
        self.job_reconciler = JobReconciler(self.jobs, self.runner, selection, self.queue, now=self.clock)
        self.reconciler = AnswerReconciler(self.answers, self.memories, effects, now=self.clock)

    def clock(self) -> datetime:
        return self.now

    async def work(self) -> None:
        """Do all that is in the queue, as the consumer does."""
        while messages := await self.queue.receive(wait_seconds=0):
            for message in messages:
                await self.runner.step(JobStep.model_validate_json(message.body))
                await self.queue.delete([message])

    async def find(self, kind: str) -> Question:
        """Return the first question of a kind, as it is asked now."""
        return next(one for one in await self.asked.all(OWNER) if one.kind == kind)

    async def say(self, question: Question, answer: Answer, *, key: str | None = None) -> AnswerProgress:
        """Answer, and do nothing of what follows."""
        given = Given(answer=answer, shown=question.shown)
        return await self.service.answer(OWNER, question.reference, given, key=key)

    async def answered(self, question: Question, answer: Answer) -> AnswerProgress:
        """Answer, and do all that follows."""
        said = await self.say(question, answer)
        await self.work()
        return await self.service.get(OWNER, said.answered.answer_id)

    async def undone(self, answer_id: str) -> AnswerProgress:
        """Take an answer back, and do all that follows."""
        await self.service.undo(OWNER, answer_id)
        await self.work()
        return await self.service.get(OWNER, answer_id)

    def photo(self, photo: Photo) -> Photo:
        return self.photos.photos[photo.photo_id]

    def changed(self, photos: Iterable[Photo]) -> set[PhotoId]:
        """Return which of some photos are not as they were."""
        return {photo.photo_id for photo in photos if self.photo(photo) != photo}


def a_trip(without: int = 5, around: int = 6) -> tuple[list[Photo], list[Photo]]:
    """Return photos of one day without a place, and some of the same day that were taken in Lisbon."""
    lost = [a_photo(number, taken_at=NOON + number * MINUTE) for number in range(without)]
    placed = [
        a_photo(100 + number, taken_at=NOON - timedelta(hours=1) + number * 20 * MINUTE, location=LISBON)
        for number in range(around)
    ]
    return lost, placed


def ids(photos: list[Photo]) -> set[PhotoId]:
    """Return the ids of some photos."""
    return {photo.photo_id for photo in photos}


def values(stage: AnswerStage, photos: list[Photo]) -> list[dict[str, object]]:
    """Return the fields of some photos that answers can change, as they are now."""
    return [fields_of(stage.photo(photo), FIELDS) for photo in photos]


def step_of(body: str) -> JobStep:
    return JobStep.model_validate_json(body)


async def work_in_any_order(stage: AnswerStage) -> None:
    """Do all that is in the queue; what can't be done yet comes again."""
    for _ in range(20):
        messages = await stage.queue.receive(wait_seconds=0)
        for message in messages:
            with suppress(UnavailableError):
                await stage.runner.step(step_of(message.body))
                await stage.queue.delete([message])
        stage.queue.redeliver()
