"""Was that right? Answers that contradict what is known, one by one; large ones that nothing speaks for, together."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from heliograph_metadata.domain.questions.memory import CHECK, Answered, Memory
from heliograph_metadata.domain.questions.question import Question, Reach, Worth, Yes
from heliograph_metadata.domain.questions.value import (
    DECIDE_SECONDS,
    GLANCE_SECONDS,
    HARM,
    POINT_SECONDS,
    PRIORS,
    entropy,
)

MOST_TOGETHER: Final = 12
LEAST_TOGETHER: Final = 3
"""Fewer wait for others, so that one look serves several; but not where one has changed very many."""
VERY_MANY: Final = 300


def checks(memory: Memory) -> Iterator[Question]:
    """Yield a check for each held answer, and the best one of those that have changed most and were not checked.

    Grids are not among them: who unticks something has looked, and who unticks nothing where much is doubtful is held.
    """
    for held in memory.held():
        yield check_of([held], "It contradicts what other photos say.", 0.5)
    together = [one for one in memory.unchecked() if not one.question.most and not one.question.items]
    several = [
        check_of(together[:number], "You have answered quickly; these changed the most.", memory.trust)
        for number in range(1, min(len(together), MOST_TOGETHER) + 1)
        if number >= LEAST_TOGETHER or together[number - 1].photos >= VERY_MANY
    ]
    if several:
        yield max(several, key=lambda one: one.worth.value)


def check_of(answers: list[Answered], why: str, trust: float) -> Question:
    """Return a question about some answers together; `trust` is the chance that each is right."""
    photos = sum(one.photos for one in answers)
    bits = sum(
        one.photos * PRIORS[one.question.kind].weight * _gain(trust, one.question.alternatives) for one in answers
    )
    seconds = DECIDE_SECONDS + POINT_SECONDS + len(answers) * (DECIDE_SECONDS / 2 + GLANCE_SECONDS)
    reach = Reach((), photos)
    for one in answers:
        reach = replace(reach, terms=tuple(dict.fromkeys(reach.terms + one.question.reach.terms)))
    ids = [one.answer_id for one in answers]
    return Question(
        kind=CHECK,
        group="held" if answers[0].is_held else "together",
        key=" ".join(ids),
        prompt="Is that right?" if len(ids) == 1 else "You said all this. Untick what is wrong.",
        why=why,
        mends=f"{photos} photos are sure",
        reach=reach,
        worth=Worth(bits, 1.0, seconds),
        facts={"answers": " ".join(ids)},
        default=Yes(),
        certainty=trust,
        confidence=trust,
    )


def _gain(trust: float, alternatives: float) -> float:
    """Return the bits that a check is worth on one photo: what it takes away, and the harm that it prevents."""
    return entropy(trust, alternatives) + (1 - trust) * HARM * max(alternatives, 1.0)
