"""A simulated person who answers questions about their own photos: what they know, how they err, how long they take."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from heliograph.photos import PhotoId
from heliograph_metadata.domain.photo import Location, Photo, Source
from heliograph_metadata.domain.questions.memory import Answered
from heliograph_metadata.domain.questions.question import (
    HOUR,
    Answer,
    Keep,
    Named,
    Never,
    No,
    NotSure,
    Off,
    Question,
    Several,
    When,
    Where,
    Which,
    Yes,
)
from heliograph_metadata.domain.questions.sketch import kilometres
from heliograph_metadata.domain.terms import folded
from tests.bench.people import NOW, PLACE_NAMES, Life, Truth
from tests.fakes.in_memory_questions import InMemoryQuestions

ERRS: Final = 0.05
NEAR_KM: Final = 15.0
HOURS_OFF: Final = timedelta(hours=6)
DAYS_OFF: Final = timedelta(days=5)
_MOSTLY: Final = 0.9
_NOTICES: Final = 0.9
_RECOGNISED: Final = timedelta(days=15)
_LETTER_SECONDS: Final = 0.28


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
        known = {"place": 0.93, "date": 0.75, "clock": 0.85, "event": 0.95}.get(kind, 0.99)
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
        if chosen := next((one.location for one in question.choices if is_near(one.location, where)), None):
            return Where(Location(chosen.latitude, chosen.longitude, most)), 4.5
        return Where(where), 7.0

    def _places(self, question: Question, truths: Sequence[Truth], library: InMemoryQuestions) -> tuple[Answer, float]:
        del truths
        seconds = 2.5 + 0.6 * len(question.items)
        if self._slips():
            return _as_it_begins(question), seconds
        wrong = []
        reached = library.reached(question, NOW)
        for item in question.items:
            there = [
                isinstance(item.answer, Where) and is_near(item.answer.location, self._life.truth[one].location)
                for one in reached
                if item.span.holds(library.photos[one])
            ]
            if self._is_wrong(there):
                wrong.append(item.key)
        return Yes(tuple(wrong)), seconds + 0.9 * _touched(question, wrong)

    def _beside(self, question: Question, truths: Sequence[Truth], library: InMemoryQuestions) -> tuple[Answer, float]:
        """Look at those that are shown, and let the others go with them."""
        del truths
        shown = question.items[: int(question.facts["looked_at"])]
        seconds = 2.5 + 0.6 * len(shown)
        if self._slips():
            return Yes(), seconds
        reached = library.reached(question, NOW)
        wrong = [
            item.key
            for item in shown
            if isinstance(item.answer, Where)
            and self._is_wrong(
                [
                    is_near(item.answer.location, self._life.truth[one].location)
                    for one in reached
                    if item.span.holds(library.photos[one])
                ]
            )
        ]
        if len(wrong) > len(shown) / 4:
            return No(), seconds
        return Yes(tuple(wrong)), seconds + 0.9 * len(wrong)

    def _is_wrong(self, rights: Sequence[bool]) -> bool:
        """Whether the person says of photos that what is guessed is wrong, given of which of them it is right."""
        is_mixed = 0 < sum(rights) < _MOSTLY * len(rights)
        return sum(rights) < len(rights) / 2 or (is_mixed and self._dice.random() < _NOTICES)

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
            begins = times[0].replace(minute=0, second=0, microsecond=0)
            if isinstance(question.default, When) and abs(question.default.at - begins) <= HOURS_OFF:
                return question.default, 4.0
            return When(begins), 9.0
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

    def _two_labels(
        self, question: Question, truths: Sequence[Truth], library: InMemoryQuestions
    ) -> tuple[Answer, float]:
        del truths, library
        first, second = str(question.facts["first"]), str(question.facts["second"])
        shown = [self._life.truth[one].shows for one in question.shown]
        seconds = 3.0 + 0.35 * len(shown)
        likelier, other = sorted((first, second), key=lambda name: -sum(name in shows for shows in shown))
        if sum(likelier in shows and other not in shows for shows in shown) < _MOSTLY * len(shown):
            return NotSure(), seconds
        return Which(other if self._slips() else likelier), seconds

    def _event(self, question: Question, truths: Sequence[Truth], library: InMemoryQuestions) -> tuple[Answer, float]:
        del library
        most, count = Counter(truth.event_name for truth in truths).most_common(1)[0]
        if count < _MOSTLY * len(truths) and self._dice.random() < _NOTICES:
            return Several(), 4.0
        if not most:
            return Never(), 4.0
        if self._slips():
            most = self._dice.choice(sorted(self._life.names - {most}))
        if question.default == Named(most):
            return Named(most, album_id=most), 3.0
        return Named(most, album_id=most), 5.5 + _LETTER_SECONDS * len(most)

    def _events(self, question: Question, truths: Sequence[Truth], library: InMemoryQuestions) -> tuple[Answer, float]:
        del truths
        seconds = 2.5 + 0.8 * len(question.items) + 0.3 * sum(bool(item.fills) for item in question.items)
        if self._slips():
            return _as_it_begins(question), seconds
        wrong = []
        reached = library.reached(question, NOW)
        for item in question.items:
            name = item.answer.name if isinstance(item.answer, Named) else ""
            there = [
                self._life.truth[one].event_name == name for one in reached if item.span.holds(library.photos[one])
            ]
            filled = [
                is_near(fill.location, self._life.truth[one].location)
                for fill in item.fills
                for one in reached
                if library.photos[one].location is None and fill.span.holds(library.photos[one])
            ]
            if self._is_wrong(there) or self._is_wrong(filled):
                wrong.append(item.key)
        return Yes(tuple(wrong)), seconds + 0.9 * _touched(question, wrong)

    def _same_place(
        self, question: Question, truths: Sequence[Truth], library: InMemoryQuestions
    ) -> tuple[Answer, float]:
        del library
        most, count = Counter(truth.place_name for truth in truths).most_common(1)[0]
        if not most or count < _MOSTLY * len(truths):
            return Never(), 4.0
        if self._slips():
            most = self._dice.choice([name for name in PLACE_NAMES.values() if name != most])
        if question.default == Named(most):
            return Named(most), 3.0
        return Named(most), 4.5 + _LETTER_SECONDS * len(most)

    def _burst(self, question: Question, truths: Sequence[Truth], library: InMemoryQuestions) -> tuple[Answer, float]:
        del truths, library
        best = tuple(one for one in question.shown if self._life.truth[one].is_best)
        seconds = 2.5 + 0.35 * len(question.shown)
        if self._slips() or not best:
            return Keep((self._dice.choice(question.shown),)), seconds
        return Keep(best), seconds

    def _thing(self, question: Question, truths: Sequence[Truth], library: InMemoryQuestions) -> tuple[Answer, float]:
        del truths, library
        pets = {one: self._life.truth[one].pet for one in question.shown}
        most, count = Counter(pets.values()).most_common(1)[0]
        seconds = 3.0 + 0.35 * len(pets)
        if not most or count < len(pets) / 2:
            return Never(), seconds
        wrong = () if self._slips() else tuple(one for one, pet in pets.items() if pet != most)
        return Named(most, but_not=wrong), seconds + _LETTER_SECONDS * len(most) + 0.9 * len(wrong)

    def _missing(self, question: Question, truths: Sequence[Truth], library: InMemoryQuestions) -> tuple[Answer, float]:
        del truths, library
        shown = {one: self._life.truth[one].shows for one in question.shown}
        things = Counter(thing for shows in shown.values() for thing in shows)
        most, count = min(things.items(), key=lambda one: (-one[1], one[0]))
        seconds = 4.0 + 0.35 * len(shown)
        if count < len(shown) / 2:
            return Several(), seconds
        wrong = () if self._slips() else tuple(one for one, shows in shown.items() if most not in shows)
        return Named(most, but_not=wrong), seconds + _LETTER_SECONDS * len(most) + 0.9 * len(wrong)

    def _check(self, question: Question, library: InMemoryQuestions) -> tuple[Answer, float]:
        asked = str(question.facts["answers"]).split()
        items = sum(len(library.memory.live[one].question.items) for one in asked)
        seconds = 1.5 + 1.5 * len(asked) + 0.6 * items  # each day of a grid is looked at again
        if self._slips():
            return Yes(), seconds
        wrong = tuple(one for one in asked if not self._was_right(one, library))
        return Yes(wrong), seconds + 0.9 * len(wrong)

    def _was_right(self, answer_id: str, library: InMemoryQuestions) -> bool:
        """Whether an answer holds for most of the photos that it changed, or would change."""
        given = library.memory.live[answer_id]
        if given.question.shown:
            ids = list(given.question.shown)
        elif given.is_held:
            ids = [one for one in library.reached(given.question, NOW) if _is_said(given, library.photos[one])]
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
        called = {"event": truth.event_name, "events": truth.event_name, "same-place": truth.place_name}
        if question.items:
            answer = next(one.answer for one in question.items if one.span.holds(photo))
        match answer:
            case Where():
                return is_near(answer.location, truth.location)
            case Named() if question.kind in called:
                return answer.name == called[question.kind]
            case When() | Off() | Yes() if question.kind in {"date", "clock"} and _is_a_persons(photo):
                return date_is_right(photo.taken, truth)
            case Off():
                return date_is_right(photo.taken + answer.shift, truth)
            case Yes() if question.kind == "label":
                return str(question.facts["label"]) in {folded(one) for one in truth.shows}
        return True


def _as_it_begins(question: Question) -> Yes:
    return question.default if isinstance(question.default, Yes) else Yes()


def _touched(question: Question, wrong: Sequence[str]) -> int:
    """Return how many things are to be ticked or unticked, so that those that are wrong are unticked."""
    return len({*wrong} ^ {*_as_it_begins(question).but_not})


def _is_said(given: Answered, photo: Photo) -> bool:
    """Whether an answer about several things says something of a photo: not where that is unticked."""
    unticked = given.answer.but_not if isinstance(given.answer, Yes) else ()
    return not any(one.key in unticked and one.span.holds(photo) for one in given.question.items)


def _is_a_persons(photo: Photo) -> bool:
    return photo.taken_at is not None and photo.taken_at.source is Source.PERSON


def date_is_right(taken: object, truth: Truth) -> bool:
    """Whether a date is right: to the hours where a camera kept them, else to the days."""
    return abs(taken - truth.taken_at) <= (HOURS_OFF if truth.keeps_hours else DAYS_OFF)  # type: ignore[operator,no-any-return]


__all__ = ["ERRS", "HOUR", "SimulatedPerson", "date_is_right", "is_near"]
