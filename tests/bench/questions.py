"""What questions are worth: simulated people with libraries of known truth, and policies side by side.

    python -m tests.bench.questions [--people 6] [--questions 50]

For each policy, over the first questions: bits and fields mended per answer and per second, wrong propagations, search
quality before and after; and how many questions per 100 photos lead to 90 % of all fields being right.
"""

import argparse
import asyncio
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from heliograph.photos import PhotoId
from heliograph_metadata.domain.photo import Photo, Source
from heliograph_metadata.domain.questions.question import Question
from heliograph_metadata.domain.terms import folded
from heliograph_metadata.service.search import Search
from tests.bench.answering import SimulatedPerson, date_is_right, is_near
from tests.bench.people import NOW, Life, Truth, a_life
from tests.builders import OWNER
from tests.fakes.in_memory_album_store import InMemoryAlbumStore
from tests.fakes.in_memory_questions import InMemoryQuestions
from tests.fakes.metered_index import MeteredIndex

Policy = Callable[[Sequence[Question], random.Random], Question]
MEASURED: Final = frozenset({"place", "places", "date", "clock", "label", "check"})
"""The kinds whose answers can be compared with what is true here; no policy asks others."""
WANTED: Final = frozenset({"place", "date"})
"""The fields that were masked, and that completeness is about."""
_SURE: Final = 0.5
_TINY: Final = 1e-4
_DATE_BITS: Final = math.log2(3650)
_CLOCK_BITS: Final = math.log2(97)
_COMPLETE: Final = 0.9
_SEARCHED_AFTER: Final = 20


def _most_photos(question: Question) -> tuple[int, str]:
    return question.reach.photos, question.question_id


def _groups(found: Sequence[Question]) -> Sequence[Question]:
    return [one for one in found if one.kind not in {"places", "check"}] or found


POLICIES: Final[dict[str, Policy]] = {
    "ours": lambda found, _: found[0],
    "random": lambda found, dice: dice.choice(found),
    "most photos first": lambda found, _: max(found, key=_most_photos),
    "lowest confidence first": lambda found, _: min(found, key=lambda one: (one.confidence, one.question_id)),
    "most photos first, groups alone": lambda found, _: max(_groups(found), key=_most_photos),
    "random, groups alone": lambda found, dice: dice.choice(_groups(found)),
}
"""Groups alone: without the grid over years and the checks, which are the engine's own."""

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
        self._towns = {truth.location.place: (towns[truth.location.place] + 1) / total for truth in life.truth.values()}

    def fields(self, photo: Photo) -> list[Field]:
        """Return the fields of a photo: place, date, and each label that a network or a person has seen."""
        truth = self._truth[photo.photo_id]
        return [self._place(photo, truth), self._date(photo, truth), *self._labels(photo, truth)]

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
        shown = {folded(one.name): one for one in photo.labels}
        chances = {name: min(one.confidence, 1 - _TINY) for name, one in shown.items()}
        chances |= dict.fromkeys(photo.rejected_labels, 0.05)
        true = {folded(name) for name in truth.shows}
        found = []
        for name, chance in sorted(chances.items()):
            is_right = (chance >= _SURE) == (name in true)
            found.append((f"label {name}", True, is_right, -math.log2(chance if name in true else 1 - chance)))
        return found


@dataclass(slots=True)
class Run:
    """What one policy came to with one person."""

    photos: int = 0
    answers: int = 0
    seconds: float = 0.0
    bits: float = 0.0
    mended: int = 0
    spoiled: int = 0
    """Fields that were right and no longer are."""
    said: int = 0
    """Fields that bear a person's word at the end."""
    wrong: int = 0
    """Of them, those that are not so."""
    complete: float = 0.0
    began: float = 0.0
    to_complete: int | None = None
    quality: list[float] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    bits_by_kind: Counter[str] = field(default_factory=Counter)


