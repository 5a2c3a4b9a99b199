"""What is said twice without a key, as by an impatient finger, counts once."""

import pytest

from heliograph_metadata.domain.questions.question import Answer, Never, NotSure, Skip
from heliograph_metadata.service.answers import Given
from tests.builders import OWNER
from tests.unit.metadata.answering import AnswerStage
from tests.unit.metadata.test_questions_state_machine import library


@pytest.mark.parametrize("answer", [Skip(), Never(), NotSure()])
async def test_a_question_that_is_put_off_twice_is_put_off_once(answer: Answer) -> None:
    stage = AnswerStage(*library())
    question = await stage.find("place")
    stage.asked.fixed = [question]

    first, second = [await stage.service.answer(OWNER, question.reference, Given(answer=answer)) for _ in range(2)]

    assert first.answered.answer_id == second.answered.answer_id
    assert len(stage.answers.events) == 1


async def test_taking_an_answer_back_twice_takes_no_earlier_one_back() -> None:
    stage = AnswerStage(*library())
    question = await stage.find("place")
    stage.asked.fixed = [question]
    first = await stage.service.answer(OWNER, question.reference, Given(answer=NotSure()))
    await stage.service.answer(OWNER, question.reference, Given(answer=Skip()))

    undone = [await stage.service.undo_last(OWNER, question.reference) for _ in range(2)]

    assert len({one.answered.answer_id for one in undone}) == 1
    assert (await stage.service.get(OWNER, first.answered.answer_id)).can_undo
