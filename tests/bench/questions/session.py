"""One person who is asked by one policy, and what that comes to."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from heliograph.photos import PhotoId
from heliograph_metadata.domain.photo import Source
from heliograph_metadata.domain.questions.question import Answer, Named, Question
from heliograph_metadata.domain.questions.value import PRIORS
from heliograph_metadata.domain.terms import folded
from tests.bench.answering import SimulatedPerson
from tests.bench.people import NOW, Life
from tests.bench.questions.judging import WEIGHTS, Judge
from tests.bench.questions.policies import PlainQuestions, Policy
from tests.fakes.in_memory_questions import InMemoryQuestions

_COMPLETE: Final = 0.9
WANTED: Final = frozenset({"place", "date"})
"""The fields that were masked, and that completeness is about."""


@dataclass(slots=True)
class Run:
    """What one policy came to with one person."""

    photos: int = 0
    answers: int = 0
    seconds: float = 0.0
    bits: float = 0.0
    weighted: float = 0.0
    """The same, each field as often as it is searched for."""
    mended: int = 0
    spoiled: int = 0
    """Fields that were right and no longer are."""
    said: int = 0
    """Fields that bear a person's word at the end."""
    wrong: int = 0
    """Of them, those that are not so."""
    wrong_by_field: Counter[str] = field(default_factory=Counter)
    complete: float = 0.0
    began: float = 0.0
    to_complete: int | None = None
    quality: list[tuple[float, float]] = field(default_factory=list)
    curve: list[tuple[float, float, int]] = field(default_factory=list)
    """After each answer: seconds, bits, fields mended."""
    kinds: Counter[str] = field(default_factory=Counter)
    by_kind: dict[str, Counter[str]] = field(default_factory=dict)
    """Seconds, bits and fields mended."""

    def by_then(self, seconds: float) -> tuple[float, int]:
        """Return the bits and the fields mended by the last answer within so many seconds."""
        return next(((bits, mended) for at, bits, mended in reversed(self.curve) if at <= seconds), (0.0, 0))


class Session:
    """One person, one policy."""

    def __init__(
        self, life: Life, library: InMemoryQuestions, policy: Policy, seed: int, *, errs: float, is_told: bool = False
    ) -> None:
        self.library = (PlainQuestions if policy.is_simple else InMemoryQuestions).like(library)
        self.person = SimulatedPerson(life, seed, errs=errs)
        self.judge = Judge(life)
        self.policy, self.dice = policy, random.Random(seed)
        self.fields = {photo.photo_id: self.judge.fields(photo) for photo in life.photos}
        wanted = [one for fields in self.fields.values() for one in fields if one[0] in WANTED]
        self._wanted, self._right = len(wanted), sum(one[2] for one in wanted)
        self.run = Run(photos=len(life.photos), began=self.completeness)
        self.now = NOW
        self.is_told = is_told

    @property
    def completeness(self) -> float:
        """The share of places and dates that are right: of what was masked."""
        return self._right / self._wanted

    def ask(self) -> bool:
        """Ask one question, and take the answer in; False where there is none left."""
        run = self.run
        self.now += timedelta(seconds=10)
        found = self.library.ranked(self.now)
        if not found:
            return False
        question = _with_albums(self.library.asked(self.policy.pick(found, self.dice, run.kinds), self.now))
        photo_ids = self.library.reached(question, self.now) if question.kind != "check" else []
        said, seconds = self.person.answer(question, photo_ids, self.library)
        changed = self.library.answer(f"a{run.answers}", question, said, self.now)
        mended = run.mended - run.spoiled
        bits = self._take_in(changed)
        run.answers += 1
        run.seconds += seconds
        run.bits += bits
        run.kinds[question.kind] += 1
        kind = run.by_kind.setdefault(question.kind, Counter())
        for what, much in {"seconds": seconds, "bits": bits, "fields": run.mended - run.spoiled - mended}.items():
            kind[what] += much  # type: ignore[assignment]
        if self.is_told:
            self._tell(question, said, seconds, bits, len(changed))
        run.complete = self.completeness
        run.curve.append((run.seconds, run.bits, run.mended - run.spoiled))
        if run.to_complete is None and run.complete >= _COMPLETE:
            run.to_complete = run.answers
        return True

    def _take_in(self, changed: Sequence[PhotoId]) -> float:
        bits = 0.0
        for photo_id in changed:
            before, after = self.fields[photo_id], self.judge.fields(self.library.photos[photo_id])
            was, now = ({one[0]: one for one in fields} for fields in (before, after))
            for name in {*was, *now}:
                nothing = (name, False, False, 0.0)  # not so, and nobody says so
                _, _, was_right, surprised = was.get(name, nothing)
                _, _, is_right, surprises = now.get(name, nothing)
                bits += surprised - surprises
                self.run.weighted += WEIGHTS[name.partition(" ")[0]] * (surprised - surprises)
                self.run.mended += is_right and not was_right
                self.run.spoiled += was_right and not is_right
                if name in WANTED:
                    self._right += int(is_right) - int(was_right)
            self.fields[photo_id] = after
        return bits

    def end(self) -> Run:
        """Return what it has come to: what people have said counted, and what of it is wrong."""
        self.run.said = self.run.wrong = 0
        self.run.wrong_by_field.clear()
        for photo_id, fields in self.fields.items():
            photo = self.library.photos[photo_id]
            said = {f"label {folded(one.name)}" for one in photo.labels if one.source is Source.PERSON}
            said |= {f"label {name}" for name in photo.rejected_labels}
            said |= {"place"} if photo.location and photo.location.source is Source.PERSON else set()
            said |= {"date"} if photo.taken_at and photo.taken_at.source is Source.PERSON else set()
            named = {"event", "name of place", "pet", "word", "take"}  # only a person says these
            for name, is_said, is_right, _ in fields:
                if name in said or (name in named and is_said):
                    self.run.said += 1
                    self.run.wrong += not is_right
                    self.run.wrong_by_field[name.partition(" ")[0]] += not is_right
        return replace(
            self.run,
            curve=list(self.run.curve),
            kinds=Counter(self.run.kinds),
            wrong_by_field=+self.run.wrong_by_field,
            by_kind={kind: Counter(sums) for kind, sums in self.run.by_kind.items()},
        )

    def _tell(self, question: Question, said: Answer, seconds: float, bits: float, changed: int) -> None:
        worth = question.worth
        expected = worth.bits * worth.knows / PRIORS[question.kind].weight
        print(
            f"    {self.run.answers:3} {question.kind:10} {question.reach.photos:5} photos {worth.value:6.1f} "
            f"{seconds:5.1f} s (of {worth.seconds:4.1f}) {bits:7.0f} bits (of {expected:5.0f}) {changed:5} changed  "
            f"{said!r:.70}"
        )


def _with_albums(question: Question) -> Question:
    """Return the question with the albums that its names make; each is known by its name here."""
    items = tuple(
        replace(item, answer=replace(item.answer, album_id=item.answer.name))
        if isinstance(item.answer, Named)
        else item
        for item in question.items
    )
    return replace(question, items=items)
