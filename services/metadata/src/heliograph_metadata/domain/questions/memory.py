"""What a person has answered, and what follows from it for the next question: a fold over the events.

The events are the record. What was undone counts as never said, so undoing everything leaves nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from heliograph_metadata.domain.questions.elsewhere import Elsewhere, hours_elsewhere
from heliograph_metadata.domain.questions.named_days import NamedDays, beside, days_named, is_among
from heliograph_metadata.domain.questions.question import (
    Answer,
    Never,
    No,
    NotSure,
    Question,
    Several,
    Skip,
    Span,
    Yes,
    refused,
    unticked,
    was_let_stand,
)
from heliograph_metadata.domain.questions.value import KNOWS_WEIGHT, PRIORS, TRUST, TRUST_WEIGHT

CHECK: Final = "check"
FURTHER: Final = "further"
"""The fact of a check that names those of its answers that it does not settle: another check follows."""
NOT_SURE_RESTS: Final = timedelta(days=180)
SKIPPED_RESTS: Final = timedelta(days=1)
QUIET: Final = timedelta(days=7)
SKIPS_TO_QUIET: Final = 3
"""After so many skips of a kind one after another it is quiet for a week."""
_MOSTLY: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Somebody has answered a question."""

    answer_id: str
    question: Question
    answer: Answer
    person_id: str
    at: datetime
    confidence: float = 1.0
    """That was stated in the photos."""
    is_held: bool = False
    """Whether nothing was changed yet, because it contradicts what is known: a check comes first."""
    photos: int = 0
    """How many it changed, or would have."""


@dataclass(frozen=True, slots=True)
class AnswerUndone:
    """Somebody has taken an answer back."""

    answer_id: str
    at: datetime


Event = Answered | AnswerUndone


@dataclass(frozen=True, slots=True)
class Silence:
    """A question that is not to be asked, until some time or for good."""

    question: Question
    until: datetime | None
    answer_id: str
    """Whose answer asks for it."""

    def covers(self, question: Question, at: datetime) -> bool:
        """Whether that question is this one, or mostly about the same time."""
        mine = self.question
        if mine.kind != question.kind or (self.until is not None and at >= self.until):
            return False
        if mine.key == question.key:
            return True
        if not {*_words(mine, "tiles")}.isdisjoint(_words(question, "tiles")):
            return True
        scope = mine.facts.get("scope")
        if scope != question.facts.get("scope"):
            return False
        if scope and not mine.reach.spans:
            return True
        return any(one.shared(other) >= _MOSTLY for one in question.reach.spans for other in mine.reach.spans)


def _words(question: Question, fact: str) -> list[str]:
    return str(question.facts.get(fact, "")).split()


