"""A simulated person who answers questions about their own photos: what they know, how they err, how long they take."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from heliograph.photos import PhotoId
from heliograph_metadata.domain.photo import Location, Source
from heliograph_metadata.domain.questions.question import (
    HOUR,
    Answer,
    No,
    NotSure,
    Off,
    Question,
    Several,
    When,
    Where,
    Yes,
)
from heliograph_metadata.domain.questions.sketch import kilometres
from heliograph_metadata.domain.terms import folded
from tests.bench.people import NOW, Life, Truth
from tests.fakes.in_memory_questions import InMemoryQuestions

ERRS: Final = 0.05
NEAR_KM: Final = 15.0
HOURS_OFF: Final = timedelta(hours=6)
DAYS_OFF: Final = timedelta(days=5)
_MOSTLY: Final = 0.9
_NOTICES: Final = 0.9
_RECOGNISED: Final = timedelta(days=15)


def is_near(one: Location | None, truth: Location) -> bool:
    """Whether a place is right: in the same town."""
    return one is not None and kilometres((one.latitude, one.longitude), (truth.latitude, truth.longitude)) <= NEAR_KM


class SimulatedPerson:
    """Answers as somebody would who was there."""

    def __init__(self, life: Life, seed: int, *, errs: float = ERRS) -> None:
        self._life = life
        self._dice = random.Random(seed)
        self._errs = errs

    def answer(
        self, question: Question, photo_ids: Sequence[PhotoId], library: InMemoryQuestions
    ) -> tuple[Answer, float]:
        """Return what the person says and how many seconds that took.

        Args:
            question: As it is shown.
            photo_ids: The photos that it reaches.
            library: What is shown of them.
        """
        dice = self._dice
        truths = [self._life.truth[photo_id] for photo_id in photo_ids]
        pace = dice.lognormvariate(0.0, 0.25)
        if question.kind == "check":
            said, seconds = self._check(question, library)
        elif dice.random() > self._knows(question, truths):
            said, seconds = NotSure(), 3.5
        else:
            said, seconds = getattr(self, f"_{question.kind.replace('-', '_')}")(question, truths, library)
        return said, seconds * pace

    def _knows(self, question: Question, truths: Sequence[Truth]) -> float:
        kind, default = question.kind, question.default
        if isinstance(default, When) and abs(default.at - truths[0].taken_at) <= _RECOGNISED:
            return 0.95  # who sees the days before and after remembers
        years = max(0.0, (2025 - min(truth.taken_at for truth in truths).year)) if truths else 0.0
        known = {"place": 0.93, "date": 0.75, "clock": 0.85, "event": 0.9}.get(kind, 0.99)
        return known * (0.985**years if kind in {"place", "date", "event"} else 1.0)

    def _slips(self) -> bool:
        return self._dice.random() < self._errs

    def _place(self, question: Question, truths: Sequence[Truth], _: InMemoryQuestions) -> tuple[Answer, float]:
        towns = Counter(truth.location.place for truth in truths)
        most, count = towns.most_common(1)[0]
        if count < _MOSTLY * len(truths) and self._dice.random() < _NOTICES:
            return Several(), 3.5
        where = next(truth.location for truth in truths if truth.location.place == most)
        if self._slips():
            return Where(self._dice.choice([place for place in self._life.places if place.place != most])), 4.0
        if isinstance(question.default, Where) and is_near(question.default.location, where):
            there = question.default.location
            return Where(Location(there.latitude, there.longitude, most)), 3.0
        return Where(where), 7.0

    def _places(self, question: Question, truths: Sequence[Truth], library: InMemoryQuestions) -> tuple[Answer, float]:
        del truths
        seconds = 2.5 + 0.6 * len(question.items)
        if self._slips():
            return Yes(), seconds
        wrong = []
        reached = library.reached(question, NOW)
        for item in question.items:
            there = [
                is_near(item.answer.location, self._life.truth[one].location)
                for one in reached
                if item.span.holds(library.photos[one])
            ]
            is_mixed = 0 < sum(there) < _MOSTLY * len(there)
            if sum(there) < len(there) / 2 or (is_mixed and self._dice.random() < _NOTICES):
                wrong.append(item.key)
        return Yes(tuple(wrong)), seconds + 0.9 * len(wrong)

    def _date(self, question: Question, truths: Sequence[Truth], library: InMemoryQuestions) -> tuple[Answer, float]:
        times = sorted(truth.taken_at for truth in truths)
        is_reset = question.facts["how"] == "reset"
        middle = times[len(times) // 2]
        right = [at for at in times if abs(at - middle) <= DAYS_OFF * (3 if is_reset else 1)]
        if len(right) < _MOSTLY * len(times) and self._dice.random() < _NOTICES:
            return Several(), 4.0
        if self._slips():
            return When(middle.replace(year=middle.year - 1, day=min(middle.day, 28))), 9.0
        if is_reset:
            return When(times[0].replace(minute=0, second=0, microsecond=0)), 9.0
        return When(middle), 9.0

    def _clock(self, question: Question, truths: Sequence[Truth], library: InMemoryQuestions) -> tuple[Answer, float]:
        del truths
        shown = [library.photos[photo_id] for photo_id in library.reached(question, NOW)]
        shifts = Counter(
            round((self._life.truth[photo.photo_id].taken_at - photo.taken) / timedelta(hours=1)) for photo in shown
        )
        most, count = shifts.most_common(1)[0]
        if self._slips():
            return (No(), 4.0) if self._dice.random() < 0.5 else (Off(timedelta(hours=most + 12)), 6.0)
        if count < _MOSTLY * len(shown) or most == 0:
            return No(), 5.0
        is_said = isinstance(question.default, Off) and question.default.shift == timedelta(hours=most)
        return (Yes(), 4.0) if is_said else (Off(timedelta(hours=most)), 8.0)

    def _label(self, question: Question, truths: Sequence[Truth], library: InMemoryQuestions) -> tuple[Answer, float]:
        del truths, library
        name = str(question.facts["label"])
        wrong = tuple(one for one in question.shown if name not in {folded(x) for x in self._life.truth[one].shows})
        seconds = 2.5 + 0.35 * len(question.shown)
        if self._slips():
            return Yes(), seconds
        return Yes(wrong), seconds + 0.9 * len(wrong)

    def _check(self, question: Question, library: InMemoryQuestions) -> tuple[Answer, float]:
        asked = str(question.facts["answers"]).split()
        seconds = 1.5 + 1.5 * len(asked)
        if self._slips():
            return Yes(), seconds
        wrong = tuple(one for one in asked if not self._was_right(one, library))
        return Yes(wrong), seconds + 0.9 * len(wrong)

    def _was_right(self, answer_id: str, library: InMemoryQuestions) -> bool:
        """Whether an answer holds for most of the photos that it changed, or would change."""
        given = library.memory.live[answer_id]
        if given.is_held:
            ids = library.reached(given.question, NOW)
        else:
            ids = [
                one.photo_id
                for one in library.photos.values()
                if any(f.job_id.startswith(f"{answer_id}.") for f in one.formers)
            ]
        rights = [self._holds(given.answer, given.question, one, library) for one in ids]
        return not rights or sum(rights) >= _MOSTLY * len(rights)

    def _holds(self, answer: Answer, question: Question, photo_id: PhotoId, library: InMemoryQuestions) -> bool:
        truth, photo = self._life.truth[photo_id], library.photos[photo_id]
        if question.items:
            return is_near(photo.point, truth.location)
        if isinstance(answer, Where):
            return is_near(answer.location, truth.location)
        if question.kind in {"date", "clock"} and photo.taken_at and photo.taken_at.source is Source.PERSON:
            return date_is_right(photo.taken, truth)
        if isinstance(answer, Off):
            return date_is_right(photo.taken + answer.shift, truth)
        return True


def date_is_right(taken: object, truth: Truth) -> bool:
    """Whether a date is right: to the hours where a camera kept them, else to the days."""
    return abs(taken - truth.taken_at) <= (HOURS_OFF if truth.keeps_hours else DAYS_OFF)  # type: ignore[operator,no-any-return]


__all__ = ["ERRS", "HOUR", "SimulatedPerson", "date_is_right", "is_near"]