class Session:
    """One person, one policy."""

    def __init__(self, life: Life, policy: Policy, seed: int, *, errs: float) -> None:
        self.library = InMemoryQuestions(life.photos)
        self.person = SimulatedPerson(life, seed, errs=errs)
        self.judge = Judge(life)
        self.policy, self.dice = policy, random.Random(seed)
        self.fields = {photo.photo_id: self.judge.fields(photo) for photo in life.photos}
        wanted = [one for fields in self.fields.values() for one in fields if one[0] in WANTED]
        self._wanted, self._right = len(wanted), sum(one[2] for one in wanted)
        self.run = Run(photos=len(life.photos), began=self.completeness)
        self.now = NOW

    @property
    def completeness(self) -> float:
        """The share of places and dates that are right: of what was masked."""
        return self._right / self._wanted

    def ask(self) -> bool:
        """Ask one question, and take the answer in; False where there is none left."""
        run = self.run
        self.now += timedelta(seconds=10)
        found = [one for one in self.library.ranked(self.now) if one.kind in MEASURED]
        if not found:
            return False
        question = self.library.asked(self.policy(found, self.dice), self.now)
        photo_ids = self.library.reached(question, self.now) if question.kind != "check" else []
        said, seconds = self.person.answer(question, photo_ids, self.library)
        changed = self.library.answer(f"a{run.answers}", question, said, self.now)
        bits = self._take_in(changed)
        run.answers += 1
        run.seconds += seconds
        run.bits += bits
        run.kinds[question.kind] += 1
        run.bits_by_kind[question.kind] += bits  # type: ignore[assignment]
        run.complete = self.completeness
        if run.to_complete is None and run.complete >= _COMPLETE:
            run.to_complete = run.answers
        return True

    def _take_in(self, changed: Sequence[PhotoId]) -> float:
        bits = 0.0
        for photo_id in changed:
            before, after = self.fields[photo_id], self.judge.fields(self.library.photos[photo_id])
            was = {one[0]: one for one in before}
            for name, _, is_right, surprise in after:
                bits += was[name][3] - surprise if name in was else 0.0
                self.run.mended += is_right and not was[name][2]
                self.run.spoiled += was[name][2] and not is_right
                if name in WANTED:
                    self._right += int(is_right) - int(was[name][2])
            self.fields[photo_id] = after
        return bits

    def end(self) -> Run:
        """Return what it has come to: what people have said counted, and what of it is wrong."""
        self.run.said = self.run.wrong = 0
        for photo_id, fields in self.fields.items():
            photo = self.library.photos[photo_id]
            said = {f"label {folded(one.name)}" for one in photo.labels if one.source is Source.PERSON}
            said |= {f"label {name}" for name in photo.rejected_labels}
            said |= {"place"} if photo.location and photo.location.source is Source.PERSON else set()
            said |= {"date"} if photo.taken_at and photo.taken_at.source is Source.PERSON else set()
            self.run.said += sum(name in said for name, *_ in fields)
            self.run.wrong += sum(name in said and not is_right for name, _, is_right, _ in fields)
        return replace(self.run, kinds=Counter(self.run.kinds), bits_by_kind=Counter(self.run.bits_by_kind))


async def search_quality(photos: Sequence[Photo], queries: Sequence[tuple[str, frozenset[PhotoId]]]) -> float:
    """Return the mean average precision of a fixed set of searches, as the service answers them."""
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
    return sum(precisions) / len(precisions)


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
    return [(text, expected) for text, expected in found if expected]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=6)
    parser.add_argument("--questions", type=int, default=50)
    parser.add_argument("--errs", type=float, default=0.05)
    parser.add_argument("--size", type=float, default=2.0)
    parser.add_argument("--per-hundred", type=float, default=1.0)
    parser.add_argument("--only", default="")
    parser.add_argument("--no-search", action="store_true")
    said = parser.parse_args()
    lives = [a_life(seed, size=said.size) for seed in range(said.people)]
    print(f"{len(lives)} people, {', '.join(str(len(life.photos)) for life in lives)} photos")
    further: list[Run] = []
    rates: dict[str, tuple[float, float]] = {}
    for name, policy in POLICIES.items():
        if said.only and name not in said.only:
            continue
        began = time.perf_counter()
        runs = []
        for number, life in enumerate(lives):
            session = Session(life, policy, number, errs=said.errs)
            runs.append(_asked(session, life, said.questions, with_search=not said.no_search))
            if name == "ours":
                further.append(_asked_on(session, said.per_hundred))
        rates[name] = _report(name, runs, time.perf_counter() - began)
    for run in further:
        reached = f"{100 * run.to_complete / run.photos:.2f}" if run.to_complete else "not reached:"
        print(
            f"  {run.photos} photos: 90 % complete after {reached} questions per 100 photos; "
            f"{run.complete:.3f} after {100 * run.answers / run.photos:.2f}; "
            f"wrong {run.wrong} of {run.said}: {run.wrong / max(run.said, 1):.2%}"
        )
    for name, rate in rates.items():
        if "ours" in rates and name != "ours":
            ours = rates["ours"]
            print(f"ours against {name}: {ours[0] / rate[0]:.2f} × bits, {ours[1] / rate[1]:.2f} × fields a second")


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


def _report(name: str, runs: Sequence[Run], took: float) -> tuple[float, float]:
    answers, seconds = sum(run.answers for run in runs), sum(run.seconds for run in runs)
    bits, mended = sum(run.bits for run in runs), sum(run.mended - run.spoiled for run in runs)
    print(f"\n{name}: {answers} answers in {seconds:.0f} simulated seconds ({took:.0f} s of machine)")
    print(
        f"  bits {bits / answers:.0f} an answer, {bits / seconds:.1f} a second; "
        f"fields mended {mended / answers:.1f} an answer, {mended / seconds:.2f} a second"
    )
    said, wrong = sum(run.said for run in runs), sum(run.wrong for run in runs)
    print(f"  wrong {wrong} of {said} fields that answers set: {wrong / max(said, 1):.2%}")
    print("  complete " + ", ".join(f"{run.began:.3f} → {run.complete:.3f}" for run in runs))
    if all(len(run.quality) == 2 for run in runs):
        before, after = (sum(run.quality[at] for run in runs) / len(runs) for at in (0, 1))
        print(f"  mean average precision {before:.3f} → {after:.3f} after 20")
    kinds, by_kind = sum((run.kinds for run in runs), Counter()), sum((run.bits_by_kind for run in runs), Counter())
    print("  " + ", ".join(f"{kind}: {count} asked, {by_kind[kind]:.0f} bits" for kind, count in kinds.most_common()))
    return bits / seconds, mended / seconds


if __name__ == "__main__":
    main()
