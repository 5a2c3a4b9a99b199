"""Routes of answers: given to questions, listed, taken back."""

from typing import Annotated

from fastapi import APIRouter, Body, Header, Path, Query

from heliograph.identity import CurrentPrincipal
from heliograph_metadata.domain.cursor import cursor as cursor_of
from heliograph_metadata.domain.cursor import fingerprint, position
from heliograph_metadata.routes.dependencies import Answers, Cursor
from heliograph_metadata.schemas.answers import GIVEN_EXAMPLES, AnswerCreate, AnswerResponse, AnswersResponse

router = APIRouter(tags=["questions"], generate_unique_id_function=lambda route: route.name)

QuestionId = Annotated[str, Path(max_length=600, description="`question_id` of a question.")]
AnswerId = Annotated[str, Path(max_length=64)]
IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=128, description="The same key says one thing, however often it is sent."),
]


@router.post("/questions/{question_id}/answer", status_code=202, summary="Answer a question")
async def answer_question(
    question_id: QuestionId,
    body: Annotated[AnswerCreate, Body(openapi_examples=GIVEN_EXAMPLES)],
    principal: CurrentPrincipal,
    answers: Answers,
    idempotency_key: IdempotencyKey = None,
) -> AnswerResponse:
    """Say what you know: it is kept, made in the background on all photos that the question reaches, and can be undone.

    An answer that contradicts what other photos say, or what was said of another place, is `held`: a check question
    comes first, and a second one where many photos hang on it. `404 question-not-found`, `409 question-changed`,
    `409 question-answered`, `422 answer-not-taken`, `422 idempotency-key-reused`.
    """
    said = await answers.answer(principal.account_id, question_id, body.given(), key=idempotency_key)
    return AnswerResponse.of(said)


@router.post("/questions/{question_id}/skip", status_code=202, summary="Not now")
async def skip_question(
    question_id: QuestionId, principal: CurrentPrincipal, answers: Answers, idempotency_key: IdempotencyKey = None
) -> AnswerResponse:
    """Have a question come back another day; after three of a kind, that kind is quiet for a week.

    `404 question-not-found`, `422 idempotency-key-reused`.
    """
    return AnswerResponse.of(await answers.skip(principal.account_id, question_id, key=idempotency_key))


@router.post("/questions/{question_id}/never", status_code=202, summary="Never ask this")
async def never_ask_question(
    question_id: QuestionId, principal: CurrentPrincipal, answers: Answers, idempotency_key: IdempotencyKey = None
) -> AnswerResponse:
    """Have a question not asked any more. `404 question-not-found`, `422 idempotency-key-reused`."""
    return AnswerResponse.of(await answers.never(principal.account_id, question_id, key=idempotency_key))


@router.post("/questions/{question_id}/undo", status_code=202, summary="Take the last answer to a question back")
async def undo_last_answer(
    question_id: QuestionId, principal: CurrentPrincipal, answers: Answers, idempotency_key: IdempotencyKey = None
) -> AnswerResponse:
    """Take back the last answer to a question, a skip too. Doing it again changes nothing.

    `404 answer-not-found`, `409 answer-not-undoable`, `422 idempotency-key-reused`.
    """
    return AnswerResponse.of(await answers.undo_last(principal.account_id, question_id, key=idempotency_key))


@router.get("/answers", summary="The last answers")
async def list_answers(
    principal: CurrentPrincipal,
    answers: Answers,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=50, description="The most answers of a page.")] = 10,
) -> AnswersResponse:
    """All that you have said to questions, newest first. `400 invalid-cursor`."""
    of = fingerprint(principal.account_id, "answers")
    before = position(of, cursor) if cursor else None
    found = await answers.newest(principal.account_id, before=before, limit=limit)
    following = cursor_of(of, found[-1].answered.answer_id) if len(found) == limit else None
    return AnswersResponse(items=[AnswerResponse.of(one) for one in found], next_cursor=following)


@router.get("/answers/{answer_id}", summary="One answer")
async def get_answer(answer_id: AnswerId, principal: CurrentPrincipal, answers: Answers) -> AnswerResponse:
    """What an answer has come to. `404 answer-not-found`."""
    return AnswerResponse.of(await answers.get(principal.account_id, answer_id))


@router.post("/answers/{answer_id}/undo", status_code=202, summary="Take an answer back")
async def undo_answer(
    answer_id: AnswerId, principal: CurrentPrincipal, answers: Answers, idempotency_key: IdempotencyKey = None
) -> AnswerResponse:
    """Have everything become what it was before the answer; what somebody has changed since is left alone.

    `404 answer-not-found`, `409 answer-not-undoable`, `422 idempotency-key-reused`.
    """
    return AnswerResponse.of(await answers.undo(principal.account_id, answer_id, key=idempotency_key))