@dataclass(slots=True)
class Memory:
    """What is known of a person's answers; made by `remembered`."""

    asked: Counter[str] = field(default_factory=Counter)
    """By kind, skips not counted."""
    known: Counter[str] = field(default_factory=Counter)
    skips: dict[str, list[datetime]] = field(default_factory=dict)
    """By kind, those since the last other answer."""
    silences: list[Silence] = field(default_factory=list)
    splits: list[tuple[str, Span]] = field(default_factory=list)
    """Kinds and times of which the person said that they do not belong together."""
    parted: set[str] = field(default_factory=set)
    """Keys of the questions of which they said so."""
    unticked: set[str] = field(default_factory=set)
    """Keys of items that were left unticked: of most the person said that their default is wrong."""
    resting: dict[str, datetime] = field(default_factory=dict)
    """Keys of items of which the person is not sure, and until when they are not asked about."""
    live: dict[str, Answered] = field(default_factory=dict)
    """All answers that were not undone, by their ids."""
    refuted: set[str] = field(default_factory=set)
    """Ids of answers that a check has taken back."""
    confirmed: Counter[str] = field(default_factory=Counter)
    """How many checks have let an answer stand, by its id."""
    supported: set[str] = field(default_factory=set)
    """Ids of answers about places on whose town a trip's name was taken that the person let stand."""
    doubted: set[str] = field(default_factory=set)
    """Ids of those whose trip's name the person unticked: the place may be wrong, or the name."""
    checked: set[str] = field(default_factory=set)
    """Ids of answers that need no further check."""
    ticks: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By label: of the photos asked about, those on which it was, and was not."""
    elsewhere: list[Elsewhere] = field(default_factory=list)
    """Towns in which the person says that they were not, and when."""
    named: list[NamedDays] = field(default_factory=list)
    """What days were called."""
    guessed: dict[int, tuple[int, int]] = field(default_factory=dict)
    """By year: of the days of which nothing but what is usual was known, those that were guessed right, and wrong."""
    answered_at: list[datetime] = field(default_factory=list)

    def knows(self, kind: str) -> float:
        """Return the chance that the person knows the answer to such a question."""
        prior = PRIORS[kind].knows
        return (prior * KNOWS_WEIGHT + self.known[kind]) / (KNOWS_WEIGHT + self.asked[kind])

    @property
    def trust(self) -> float:
        """The chance that an answer is what the person meant."""
        right, wrong = len(self.confirmed), len(self.refuted)
        return (TRUST * TRUST_WEIGHT + right) / (TRUST_WEIGHT + right + wrong)

    def fineness(self, kind: str, at: str) -> int:
        """Return how often the person has said that photos of that hour (2024-06-15T13) belong to different groups."""
        return sum(one == kind and span.since <= at <= span.until for one, span in self.splits)

    def as_usual(self, year: int, believed: float, *, weight: float = 8.0) -> float:
        """Return the chance that a day was spent as is usual, after what the person said of days of about that year.

        Args:
            year: In which it was.
            believed: The chance before anything was said, 0-1.
            weight: How many days that counts as much as.
        """
        near = [self.guessed.get(one, (0, 0)) for one in (year - 1, year, year + 1)]
        right, wrong = sum(one[0] for one in near), sum(one[1] for one in near)
        return (believed * weight + right) / (weight + right + wrong)

    def is_out(self, key: str, at: datetime) -> bool:
        """Whether an item is not to be asked about: its default is wrong, or the person was not sure lately."""
        return key in self.unticked or (key in self.resting and at < self.resting[key])

    def was_refused(self, kind: str, span: Span, name: str) -> bool:
        """Whether the person has said in a grid of that kind that most of some hours isn't called so."""
        return is_among(self.unticked, kind, span, name)

    def named_beside(self, since: datetime, until: datetime, *, within: timedelta) -> list[NamedDays]:
        """Return the days next to some hours that the person has given a name, as `beside` does."""
        near = beside(self.named, since, until, within=within)
        gone = self.refuted | {one.answer_id for one in self.held()} if near else set()
        return [one for one in near if one.answer_id not in gone]

    def is_silent(self, question: Question, at: datetime) -> bool:
        """Whether a question is not to be asked now: for good, for some time, or because its kind is unwelcome."""
        skips = self.skips.get(question.kind, [])
        if len(skips) >= SKIPS_TO_QUIET and at < skips[-1] + QUIET:
            return True
        return any(silence.covers(question, at) for silence in self.silences)

    def unchecked(self) -> list[Answered]:
        """Return the answers that changed something and that no check has confirmed yet, the largest first."""
        found = [
            one
            for one in self.live.values()
            if one.question.kind != CHECK and one.photos and not one.is_held
            if one.answer_id not in self.checked and one.answer_id not in self.refuted
        ]
        return sorted(found, key=lambda one: (-one.photos, one.answer_id))

    def held(self) -> list[Answered]:
        """Return the answers that wait for a check before they change anything."""
        done = self.checked | self.refuted
        return [one for one in self.live.values() if one.is_held and one.answer_id not in done]


def remembered(events: Iterable[Event]) -> Memory:
    """Return what follows from all that was said and not undone, in the order of time."""
    said = list(events)
    undone = {one.answer_id for one in said if isinstance(one, AnswerUndone)}
    memory = Memory()
    for event in said:
        if isinstance(event, Answered) and event.answer_id not in undone:
            _take_in(memory, event)
    return memory


