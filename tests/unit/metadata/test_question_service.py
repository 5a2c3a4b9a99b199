"""Questions are made anew where something has changed, and nowhere else; nothing is lost between two who do so."""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from heliograph.photos import OwnerId
from heliograph_metadata.domain.errors import InvalidCursorError, QuestionNotFoundError
from heliograph_metadata.domain.photo import Former, Photo, Place, edited
from heliograph_metadata.domain.questions.checks import checks
from heliograph_metadata.domain.questions.engine import BUDGET, Group, in_turn, ranked
from heliograph_metadata.domain.questions.history import Said
from heliograph_metadata.domain.questions.memory import Answered, Memory
from heliograph_metadata.domain.questions.question import Never, Question, Reach, Skip, Where, Worth
from heliograph_metadata.domain.questions.value import LEAST_VALUE
from heliograph_metadata.service.memories import Memories
from heliograph_metadata.service.question_book import Book
from heliograph_metadata.service.question_photos import QuestionPhotos
from heliograph_metadata.service.questions import TOGETHER, QuestionPage, QuestionService
from tests.builders import LISBON, NOON, OWNER, a_photo
from tests.fakes.in_memory_answer_store import InMemoryAnswerStore
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore
from tests.fakes.in_memory_question_book import InMemoryQuestionBook
from tests.fakes.in_memory_questions import InMemoryQuestions
from tests.fakes.in_memory_sketch_store import InMemorySketchStore
from tests.unit.metadata.test_questions_state_machine import NOW, library


class NoPlaces:
    """A gazetteer that calls every point the same."""

    def place_at(self, latitude: float, longitude: float) -> Place | None:
        return Place("PT", "Portugal", "Lisboa", "Lisbon")


@dataclass
class World:
    """A library and what asks about it."""

    photos: InMemoryPhotoStore = field(default_factory=InMemoryPhotoStore)
    book: InMemoryQuestionBook = field(default_factory=InMemoryQuestionBook)
    answers: InMemoryAnswerStore = field(default_factory=InMemoryAnswerStore)
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.sketches = InMemorySketchStore(self.photos)
        self.service = self.another()

    def another(self, **changes: Any) -> QuestionService:
        shown = QuestionPhotos(self.photos, self.photos, now=lambda: self.now)
        parts: dict[str, Any] = {"book": self.book, "sketches": self.sketches} | changes
        return QuestionService(
            parts["book"],
            parts["sketches"],
            Memories(self.answers),
            shown,
            NoPlaces(),
            now=lambda: self.now,
            requests=parts.get("requests"),
        )

    async def save(self, *photos: Photo) -> None:
        for photo in photos:
            before = replace(photo, version=photo.version - 1, status=photo.status.AWAITING_UPLOAD)
            self.photos.photos[photo.photo_id] = before
            assert await self.photos.replace(photo, stored=before)

    async def change(self, photo: Photo, **edits: Any) -> Photo:
        after = edited(photo, edits, at=NOW)
        assert await self.photos.replace(after, stored=photo)
        return after

    async def said(self, question: Question, answer: Any) -> None:
        number = len(self.answers.events) + 1
        event = Answered(answer_id=f"a{number}", question=question, answer=answer, person_id=OWNER, at=self.now)
        assert await self.answers.add(OWNER, Said(number=number, event=event))

    async def all_made(self) -> Book:
        while (made := await self.service.made_anew(OWNER)).has_changed:
            continue
        return made.book

    async def settle(self) -> None:
        """Wait for what goes on in the background."""
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))

    async def page(self, *, limit: int = 30, cursor: str | None = None) -> QuestionPage:
        return await self.service.questions(OWNER, limit=limit, cursor=cursor)


@pytest.fixture
def world() -> World:
    return World()


def some(number: int, *, day: int = 15, **changes: Any) -> list[Photo]:
    """Return photos of one afternoon without a place."""
    at = NOON.replace(day=day)
    return [
        a_photo(100 * day + one, version=2, taken_at=at + timedelta(minutes=one), **changes) for one in range(number)
    ]


