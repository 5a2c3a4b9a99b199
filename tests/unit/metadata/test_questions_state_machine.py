"""Any sequence of answers and undos ends, once all are undone, in the exact former state."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.document import fields_of
from heliograph_metadata.domain.former_values import has_room
from heliograph_metadata.domain.photo import Camera, Label, Location, Photo, Source, Sourced
from heliograph_metadata.domain.questions.answers import made
from heliograph_metadata.domain.questions.checks import check_of
from heliograph_metadata.domain.questions.kind import Edit
from heliograph_metadata.domain.questions.memory import FURTHER, Answered, Memory
from heliograph_metadata.domain.questions.question import (
    Answer,
    Keep,
    Named,
    Never,
    No,
    NotSure,
    Off,
    Question,
    Several,
    Skip,
    When,
    Where,
    Which,
    Yes,
)
from tests.builders import LISBON, NOON, a_photo
from tests.fakes.in_memory_questions import InMemoryQuestions

PARIS = Location(48.857, 2.352)
FUJI, PHONE = Camera("FUJIFILM", "X-T4"), Camera("Apple", "iPhone 13")
FIELDS = [
    "taken_at", "location", "labels", "overruled", "rejected_labels", "caption", "keywords", "favourite",
    "album_ids", "trashed_at",
]  # fmt: skip
NOW = NOON + timedelta(days=400)


def library() -> list[Photo]:
    """Return a small library in which every kind finds something to ask about."""
    photos = []
    for number in range(14):  # a trip: a camera whose clock is eight hours off, and a phone
        at = NOON + timedelta(hours=number)
        photos.append(
            a_photo(number, taken_at=Sourced(at, Source.EXIF), camera=PHONE, location=LISBON, labels=("cat",))
        )
        off = Sourced(at - timedelta(hours=8), Source.EXIF, 0.9)
        photos.append(a_photo(100 + number, taken_at=off, camera=FUJI, labels=(Label("dog", 0.5, Source.MODEL),)))
    for number in range(6):  # a film
        undated = Sourced(NOW, Source.DEFAULT, 0.1)
        photos.append(a_photo(200 + number, taken_at=undated, filename=f"film_{number:02}.tif"))
    for number in range(5):  # nothing seen on them, and no place; a clock that was reset
        photos.append(a_photo(300 + number, taken_at=NOON - timedelta(days=40, minutes=number)))
        reset = datetime(2000, 1, 1, number, tzinfo=UTC)
        photos.append(a_photo(400 + number, taken_at=reset, camera=FUJI, location=PARIS))
    for number in range(3):  # home; and beside the castle, by a camera that keeps no places
        photos.append(a_photo(600 + number, taken_at=NOON - timedelta(days=50 + 31 * number), location=LISBON))
        photos.append(a_photo(700 + number, taken_at=NOON + timedelta(days=90, minutes=number)))
    for number in range(4):  # a castle or a palace
        doubts = (Label("castle", 0.4, Source.MODEL), Label("palace", 0.3, Source.MODEL))
        photos.append(a_photo(500 + number, taken_at=NOON + timedelta(days=90), location=PARIS, labels=doubts))
    return photos


class Questions(RuleBasedStateMachine):
    """Answers, undos and repetitions in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.photos = library()
        self.library = InMemoryQuestions(self.photos)
        self.sketches = dict(self.library.sketches)
        self.now = NOW
        self.number = 0
        self.live: list[str] = []

    def _questions(self) -> list[Question]:
        self.now += timedelta(minutes=1)
        return self.library.ranked(self.now)

    @rule(pick=st.integers(0, 1000), how=st.integers(0, 11), number=st.integers(-30, 30))
    def answer(self, pick: int, how: int, number: int) -> None:
        found = self._questions()
        if not found:
            return
        question = self.library.asked(found[pick % len(found)], self.now)
        self.number += 1
        said = some_answer(question, how, number)
        self.library.answer(f"a{self.number}", question, said, self.now)
        self.live.append(f"a{self.number}")

    @rule(how=st.integers(0, 4), first=st.integers(0, 40), photos=st.integers(1, 20), number=st.integers(-30, 30))
    def edit_in_bulk(self, how: int, first: int, photos: int, number: int) -> None:
        self.now += timedelta(minutes=1)
        self.number += 1
        edit = [
            BulkEdit(location=LISBON if number > 0 else PARIS),
            BulkEdit(shift=timedelta(hours=number or 1)),
            BulkEdit(add_labels=("dog", "Rex")),
            BulkEdit(reject_labels=("dog", "castle")),
            BulkEdit(taken_at=NOON + timedelta(days=number)),
        ][how]
        for photo in list(self.library.photos.values())[first : first + photos]:
            if has_room(photo, at=self.now):
                self.library.save(made(photo, Edit(edit), job_id=f"a{self.number}.0", at=self.now))
        self.live.append(f"a{self.number}")

    @precondition(lambda self: self.library.memory.unchecked())
    @rule(wrong=st.integers(0, 3), first=st.integers(0, 5), is_final=st.booleans())
    def check_some(self, wrong: int, first: int, is_final: bool) -> None:  # noqa: FBT001 - drawn by name
        self.now += timedelta(minutes=1)
        self.number += 1
        some = self.library.memory.unchecked()[first : first + 3] or self.library.memory.unchecked()[:1]
        question = check_of(some, "", 0.5)
        if not is_final:
            question = replace(question, facts={**question.facts, FURTHER: question.facts["answers"]})
        said = Yes(tuple(one.answer_id for one in some[:wrong]))
        self.library.answer(f"a{self.number}", question, said, self.now)
        self.live.append(f"a{self.number}")

    @precondition(lambda self: self.live)
    @rule(pick=st.integers(0, 1000))
    def undo(self, pick: int) -> None:
        self.now += timedelta(minutes=1)
        self.library.undo(self.live.pop(pick % len(self.live)), self.now)

    @precondition(lambda self: self.live)
    @rule()
    def undo_twice(self) -> None:
        answer_id = self.live.pop()
        self.library.undo(answer_id, self.now)
        before = dict(self.library.photos)
        self.library.undo(answer_id, self.now)
        assert self.library.photos == before

    @invariant()
    def sketches_are_those_of_the_photos(self) -> None:
        afresh = InMemoryQuestions(self.library.photos.values())
        assert afresh.sketches == self.library.sketches

    def teardown(self) -> None:
        while self.live:
            self.library.undo(self.live.pop(self.number % len(self.live)), self.now)
        for photo in self.photos:
            assert fields_of(self.library.photos[photo.photo_id], FIELDS) == fields_of(photo, FIELDS)
        assert self.library.sketches == self.sketches
        assert self.library.memory == Memory()


