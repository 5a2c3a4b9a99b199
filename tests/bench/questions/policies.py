"""What is asked next: ours, and what an application without the engine would do."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from heliograph_metadata.domain.questions.answers import Effect
from heliograph_metadata.domain.questions.question import Answer, Question
from tests.fakes.in_memory_questions import InMemoryQuestions

_JOINT: Final = frozenset({"places", "beside", "events", "check"})

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