def asked(page: QuestionPage, kind: str) -> list[Question]:
    return [one.question for one in page.items if one.question.kind == kind]


async def test_what_is_asked_is_what_the_engine_asks(world: World) -> None:
    photos = library()
    await world.save(*(replace(photo, owner_id=OWNER, version=2) for photo in photos))
    engine = InMemoryQuestions(world.photos.photos.values())

    await world.all_made()
    page = await world.page()

    assert [one.question for one in page.items] == engine.ranked(NOW, least=LEAST_VALUE)[:30]
    assert len(page.items) > 5
    assert page.budget_left == BUDGET


async def test_an_idle_library_is_not_looked_at_again(world: World) -> None:
    await world.save(*some(5), *some(3, day=16, location=LISBON))
    await world.all_made()
    read, version = world.sketches.sketches_read, world.book.books[OWNER].version

    page = await world.page()

    assert asked(page, "place")
    assert page.pending == 0
    assert (world.sketches.sketches_read, world.book.books[OWNER].version) == (read, version)


async def test_a_new_photo_has_its_own_groups_looked_at_again_and_no_others(world: World) -> None:
    for month in range(1, 13):
        await world.save(*(replace(one, photo_id=f"{month}{one.photo_id}") for one in some_in(month)))
    await world.all_made()
    before = world.sketches.sketches_read
    everything = before

    await world.save(*some(1, day=20, filename="new.jpg"))
    assert (await world.page()).pending > 0
    await world.settle()

    assert (await world.page()).pending == 0
    assert world.sketches.sketches_read - before < everything / 2


def some_in(month: int) -> list[Any]:
    at = NOON.replace(month=month)
    return [a_photo(one, version=2, taken_at=at + timedelta(minutes=one)) for one in range(4)]


async def test_few_groups_are_looked_at_in_a_request_and_the_others_after_it(world: World) -> None:
    for day in range(1, 29):
        await world.save(*some(2, day=day, labels=[], filename=f"a{day}_1.jpg"))
    assert len(world.sketches.marks[OWNER]) < TOGETHER
    for number in range(12 * TOGETHER):
        await world.sketches.mark_stale(OWNER, [("label", f"label {number}")])

    assert (await world.page()).pending > 0
    await world.settle()

    assert not world.sketches.marks[OWNER]
    assert (await world.page()).pending == 0


async def test_the_question_of_a_photo_that_got_its_place_is_gone(world: World) -> None:
    photos = some(2)
    await world.save(*photos)
    await world.all_made()
    assert asked(await world.page(), "place")

    for photo in photos:
        await world.change(photo, location=LISBON)
    await world.page()
    await world.settle()

    assert not asked(await world.page(), "place")


async def test_who_asks_after_a_change_is_answered_from_the_book_before_anything_is_looked_at(world: World) -> None:
    await world.save(*some(3))
    await world.all_made()
    await world.save(*some(2, day=20))
    held = Held(world.sketches)
    service = world.another(sketches=held)

    page = await service.questions(OWNER, limit=10)
    held.may_go_on.set()
    await world.settle()

    assert (len(asked(page, "place")), page.pending > 0) == (1, True)
    assert len(asked(await service.questions(OWNER, limit=10), "place")) == 2


class Held:
    """A store of sketches whose reader can be held up once it has read."""

    def __init__(self, sketches: InMemorySketchStore) -> None:
        self._sketches = sketches
        self.has_read = asyncio.Event()
        self.may_go_on = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sketches, name)

    async def sketches(self, owner_id: OwnerId, generation: int, groups: Sequence[Group]) -> Mapping[Group, Any]:
        found = await self._sketches.sketches(owner_id, generation, groups)
        if ("place", "2024-06") in groups:
            self.has_read.set()
            await self.may_go_on.wait()
        return found


