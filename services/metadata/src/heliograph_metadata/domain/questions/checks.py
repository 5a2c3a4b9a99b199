"""Was that right? Answers that contradict what is known, one by one; large ones that nothing speaks for, together.

What many photos hang on is checked twice, the second time by itself and beside photos of it: a careless tap in twenty
that is let stand by another one comes once in four hundred answers.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from heliograph_metadata.domain.questions.answers import kind_of
from heliograph_metadata.domain.questions.memory import CHECK, FURTHER, Answered, Memory
from heliograph_metadata.domain.questions.question import Question, Reach, Worth, Yes
from heliograph_metadata.domain.questions.value import (
    DECIDE_SECONDS,
    GLANCE_SECONDS,
    HARM,
    POINT_SECONDS,
    PRIORS,
    TRUST,
    agreed,
    entropy,
)
from heliograph_metadata.domain.questions.wording import mended

MOST_TOGETHER: Final = 12
LEAST_TOGETHER: Final = 2
"""Fewer wait for others, so that one look serves several; but not where one has changed very many."""
VERY_MANY: Final = 300
"""So many photos hang on an answer that a mistake would be seen everywhere: it is checked twice."""
MANY_HELD: Final = 50
"""So is one that contradicts what is known and changes so many."""
_DOUBTED: Final = 0.8
"""The chance that a place is right whose trip's name was unticked. Our own estimate."""
_SURE: Final = 0.98
"""What is surer than that is not looked at again, unless very many photos hang on it."""
AGAIN: Final = "again"
"""The group of second checks."""


def checks(memory: Memory) -> Iterator[Question]:
    """Yield a check for each held answer, and the best one of those that have changed most and were not checked.

    Grids of several are not among them: who touches something has looked, and who touches nothing where much is
    doubtful is held.
    """
    for held in memory.held():
        yield _of_held(held, memory)
    unchecked = [one for one in memory.unchecked() if not one.question.most and len(one.question.items) <= 1]
    for one in unchecked:
        if memory.confirmed[one.answer_id]:
            yield _again(one, memory)
    together = [one for one in unchecked if not memory.confirmed[one.answer_id] and _is_doubtful(one, memory)]
    together.sort(key=lambda one: (-one.photos * _gain(one, chance_of(one, memory.trust, memory)), one.answer_id))
    several = [
        check_of(together[:number], "You have answered quickly; these changed the most.", memory.trust, memory)
        for number in range(1, min(len(together), MOST_TOGETHER) + 1)
        if number >= LEAST_TOGETHER or together[number - 1].photos >= VERY_MANY
    ]
    if several:
        yield max(several, key=lambda one: one.worth.value)


def _of_held(held: Answered, memory: Memory) -> Question:
    """Return the question whether a held answer is right, or else those which it contradicts."""
    others = [
        one
        for one in kind_of(held.question).at_odds(held.question, held.answer, memory)
        if not one.is_held and not memory.confirmed[one.answer_id] > 1
    ]
    why = f"It contradicts what {'you have said before' if others else 'other photos say'}."
    if memory.confirmed[held.answer_id]:
        why = "It contradicts what is known, and changes many photos: so we ask a second time."
    return check_of([held, *others], why, 0.5, memory)


def _again(answered: Answered, memory: Memory) -> Question:
    """Return the second check of an answer on which very many photos hang."""
    question = check_of([answered], "Very many photos hang on it: so we ask a second time.", memory.trust, memory)
    return replace(question, group=AGAIN, prompt="Is that so of these photos, too?")


def needs_two(answered: Answered) -> bool:
    """Whether one check is not enough for an answer; grids are looked through once."""
    least = MANY_HELD if answered.is_held else VERY_MANY
    question = answered.question
    is_plain = not question.items and not question.most
    is_usual = not answered.is_held and kind_of(question).is_default(question, answered.answer)
    return answered.photos >= least and is_plain and not is_usual


def check_of(answers: list[Answered], why: str, trust: float, memory: Memory | None = None) -> Question:
    """Return a question about some answers together.

    Args:
        answers: That are asked about.
        why: In a sentence.
        trust: The chance that each is right, before any check.
        memory: Of the checks before this one; None where there was none.
    """
    before = Counter() if memory is None else memory.confirmed
    further = [one.answer_id for one in answers if needs_two(one) and not before[one.answer_id]]
    photos = sum(one.photos for one in answers)
    rights = {one.answer_id: trust if one.is_held else chance_of(one, trust, memory) for one in answers}
    bits = sum(
        one.photos
        * PRIORS[one.question.kind].weight
        * _gain(one, agreed(rights[one.answer_id], TRUST) if before[one.answer_id] else rights[one.answer_id])
        for one in answers
    )
    seconds = DECIDE_SECONDS + POINT_SECONDS + len(answers) * (DECIDE_SECONDS / 2 + GLANCE_SECONDS)
    reach = Reach((), photos)
    for one in answers:
        reach = replace(reach, terms=tuple(dict.fromkeys(reach.terms + one.question.reach.terms)))
    ids = [one.answer_id for one in answers]
    return Question(
        kind=CHECK,
        group="held" if answers[0].is_held else "together",
        key=" ".join([AGAIN, *ids] if any(before[one] for one in ids) else ids),  # a question of its own
        prompt="Is that right?" if len(ids) == 1 else "You said all this. Untick what is wrong.",
        why=why,
        mends=mended(photos, "are sure"),
        reach=reach,
        worth=Worth(bits, 1.0, seconds),
        facts={"answers": " ".join(ids)} | ({FURTHER: " ".join(further)} if further else {}),
        default=Yes(),
        certainty=trust,
        confidence=trust,
    )


def chance_of(answered: Answered, trust: float, memory: Memory | None = None) -> float:
    """Return the chance that an answer is right, by what was likely before it and by what was said since.

    Args:
        answered: That changed something.
        trust: The chance that any answer is what the person meant.
        memory: Of what was said since; None of nothing.
    """
    question, answer = answered.question, answered.answer
    kind = kind_of(question)
    guess = question.certainty if question.default is not None else 0.0
    if guess and kind.is_default(question, answer):
        chance = agreed(guess, trust)
    else:
        meant = trust * (1 - guess)
        chance = meant / (meant + (1 - trust) * kind.by_mistake(question, answer))
    if memory and answered.answer_id in memory.doubted:
        return min(chance, _DOUBTED)
    return agreed(chance, trust) if memory and answered.answer_id in memory.supported else chance


def _is_doubtful(answered: Answered, memory: Memory) -> bool:
    """Whether so much can be wrong with an answer that it is looked at again, be it by the way."""
    return answered.photos >= VERY_MANY or chance_of(answered, min(memory.trust, TRUST), memory) < _SURE


def _gain(answered: Answered, trust: float) -> float:
    """Return the bits that a check is worth on one photo: what it takes away, and the harm that it prevents.

    A mistake in very many photos does more harm in each: all of them have to be found, and nobody trusts the rest.
    """
    alternatives = answered.question.alternatives
    harm = HARM * max(1.0, answered.photos / VERY_MANY)
    return entropy(trust, alternatives) + (1 - trust) * harm * max(alternatives, 1.0)
