"""What questions are worth: simulated people with libraries of known truth, and policies side by side.

    python -m tests.bench.questions [--seeds 0-2] [--questions 50] [--only ours,simple]

For each policy, over the first questions: bits and fields mended per answer and per second, wrong propagations, search
quality before and after; and how many questions per 100 photos lead to 90 % of all fields being right.
"""

import argparse
import asyncio
import math
import random
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from heliograph.photos import PhotoId
from heliograph_metadata.domain.photo import Photo, Source
from heliograph_metadata.domain.questions.answers import Effect
from heliograph_metadata.domain.questions.question import Answer, Named, Question
from heliograph_metadata.domain.questions.value import PRIORS
from heliograph_metadata.domain.terms import folded
from heliograph_metadata.service.search import Search
from tests.bench.answering import SimulatedPerson, date_is_right, is_near
from tests.bench.people import NOW, PET_NAMES, PLACE_NAMES, Life, Truth, a_life
from tests.builders import OWNER
from tests.fakes.in_memory_album_store import InMemoryAlbumStore
from tests.fakes.in_memory_questions import InMemoryQuestions
from tests.fakes.metered_index import MeteredIndex

_SURE: Final = 0.5
_TINY: Final = 1e-4
_SAID: Final = 0.95
"""How sure an album or a keyword is: they state nothing of their own."""
_DATE_BITS: Final = math.log2(3650)
_CLOCK_BITS: Final = math.log2(97)
_WORD_BITS: Final = math.log2(1000)
_PLACE_NAME_BITS: Final = math.log2(4)
_PET_BITS: Final = math.log2(8)
_TAKE_BITS: Final = 1.0
_COMPLETE: Final = 0.9
_SEARCHED_AFTER: Final = 20
WANTED: Final = frozenset({"place", "date"})
"""The fields that were masked, and that completeness is about."""
WEIGHTS: Final = {
    "place": 0.25, "date": 0.20, "label": 0.30, "word": 0.30, "event": 0.10, "name": 0.10, "pet": 0.15, "take": 0.03,
}  # fmt: skip
"""In which shares such fields are searched for, as the engine takes it."""
_JOINT: Final = frozenset({"places", "events", "check"})

Pick = Callable[[Sequence[Question], random.Random, Counter[str]], Question]


def _most_photos(question: Question) -> tuple[int, str]:
    return question.reach.photos, question.question_id


def _in_turn(found: Sequence[Question], dice: random.Random, asked: Counter[str]) -> Question:
    """Return the largest of the kind that was asked least."""
    del dice
    least = min(asked[one.kind] for one in found)
    return max((one for one in found if asked[one.kind] == least), key=_most_photos)


def _largest(found: Sequence[Question], dice: random.Random, asked: Counter[str]) -> Question:
    del dice, asked
    return max(found, key=_most_photos)


def _least_sure(found: Sequence[Question], dice: random.Random, asked: Counter[str]) -> Question:
    del dice, asked
    return min(found, key=lambda one: (one.confidence, one.question_id))


def _any(found: Sequence[Question], dice: random.Random, asked: Counter[str]) -> Question:
    del asked
    return dice.choice(found)


def _newest(found: Sequence[Question], dice: random.Random, asked: Counter[str]) -> Question:
    """Return the question about the latest photos; what has no time comes last."""
    del dice, asked
    return max(found, key=lambda one: (one.reach.spans[-1].until if one.reach.spans else "", *_most_photos(one)))


@dataclass(frozen=True, slots=True)
class Policy:
    """What is asked next."""

    pick: Pick
    is_simple: bool = True
    """Whether it has plain groups, as an application without the engine has them: of each kind, one at a time, no grid
    over years, no joined clocks, no checks; what is answered is done."""


POLICIES: Final = {
    "ours": Policy(lambda found, dice, asked: found[0], is_simple=False),  # noqa: ARG005 - as all policies
    "simple: most photos first": Policy(_largest),
    "simple: each kind in turn": Policy(_in_turn),
    "simple: lowest confidence first": Policy(_least_sure),
    "simple: newest first": Policy(_newest),
    "simple: random": Policy(_any),
    "engine's questions, most photos first": Policy(_largest, is_simple=False),
    "engine's questions, lowest confidence first": Policy(_least_sure, is_simple=False),
    "engine's questions, random": Policy(_any, is_simple=False),
}