async def test_who_has_read_what_is_old_does_not_replace_what_is_new(world: World) -> None:
    photos = some(3)
    await world.save(*photos)
    held = Held(world.sketches)
    slow = asyncio.create_task(world.another(sketches=held).made_anew(OWNER))
    await held.has_read.wait()
    for photo in photos:
        await world.change(photo, location=LISBON)

    await world.all_made()
    held.may_go_on.set()
    book = (await slow).book

    assert ("place", "2024-06") not in book.questions
    assert world.book.books[OWNER].questions == book.questions


async def test_a_group_that_changes_while_it_is_looked_at_is_looked_at_again(world: World) -> None:
    photos = some(3)
    await world.save(*photos)
    held = Held(world.sketches)
    slow = asyncio.create_task(world.another(sketches=held).made_anew(OWNER))
    await held.has_read.wait()
    for photo in photos:
        await world.change(photo, location=LISBON)

    held.may_go_on.set()
    book = (await slow).book
    assert ("place", "2024-06") in book.questions
    assert ("place", "2024-06") in world.sketches.marks[OWNER]

    assert ("place", "2024-06") not in (await world.all_made()).questions


async def test_many_who_ask_at_once_make_one_book(world: World) -> None:
    for day in range(1, 29):
        await world.save(*some(2, day=day))
    services = [world.another() for _ in range(5)]

    pages = await asyncio.gather(*(service.questions(OWNER, limit=30) for service in services))
    book = await world.all_made()

    assert all(len(page.items) >= 1 for page in pages)
    alone = World()
    await alone.save(*world.photos.photos.values())
    assert (await alone.all_made()).questions == book.questions


async def test_who_always_comes_too_late_asks_what_is_in_the_book(world: World) -> None:
    class Crowded(InMemoryQuestionBook):
        async def replace(self, *_: Any, **__: Any) -> Book | None:
            return None

    await world.save(*some(2))

    page = await world.another(book=Crowded()).questions(OWNER, limit=10)

    assert page.items == ()
    assert page.pending == len(world.sketches.marks[OWNER]) > 0


async def test_who_asks_while_groups_are_looked_at_is_not_kept_waiting(world: World) -> None:
    await world.save(*some(3))
    held = Held(world.sketches)
    service = world.another(sketches=held)
    slow = asyncio.create_task(service.questions(OWNER, limit=10))
    await held.has_read.wait()

    quick = await service.questions(OWNER, limit=10)
    held.may_go_on.set()

    assert (quick.items, quick.pending > 0) == ((), True)
    assert asked(await slow, "place")


async def test_pages_go_on_where_the_last_one_ended_though_its_question_is_gone(world: World) -> None:
    for day in range(1, 29, 3):
        await world.save(*some(day, day=day))
    await world.all_made()
    everything = [one.question.question_id for one in (await world.page()).items]

    first = await world.page(limit=3)
    await world.said(first.items[-1].question, Skip())
    rest = await world.page(limit=30, cursor=first.next_cursor)

    assert [one.question.question_id for one in first.items] == everything[:3]
    assert set(everything[3:]) - {first.items[-1].question.question_id} <= {
        one.question.question_id for one in rest.items
    } | {one.question.question_id for one in first.items}
    assert rest.next_cursor is None
    with pytest.raises(InvalidCursorError):
        await world.service.questions(OwnerId("stranger"), limit=3, cursor=first.next_cursor)


async def test_what_was_refused_is_not_asked_and_each_answer_takes_from_the_budget(world: World) -> None:
    await world.save(*some(4))
    await world.all_made()
    [question] = asked(await world.page(), "place")

    await world.said(question, Never())
    page = await world.page()

    assert question.question_id not in [one.question.question_id for one in page.items]
    assert page.budget_left == BUDGET - 1