def _take_in(memory: Memory, event: Answered) -> None:
    question, answer, kind = event.question, event.answer, event.question.kind
    memory.live[event.answer_id] = event
    memory.answered_at.append(event.at)
    if isinstance(answer, Skip):
        memory.skips.setdefault(kind, []).append(event.at)
        memory.silences.append(Silence(question, event.at + SKIPPED_RESTS, event.answer_id))
        return
    memory.skips.pop(kind, None)
    memory.asked[kind] += 1
    if isinstance(answer, Never):
        memory.silences.append(Silence(question, None, event.answer_id))
        return
    if isinstance(answer, NotSure):
        _let_rest(memory, event)
        return
    if isinstance(answer, Several):
        memory.splits += [(kind, span) for span in question.reach.spans]
        memory.parted.add(question.key)
        if not question.can_be_parted:
            memory.silences.append(Silence(question, None, event.answer_id))
        return
    memory.known[kind] += 1
    if kind == CHECK:
        _take_in_check(memory, question, answer)
    elif question.facts.get("once") or event.is_held:
        memory.silences.append(Silence(question, None, event.answer_id))
    if isinstance(answer, Yes | No) and question.items:
        wrong = {one.key for one in question.items if isinstance(answer, No) or one.key in answer.but_not}
        memory.unticked |= wrong
        memory.elsewhere += hours_elsewhere(question, answer)
        _take_in_guesses(memory, question, answer)
        _take_in_trips(memory, question, wrong)
    memory.named += days_named(event.answer_id, question, answer)
    if kind in {"label", "lookalike"} and isinstance(answer, Yes | No):
        _take_in_ticks(memory, question, answer)


def _let_rest(memory: Memory, event: Answered) -> None:
    """Let what the person is not sure of rest; of several things only those, as others may share their time."""
    until = event.at + NOT_SURE_RESTS
    if event.question.items:
        memory.resting |= {one.key: until for one in event.question.items}
    else:
        memory.silences.append(Silence(event.question, until, event.answer_id))


def _take_in_check(memory: Memory, question: Question, answer: Answer) -> None:
    asked = set(str(question.facts["answers"]).split())
    wrong = asked if isinstance(answer, No) else set(answer.but_not) & asked if isinstance(answer, Yes) else set()
    further = set(str(question.facts.get(FURTHER, "")).split())
    for answer_id in asked:
        if answer_id in wrong:
            memory.refuted.add(answer_id)
            continue
        memory.confirmed[answer_id] += 1
        if answer_id not in further:
            memory.checked.add(answer_id)
    there = [memory.live[one] for one in asked if one in memory.live]
    again = {one.answer_id for one in there if one.answer_id in wrong or _waits(one)}
    memory.silences = [one for one in memory.silences if one.answer_id not in again]


def _waits(answered: Answered) -> bool:
    """Whether a question is not asked only because its answer is held."""
    return answered.is_held and not answered.question.facts.get("once")


def _take_in_guesses(memory: Memory, question: Question, answer: Yes | No) -> None:
    """Take in how often what is usual was right, of somebody who has looked: who let all stand may not have."""
    if question.kind != "places" or was_let_stand(question, answer):
        return
    wrong = {one.key for one in refused(question, answer)}
    left = {one.key for one in unticked(question, answer)} - wrong
    for item in question.items:
        if item.is_usual and item.key not in left:
            right, was_wrong = memory.guessed.get(year := int(item.span.since[:4]), (0, 0))
            memory.guessed[year] = right + (item.key not in wrong), was_wrong + (item.key in wrong)


def _take_in_trips(memory: Memory, question: Question, wrong: set[str]) -> None:
    """Take in what the names of trips say of the places that were given before, and of whose towns they were made.

    A trip is called by the town of more than half of its photos: so by that of an answer about more than half of them.
    """
    if question.kind != "events":
        return
    places = [one for one in memory.live.values() if one.question.kind == "place" and one.photos]
    for item in question.items:
        there = {
            one.answer_id
            for one in places
            if 2 * one.photos > item.photos
            if any(span.shared(item.span) > _MOSTLY for span in one.question.reach.spans)
        }
        if item.key in wrong:
            memory.doubted |= set() if item.is_doubtful else there  # else the name was in doubt, not the place
        else:
            memory.supported |= there


def _take_in_ticks(memory: Memory, question: Question, answer: Yes | No) -> None:
    label = str(question.facts["label"])
    wrong = len(question.shown) if isinstance(answer, No) else len(answer.but_not)
    right, was_wrong = memory.ticks.get(label, (0, 0))
    memory.ticks[label] = right + len(question.shown) - wrong, was_wrong + wrong


def precision(ticks: Mapping[str, tuple[int, int]], label: str, believed: float, *, weight: float = 12.0) -> float:
    """Return how often a label is right on photos on which the network is so sure, after what the person has ticked.

    Args:
        ticks: As `Memory` holds them.
        label: Its name, folded.
        believed: The network's calibrated confidence, 0-1.
        weight: How many answers that counts as much as.
    """
    right, wrong = ticks.get(label, (0, 0))
    return (believed * weight + right) / (weight + right + wrong)