class PlainQuestions(InMemoryQuestions):
    """A library whose owner's answers are done as they come, without the engine's second thoughts."""

    def ranked(self, now: datetime, *, least: float = 0.0) -> list[Question]:
        """Return the groups of each kind, in no order of worth."""
        del least
        found = [one for one in self.candidates(now) if one.kind not in _JOINT and not self.memory.is_silent(one, now)]
        return sorted(found, key=lambda one: one.question_id)

    def effect_of(self, question: Question, answer: Answer) -> Effect:
        """Return what an answer does, also where it contradicts what is known."""
        return replace(super().effect_of(question, answer), held="")


Field = tuple[str, bool, bool, float]
"""Its name, whether it says something, whether that is right, and the bits by which the truth would surprise."""


class Judge:
    """Compares a library with what is true."""

    def __init__(self, life: Life) -> None:
        self._truth = life.truth
        towns = Counter(
            life.truth[photo.photo_id].location.place for photo in life.photos if photo.location is not None
        )
        total = towns.total() + len(towns) + 1
        self._event_bits = math.log2(len(life.names) + 1)
        self._unseen = {photo.photo_id for photo in life.photos if not photo.labels}
        """Photos on which no network saw anything."""
        self._towns = {truth.location.place: (towns[truth.location.place] + 1) / total for truth in life.truth.values()}

    def fields(self, photo: Photo) -> list[Field]:
        """Return the fields of a photo: place, date, and each label that a network or a person has seen."""
        truth = self._truth[photo.photo_id]
        found = [self._place(photo, truth), self._date(photo, truth), *self._labels(photo, truth)]
        if truth.event_name or photo.album_ids:
            found.append(_named("event", truth.event_name, photo.album_ids, self._event_bits))
        if truth.place_name or photo.keywords:
            found.append(_named("name of place", truth.place_name, photo.keywords, _PLACE_NAME_BITS))
        if truth.takes:
            is_out = photo.trashed_at is not None
            surprise = -math.log2(_SAID if is_out != truth.is_best else 1 - _SAID) if is_out else _TAKE_BITS
            found.append(("take", is_out, is_out and not truth.is_best, surprise))
        return found

    def _pet(self, photo: Photo, truth: Truth) -> Field | None:
        called = {folded(name) for name in PET_NAMES.values()}
        names = {folded(one.name) for one in photo.labels} & called
        return _named("pet", folded(truth.pet), names, _PET_BITS) if truth.pet or names else None

    def _place(self, photo: Photo, truth: Truth) -> Field:
        share = self._towns[truth.location.place]
        if photo.location is None:
            return "place", False, False, -math.log2(share)
        sure = min(photo.location.confidence, 1 - _TINY)
        if is_near(photo.point, truth.location):
            return "place", True, True, -math.log2(sure)
        return "place", True, False, -math.log2((1 - sure) * share)

    def _date(self, photo: Photo, truth: Truth) -> Field:
        taken = photo.taken_at
        if taken is None or taken.source is Source.DEFAULT:
            return "date", False, False, _DATE_BITS
        sure = min(taken.confidence, 1 - _TINY)
        if date_is_right(taken.value, truth):
            return "date", True, True, -math.log2(sure)
        choice = _DATE_BITS if taken.source is Source.PERSON or taken.value.year == 2000 else _CLOCK_BITS
        return "date", True, False, choice - math.log2(1 - sure)

    def _labels(self, photo: Photo, truth: Truth) -> list[Field]:
        pet = self._pet(photo, truth)
        called = {folded(name) for name in PET_NAMES.values()}
        shown = {folded(one.name): one for one in photo.labels if folded(one.name) not in called}
        if photo.photo_id in self._unseen:
            names = {folded(name) for name in truth.shows} & shown.keys()
            word = _named("word", min(names, default="-"), set(shown), _WORD_BITS)
            return [word, pet] if pet else [word]
        chances = {name: min(one.confidence, 1 - _TINY) for name, one in shown.items()}
        chances |= dict.fromkeys(photo.rejected_labels, 0.05)
        true = {folded(name) for name in truth.shows}
        found = []
        for name, chance in sorted(chances.items()):
            is_right = (chance >= _SURE) == (name in true)
            found.append((f"label {name}", True, is_right, -math.log2(chance if name in true else 1 - chance)))
        return [*found, pet] if pet else found


def _named(field: str, true: str, said: Collection[str], unknown: float) -> Field:
    """Return a field of names: right where all that is said is true."""
    if not said:
        return field, False, False, unknown
    is_right = set(said) == {true}
    return field, True, is_right, -math.log2(_SAID) if is_right else unknown - math.log2(1 - _SAID)


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