async def test_a_question_is_found_by_its_reference_and_another_is_not(world: World) -> None:
    await world.save(*some(4))
    await world.all_made()
    [question] = asked(await world.page(), "place")

    assert await world.service.question(OWNER, question.reference) == question
    for unknown in ("", "cGxhY2UvMjAyNA", question.question_id):
        with pytest.raises(QuestionNotFoundError):
            await world.service.question(OWNER, unknown)
    with pytest.raises(QuestionNotFoundError):
        await world.service.question(OwnerId("stranger"), question.reference)


async def test_a_question_shows_some_of_its_photos_and_no_others(world: World) -> None:
    mine = some(20)
    there = [a_photo(900 + n, version=2, taken_at=NOON + timedelta(minutes=n), location=LISBON) for n in range(9)]
    await world.save(*mine, *there)
    await world.all_made()

    [one] = [one for one in (await world.page()).items if one.question.kind == "place"]

    assert one.question.reach.photos == 20
    assert len(one.shown.sample) == 12
    assert {photo.photo_id for photo in one.shown.sample} <= {photo.photo_id for photo in mine}
    assert one.shown.grid == ()


async def test_photos_of_many_things_are_looked_for_in_the_background_and_counted_until_then(world: World) -> None:
    for day in range(1, 29):
        await world.save(*some(2, day=day, location=LISBON), *some(4, day=day)[2:])
    await world.all_made()

    first = await world.page()
    await world.settle()
    then = await world.page()

    [before], [after] = ([one for one in page.items if one.question.kind == "beside"] for page in (first, then))
    assert len(before.shown.items) == 12
    assert len(after.shown.items) == len(after.question.items) == 28
    assert first.pending == sum(one.shown.left for one in first.items)
    assert then.pending == 0


async def test_a_second_check_shows_photos_that_the_answer_has_changed_and_no_others(world: World) -> None:
    changed = [replace(one, formers=(a_mark("a1.0"),)) for one in some(30)]
    await world.save(*changed, *some(5, day=16), replace(some(1, day=17)[0], formers=(a_mark("a1.0", undone=True),)))
    question = Question(
        kind="place", group="2024-06", key="1", prompt="", why="", mends="",
        reach=Reach(("time:2024-06",), 300), worth=Worth(1.0, 1.0, 1.0),
    )  # fmt: skip
    said = Answered(answer_id="a1", question=question, answer=Where(LISBON), person_id=OWNER, at=NOW, photos=300)
    memory = Memory(live={"a1": said}, confirmed=Counter(["a1"]))
    again = next(checks(memory))

    shown = (await QuestionPhotos(world.photos, world.photos, now=lambda: NOW).of(OWNER, [again]))[0]

    assert [one.photo_id for one in shown.sample] == [one.photo_id for one in reversed(changed)][12:24]


def a_mark(job_id: str, *, undone: bool = False) -> Former:
    return Former(job_id, "place", NOW, "{}", "{}", undone=undone)


async def test_what_files_say_of_a_group_keeps_no_other_from_being_asked_about(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(InMemorySketchStore):
        async def sketches(self, owner_id: OwnerId, generation: int, groups: Collection[Group]) -> dict[Group, Any]:
            found = await super().sketches(owner_id, generation, groups)
            return {group: {"nonsense": 1} if group[0] == "event" else sketch for group, sketch in found.items()}

    broken = Broken(world.photos)
    await world.save(*some(14))

    await world.another(sketches=broken).made_anew(OWNER)

    assert ("place", "2024-06") in world.book.books[OWNER].questions
    assert "nothing can be asked about a group" in caplog.text


def test_questions_taken_one_by_one_come_in_the_order_of_all_of_them() -> None:
    found = InMemoryQuestions(library()).candidates(NOW)
    memory = Memory()
    others = sorted((one for one in found if not one.joins), key=lambda one: (-one.worth.value, one.question_id))

    taken = in_turn([one for one in found if one.joins], others, memory, now=NOW)

    assert list(taken) == ranked(found, memory, now=NOW)
