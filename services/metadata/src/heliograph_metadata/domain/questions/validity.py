"""Whether an answer is one that its question takes; what is not gets one sentence that says why."""

import unicodedata
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from heliograph_metadata.domain.errors import AnswerNotTakenError
from heliograph_metadata.domain.questions.answers import kind_of
from heliograph_metadata.domain.questions.memory import CHECK
from heliograph_metadata.domain.questions.question import (
    SAYS_NOTHING,
    Answer,
    Keep,
    Named,
    No,
    Off,
    Question,
    Several,
    When,
    Where,
    Which,
    Yes,
    certainty_of,
)

FIRST_YEAR: Final = 1826
"""Source: Niépce's view from the window at Le Gras, the oldest photograph that is left, is of 1826 or 1827."""
_AHEAD: Final = timedelta(days=1)
"""Clocks and zones may be off by so much that a photo of today seems to be of tomorrow."""

_WORDS: Final = {
    Yes: "yes",
    No: "no",
    Where: "a place",
    When: "a date",
    Off: "a shift",
    Which: "one of two names",
    Named: "a name",
    Keep: "the photos to keep",
    Several: "that they don't belong together",
}


def checked(question: Question, answer: Answer, *, now: datetime) -> Answer:
    """Return what an answer says to a question: `yes` to one that takes a place is the place that it offers.

    Args:
        question: As it was asked; of a grid with the photos that were shown.
        answer: What somebody has said.
        now: Photos of the future are not taken.

    Raises:
        AnswerNotTakenError: The question does not take it.
    """
    takes = takes_of(question)
    if isinstance(answer, Yes) and Yes not in takes and not answer.but_not and question.default:
        answer = question.default
    if isinstance(answer, SAYS_NOTHING):
        if isinstance(answer, Several) and question.kind == CHECK:
            raise _not_taken(answer, takes)
        return answer
    if type(answer) not in takes:
        raise _not_taken(answer, takes)
    _check_what_is_named(question, answer)
    match answer:
        case Which() if answer.name not in options(question):
            raise AnswerNotTakenError(f"It is one of these: {', '.join(options(question))}.")
        case Off() if not answer.shift:
            raise AnswerNotTakenError("A shift of nothing is no shift; say no if the clock was right.")
        case When() if answer.at.year < FIRST_YEAR or answer.at > now + _AHEAD:
            raise AnswerNotTakenError(f"Photos are taken between {FIRST_YEAR} and today.")
        case Named() if not _can_be_read(answer.name):
            raise AnswerNotTakenError("A name needs a letter, a digit or a sign, and nothing that can't be written.")
    return answer


def _can_be_read(name: str) -> bool:
    """Whether a name has something to be found by, and nothing of text's machinery. Source: Unicode's categories."""
    categories = {unicodedata.category(character) for character in name}
    return any(category[0] in "LNS" for category in categories) and not categories & {"Cc", "Cs", "Cn", "Co"}


def _check_what_is_named(question: Question, answer: Answer) -> None:
    match answer:
        case Yes():
            _check_named(answer.but_not, _nameable(question), "Only what was asked about can be left out of a yes")
        case Named():
            _check_named(answer.but_not, question.shown, "Only photos that were shown can be left out")
        case Keep():
            _check_named(answer.photo_ids, question.shown, "Only photos that were shown can be kept")


def takes_of(question: Question) -> tuple[type[Answer], ...]:
    """Return which kinds of answers a question takes besides those that say nothing."""
    return (Yes, No) if question.kind == CHECK else kind_of(question).takes


def options(question: Question) -> tuple[str, ...]:
    """Return the names between which a question asks to choose, if it does."""
    return tuple(str(question.facts[one]) for one in ("first", "second") if one in question.facts)


def of_items(question: Question, keys: Collection[str]) -> Question:
    """Return a question about several things, about those of them that were shown only."""
    items = tuple(one for one in question.items if one.key in keys)
    default = question.default
    if isinstance(default, Yes):
        default = Yes(tuple(key for key in default.but_not if key in keys))
    certainty = certainty_of(items) if items else question.certainty
    return replace(question, items=items, default=default, certainty=certainty)


def _nameable(question: Question) -> Collection[str]:
    if question.kind == CHECK:
        return str(question.facts["answers"]).split()
    return [one.key for one in question.items] if question.items else question.shown


def _check_named(named: Collection[str], there: Collection[str], sentence: str) -> None:
    if not set(named) <= set(there):
        raise AnswerNotTakenError(f"{sentence}.")


def _not_taken(answer: Answer, takes: Collection[type[Answer]]) -> AnswerNotTakenError:
    wanted = ", ".join(_WORDS[one] for one in takes if one in _WORDS)
    return AnswerNotTakenError(f"This question takes {wanted}, or that you are not sure; not {_WORDS[type(answer)]}.")
