"""Which question comes next: the most valuable one of those that are welcome."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from heapq import merge
from itertools import takewhile
from typing import Final

from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.answers import kind_of
from heliograph_metadata.domain.questions.checks import checks
from heliograph_metadata.domain.questions.kind import Kind
from heliograph_metadata.domain.questions.memory import Memory
from heliograph_metadata.domain.questions.question import Answer, Question, unticked
from heliograph_metadata.domain.questions.registry import KINDS
from heliograph_metadata.domain.questions.sketch import MONTH, Sketch, Sketches, difference, is_asked_about
from heliograph_metadata.domain.questions.value import LEAST_VALUE

DAY: Final = timedelta(days=1)
BUDGET: Final = 20
"""So many questions a day are asked of one person unless they go on by themselves."""

Group = tuple[str, str]
"""The name of a kind, and the group."""


def changes(before: Photo | None, after: Photo | None, kinds: Iterable[Kind] = KINDS) -> dict[Group, Sketch]:
    """Return what the change of one photo adds to the sketches; cells may be negative.

    Args:
        before: The photo as it was; None of a new one.
        after: As it is; None of one that is gone.
        kinds: Those that are asked.
    """
    found: dict[Group, Sketch] = {}
    for kind in kinds:
        old = tuple(kind.marks(before)) if before is not None and is_asked_about(before) else ()
        new = tuple(kind.marks(after)) if after is not None and is_asked_about(after) else ()
        if old != new:
            found |= {(kind.name, group): cells for group, cells in difference(old, new).items()}
    return found


def touched(groups: Collection[Group], kinds: Iterable[Kind] = KINDS) -> set[Group]:
    """Return the groups whose questions are to be made again once the sketches of these have changed."""
    return {(kind.name, one) for name, group in groups for kind in kinds for one in kind.affected(name, group)}


def groups_of(question: Question, answer: Answer) -> set[Group]:
    """Return the groups whose questions are to be made again once a question that is no check is answered.

    What is unticked of several things, or no longer is, is asked about alone in its months, and guessed otherwise in
    the grids of its years.
    """
    groups = {(question.kind, group) for group in question.groups}
    alone = kind_of(question).alone
    spans = [one.span for one in unticked(question, answer) if alone]
    months = {(alone, at.strftime(MONTH)) for span in spans for at in (span.first, span.last)}
    return touched(groups | months) | groups | months


def candidates(
    group: Group, sketches: Sketches, memory: Memory, *, now: datetime, kinds: Iterable[Kind] = KINDS
) -> list[Question]:
    """Return what could be asked about one group; it reads the sketches of the group and a few beside it."""
    by_name = {kind.name: kind for kind in kinds}
    return list(by_name[group[0]].questions(group[1], sketches, memory, now=now))


def ranked(found: Iterable[Question], memory: Memory, *, now: datetime, least: float = LEAST_VALUE) -> list[Question]:
    """Return the questions that are welcome and worth an interruption, the best first.

    Args:
        found: The candidates of all groups, or the best of each kind.
        memory: Of what the person has answered.
        now: The time, for what is quiet.
        least: Weighted bits a second below which nobody is asked.
    """
    by_join: dict[tuple[str, str], list[Question]] = {}
    for question in (*found, *checks(memory)):
        if not memory.is_silent(question, now):
            by_join.setdefault((question.kind, question.joins or f"={question.key}"), []).append(question)
    by_name = {kind.name: kind for kind in KINDS}
    questions = []
    for (name, _), several in by_join.items():
        one: Question | None = several[0]
        if several[0].joins and (one := by_name[name].joined(several, memory)):
            one = replace(one, joined_groups=tuple({part.group: None for part in several}))
        if one is not None and one.worth.value >= least:
            questions.append(one)
    return sorted(questions, key=by_value)


def by_value(question: Question) -> tuple[float, str]:
    """Return the key by which the best question comes first."""
    return -question.worth.value, question.question_id


def in_turn(
    joining: Iterable[Question],
    others: Iterable[Question],
    memory: Memory,
    *,
    now: datetime,
    least: float = LEAST_VALUE,
) -> Iterator[Question]:
    """Yield what `ranked` returns, looking at no more questions than are taken.

    Args:
        joining: Those that are asked together with others.
        others: All others, by value.
        memory: Of what the person has answered.
        now: The time, for what is quiet.
        least: Weighted bits a second below which nobody is asked.
    """
    welcome = (one for one in takewhile(lambda one: one.worth.value >= least, others) if not memory.is_silent(one, now))
    yield from merge(ranked(joining, memory, now=now, least=least), welcome, key=by_value)


def budget_left(memory: Memory, now: datetime, budget: int = BUDGET) -> int:
    """Return how many more questions may be asked within a day of now."""
    return max(0, budget - sum(at > now - DAY for at in memory.answered_at))
