"""Questions, answers and events are read as they were written."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from heliograph.photos import PhotoId
from heliograph_metadata.domain.questions.memory import Answered, AnswerUndone
from heliograph_metadata.domain.questions.question import (
    Answer,
    Keep,
    Named,
    Never,
    No,
    NotSure,
    Off,
    Several,
    Skip,
    When,
    Where,
    Which,
    Yes,
)
from heliograph_metadata.domain.questions.written import (
    answer_json,
    answer_of,
    event_json,
    event_of,
    question_json,
    question_of,
)
from tests.builders import LISBON, NOON
from tests.fakes.in_memory_questions import InMemoryQuestions
from tests.unit.metadata.test_questions_state_machine import NOW, library

ANSWERS: list[Answer] = [
    Yes(),
    Yes(("a", "b")),
    No(),
    Where(LISBON),
    When(NOON),
    Off(timedelta(hours=-8, seconds=3)),
    Which("castle"),
    Named("Rex", "album", (PhotoId("p"),)),
    Keep((PhotoId("p"), PhotoId("q"))),
    Several(),
    NotSure(),
    Skip(),
    Never(),
]


@pytest.mark.parametrize("answer", ANSWERS, ids=str)
def test_an_answer_is_read_as_it_was_written(answer: Answer) -> None:
    assert answer_of(answer_json(answer)) == answer


def test_every_question_is_read_as_it_was_written() -> None:
    questions = InMemoryQuestions(library()).candidates(NOW)

    assert len({question.kind for question in questions}) > 4
    for question in questions:
        shown = question.with_shown((PhotoId("p"),))
        assert question_of(question_json(shown)) == shown


def test_a_question_that_was_written_without_choices_is_read() -> None:
    question = next(one for one in InMemoryQuestions(library()).candidates(NOW) if one.choices)
    values = json.loads(question_json(question))

    del values["choices"]

    assert question_of(json.dumps(values)) == replace(question, choices=())


def test_an_event_is_read_as_it_was_written() -> None:
    questions = InMemoryQuestions(library()).candidates(NOW)
    for question, answer in zip(questions, ANSWERS, strict=False):
        event = Answered(
            answer_id="a",
            question=question,
            answer=answer,
            person_id="p",
            at=NOW,
            confidence=0.9,
            is_held=True,
            photos=3,
        )
        assert event_of(event_json(event)) == event
    undone = AnswerUndone("a", NOW)
    assert event_of(event_json(undone)) == undone