def some_answer(question: Question, how: int, number: int) -> Answer:
    """Return one of the answers that fit a question."""
    some = question.shown[: abs(number) % (len(question.shown) + 1)] if question.shown else ()
    asked = tuple(str(question.facts.get("answers", "")).split())
    names = (str(question.facts.get("first", "Rex")), str(question.facts.get("second", "home")))
    answers: list[Answer] = [
        question.default or NotSure(),
        Yes(some or asked[: abs(number) % 3] or tuple(one.key for one in question.items[: abs(number) % 3])),
        No(),
        Where(LISBON if number > 0 else PARIS),
        When(NOON + timedelta(days=number)),
        Off(timedelta(hours=number)),
        Which(names[number % 2]),
        Named(names[number % 2], album_id=f"album{number % 3}"),
        Keep(some),
        Several(),
        NotSure(),
        Never() if number > 0 else Skip(),
    ]
    fitting = {
        "place": (0, 3, 9), "places": (1, 2), "label": (0, 1, 2), "date": (4, 9), "clock": (0, 2, 5),
        "two-labels": (0, 6), "event": (7, 9), "events": (1, 2), "beside": (1, 2), "same-place": (7,), "burst": (8,),
        "thing": (7,), "missing": (7, 9), "check": (1, 1, 2),
    }  # fmt: skip
    kinds = (*fitting[question.kind] * 3, 10, 11)
    return answers[kinds[how % len(kinds)]]


TestQuestions = Questions.TestCase
TestQuestions.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_every_kind_but_bursts_and_what_recurs_has_something_to_ask_of_that_library() -> None:
    found = {question.kind for question in InMemoryQuestions(library()).ranked(NOW)}

    assert {"place", "places", "label", "date", "clock", "two-labels", "event", "missing"} <= found


def test_events_carry_who_said_it_when_and_how_sure_that_is() -> None:
    questions = InMemoryQuestions(library())
    question = next(one for one in questions.ranked(NOW) if one.kind == "place")

    questions.answer("a1", question, Where(PARIS), NOW)

    event = questions.memory.live["a1"]
    assert isinstance(event, Answered)
    assert (event.person_id, event.at) == ("person", NOW)
    assert 0.8 < event.confidence < 0.96
