"""Where a question stands in the order in which questions are asked, for the cursors of their pages."""

from collections.abc import Iterator, Sequence
from hashlib import sha256

from heliograph_metadata.domain.errors import InvalidCursorError
from heliograph_metadata.domain.questions.question import Question


def written(question: Question) -> str:
    """Return a question's place in the order, for a cursor."""
    return f"{question.worth.value!r} {_hash(question)}"


def _hash(question: Question) -> str:
    return sha256(question.question_id.encode()).hexdigest()[:16]


def place_of(text: str) -> tuple[float, str]:
    """Return a place in the order from what `written` has made of it.

    Raises:
        InvalidCursorError: It is none.
    """
    value, _, rest = text.partition(" ")
    try:
        return float(value), rest
    except ValueError as error:
        raise InvalidCursorError("The cursor is not one of this list's; begin again without a cursor.") from error


def following(questions: Iterator[Question], after: tuple[float, str] | None) -> Iterator[Question]:
    """Yield the questions that come after a place, whether the one that was there is still asked or not."""
    if after is None:
        yield from questions
        return
    value, last = after
    equals: list[Question] = []
    for question in questions:
        if question.worth.value > value:
            continue
        if question.worth.value < value:
            yield from _after(equals, last)
            yield question
            yield from questions
            return
        equals.append(question)
    yield from _after(equals, last)


def _after(equals: Sequence[Question], last: str) -> Sequence[Question]:
    hashes = [_hash(one) for one in equals]
    return equals[hashes.index(last) + 1 :] if last in hashes else equals