async def search_quality(
    photos: Sequence[Photo], queries: Sequence[tuple[str, frozenset[PhotoId]]]
) -> tuple[float, float]:
    """Return the mean average precision of fixed searches by the service itself: of those without names, and of all."""
    index = MeteredIndex(photos)
    search = Search(index, InMemoryAlbumStore(), index)
    precisions = []
    for text, expected in queries:
        found: list[PhotoId] = []
        cursor = None
        while len(found) < 600:
            page = await search.find(OWNER, text, cursor=cursor, limit=200)
            found += [one.posting.photo_id for one in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        hits, total = 0, 0.0
        for rank, photo_id in enumerate(found, 1):
            if photo_id in expected:
                hits += 1
                total += hits / rank
        precisions.append(total / min(len(expected), 600))
    plain = [one for one, (text, _) in zip(precisions, queries, strict=True) if ":" in text]
    return sum(plain) / len(plain), sum(precisions) / len(precisions)


def queries_of(life: Life) -> list[tuple[str, frozenset[PhotoId]]]:
    """Return searches that fit this person's life, each with the photos that truly belong."""

    def meant(holds: Callable[[Truth], bool]) -> frozenset[PhotoId]:
        return frozenset(photo_id for photo_id, truth in life.truth.items() if holds(truth))

    towns = Counter(truth.location.place.city for truth in life.truth.values() if truth.location.place)
    things = Counter(thing for truth in life.truth.values() for thing in truth.shows)
    months = Counter(f"{truth.taken_at:%Y-%m}" for truth in life.truth.values())

    def in_town(city: str) -> Callable[[Truth], bool]:
        return lambda truth: truth.location.place is not None and truth.location.place.city == city

    def showing(thing: str) -> Callable[[Truth], bool]:
        return lambda truth: thing in truth.shows

    def in_month(month: str) -> Callable[[Truth], bool]:
        return lambda truth: f"{truth.taken_at:%Y-%m}" == month

    def called(name: str) -> Callable[[Truth], bool]:
        return lambda truth: name in {truth.place_name, truth.pet}

    def both(one: Callable[[Truth], bool], other: Callable[[Truth], bool]) -> Callable[[Truth], bool]:
        return lambda truth: one(truth) and other(truth)

    found = [(f'place:"{city}"', meant(in_town(city))) for city, _ in towns.most_common(12)]
    found += [(f'label:"{thing}"', meant(showing(thing))) for thing, _ in things.most_common(12)]
    found += [(f"month:{month}", meant(in_month(month))) for month, _ in months.most_common(8)]
    found += [
        (f'place:"{city}" label:"{thing}"', meant(both(in_town(city), showing(thing))))
        for city, _ in towns.most_common(6)
        for thing, _ in things.most_common(3)
    ]
    found += [(f'"{name}"', meant(called(name))) for name in (*PLACE_NAMES.values(), *PET_NAMES.values())]
    return [(text, expected) for text, expected in found if expected]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="0-2", help="which people: the first and the last")
    parser.add_argument("--questions", type=int, default=50)
    parser.add_argument("--errs", type=float, default=0.05)
    parser.add_argument("--size", type=float, default=2.0)
    parser.add_argument("--per-hundred", type=float, default=1.0)
    parser.add_argument("--only", default="")
    parser.add_argument("--no-search", action="store_true")
    parser.add_argument("--tell", action="store_true", help="each question and what came of it")
    said = parser.parse_args()
    first, last = map(int, said.seeds.split("-"))
    policies = {
        name: policy
        for name, policy in POLICIES.items()
        if not said.only or any(name.startswith(one) for one in said.only.split(","))
    }
    runs: dict[str, list[Run]] = {name: [] for name in policies}
    further: list[Run] = []
    for seed in range(first, last + 1):
        life = a_life(seed, size=said.size)
        library = InMemoryQuestions(life.photos)
        print(f"person {seed}: {len(life.photos)} photos", flush=True)
        for name, policy in policies.items():
            session = Session(life, library, policy, seed, errs=said.errs, is_told=said.tell)
            run = _asked(
                session, life, said.questions, with_search=not said.no_search and not name.startswith("engine")
            )
            runs[name].append(run)
            print(f"  {name}: {_line(run)}", flush=True)
            if name == "ours" and said.per_hundred:
                further.append(_asked_on(session, said.per_hundred))
                print(f"  on: {_further(further[-1])}", flush=True)
    for name, several in runs.items():
        _report(name, several)
    for run in further:
        print(f"  {_further(run)}")
    for name, several in runs.items():
        if "ours" in runs and name != "ours":
            _compare(name, runs["ours"], several)


def _line(run: Run) -> str:
    quality = " → ".join(f"{one[0]:.3f} ({one[1]:.3f})" for one in run.quality)
    return (
        f"{run.answers} answers {run.seconds:.0f} s {run.bits:.0f} bits {run.weighted:.0f} weighted "
        f"{run.mended - run.spoiled} fields, wrong {run.wrong} of {run.said}, "
        f"complete {run.began:.3f} → {run.complete:.3f}, precision {quality}"
    )


def _further(run: Run) -> str:
    reached = f"{100 * run.to_complete / run.photos:.2f}" if run.to_complete else "not reached:"
    return (
        f"{run.photos} photos: 90 % complete after {reached} questions per 100 photos; "
        f"{run.complete:.3f} after {100 * run.answers / run.photos:.2f}; "
        f"wrong {run.wrong} of {run.said}: {run.wrong / max(run.said, 1):.2%}"
    )


def _compare(name: str, ours: Sequence[Run], others: Sequence[Run]) -> None:
    """Print how much more we come to in a second, and in as many seconds as the other policy took."""
    mine, theirs = _rates(ours), _rates(others)
    print(
        f"ours against {name}: {mine[0] / theirs[0]:.2f} × bits, {mine[1] / theirs[1]:.2f} × weighted bits, "
        f"{mine[2] / theirs[2]:.2f} × fields a second"
    )
    by_then = [one.by_then(other.seconds) for one, other in zip(ours, others, strict=True)]
    bits, mended = sum(other.bits for other in others), sum(other.mended - other.spoiled for other in others)
    print(
        f"  in the seconds that it took: {sum(one[0] for one in by_then) / bits:.2f} × bits, "
        f"{sum(one[1] for one in by_then) / mended:.2f} × fields"
    )


def _rates(runs: Sequence[Run]) -> tuple[float, float, float]:
    seconds = sum(run.seconds for run in runs)
    return (
        sum(run.bits for run in runs) / seconds,
        sum(run.weighted for run in runs) / seconds,
        sum(run.mended - run.spoiled for run in runs) / seconds,
    )


def _asked(session: Session, life: Life, questions: int, *, with_search: bool) -> Run:
    """Return what the first questions come to, and how well is searched before any and after 20 of them."""
    queries = queries_of(life)
    for number in range(questions):
        if number in {0, _SEARCHED_AFTER} and with_search:
            photos = list(session.library.photos.values())
            session.run.quality.append(asyncio.run(search_quality(photos, queries)))
        if not session.ask():
            break
    return session.end()


def _asked_on(session: Session, per_hundred: float) -> Run:
    """Return what it comes to after so many questions per 100 photos."""
    while session.run.answers < per_hundred * session.run.photos / 100 and session.ask():
        pass
    return session.end()


def _report(name: str, runs: Sequence[Run]) -> None:
    answers, seconds = sum(run.answers for run in runs), sum(run.seconds for run in runs)
    bits, mended = sum(run.bits for run in runs), sum(run.mended - run.spoiled for run in runs)
    print(f"\n{name}: {answers} answers in {seconds:.0f} simulated seconds")
    weighted = sum(run.weighted for run in runs)
    print(
        f"  bits {bits / answers:.0f} an answer, {bits / seconds:.1f} a second; weighted {weighted / seconds:.2f}; "
        f"fields mended {mended / answers:.1f} an answer, {mended / seconds:.2f} a second"
    )
    said, wrong = sum(run.said for run in runs), sum(run.wrong for run in runs)
    print(f"  wrong {wrong} of {said} fields that answers set: {wrong / max(said, 1):.2%}")
    by_field = sum((run.wrong_by_field for run in runs), Counter())
    print("    of them " + (", ".join(f"{count} {name}" for name, count in by_field.most_common()) or "none"))
    print("  complete " + ", ".join(f"{run.began:.3f} → {run.complete:.3f}" for run in runs))
    if all(len(run.quality) == 2 for run in runs):
        for which, called in enumerate(("places, labels and months", "these and names")):
            before, after = (sum(run.quality[at][which] for run in runs) / len(runs) for at in (0, 1))
            print(f"  mean average precision of {called} {before:.3f} → {after:.3f} after 20")
    kinds = sum((run.kinds for run in runs), Counter())
    for kind, count in kinds.most_common():
        sums = sum((run.by_kind.get(kind, Counter()) for run in runs), Counter())
        print(
            f"    {kind:10} {count:4} asked in {sums['seconds']:5.0f} s, {sums['bits']:7.0f} bits and "
            f"{sums['fields']:6} fields: {sums['bits'] / sums['seconds']:6.1f} and "
            f"{sums['fields'] / sums['seconds']:5.2f} a second"
        )


if __name__ == "__main__":
    main()
