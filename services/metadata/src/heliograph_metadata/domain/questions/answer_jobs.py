"""The jobs in which an answer is made, and those in which a check makes or takes back others. Pure."""

from collections.abc import Callable, Sequence
from typing import Final

from heliograph.photos import OwnerId
from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.job import ByAnswer, Job
from heliograph_metadata.domain.questions.answers import (
    Effect,
    answers_of,
    edits_of,
    job_of,
    job_of_held,
    job_of_refuted,
)
from heliograph_metadata.domain.questions.history import History
from heliograph_metadata.domain.questions.kind import Edit
from heliograph_metadata.domain.questions.memory import Answered
from heliograph_metadata.domain.questions.question import Question

NO_EDIT: Final = BulkEdit()


def jobs_planned(answer_id: str, effect: Effect, history: History) -> tuple[str, ...]:
    """Return the ids of the jobs that an answer makes, given what was said before it."""
    own = () if effect.held else tuple(job_of(answer_id, number) for number in range(len(effect.edits)))
    held = tuple(
        job_of_held(answer_id, one, number)
        for one in effect.makes
        for number in range(len(edits_of(history.memory.live[one])))
    )
    return (*own, *held, *(job_of_refuted(answer_id, one) for one in effect.reverts))


def photos_expected(effect: Effect, question: Question, history: History) -> int:
    """Return about how many photos an answer changes, or would change once it is not held any more."""
    others = (history.memory.live[one].photos for one in (*effect.makes, *effect.reverts))
    by_the_way = (edit.edit.only_where_none for edit in effect.edits)
    own = (_photos_of(edit, question) for edit, is_more in zip(effect.edits, by_the_way, strict=True) if not is_more)
    return sum(own) + sum(others)


def _photos_of(edit: Edit, question: Question) -> int:
    if edit.photo_ids is not None:
        return len(edit.photo_ids)
    if edit.span is not None:
        return sum(item.photos for item in question.items if item.span == edit.span)
    return question.reach.photos


def job_to_make(
    owner_id: OwnerId, answered: Answered, job_id: str, history: History, *, placed: Callable[[BulkEdit], BulkEdit]
) -> Job:
    """Return a job that an answer makes: the same however often it is asked for.

    Args:
        owner_id: Whose photos they are.
        answered: The answer.
        job_id: One of `jobs_planned`.
        history: All that the person has said, the answer too.
        placed: Looks up the place of an edit's position.
    """
    _, other_id = answers_of(job_id)
    if job_id == job_of_refuted(answered.answer_id, other_id):
        by_answer = ByAnswer(answer_id=other_id, takes_back=_own_jobs(history, other_id))
        return _job(owner_id, answered, job_id, by_answer, NO_EDIT)
    is_own = "-" not in job_id
    of = answered if is_own else history.answered(other_id)
    number = int(other_id if is_own else job_id.rpartition("-")[2])
    edits: Sequence[Edit] = edits_of(of) if of else ()
    if of is None or number >= len(edits):
        return _job(owner_id, answered, job_id, ByAnswer(answer_id=other_id, photo_ids=()), NO_EDIT)
    edit = edits[number]
    by_answer = ByAnswer(answer_id=of.answer_id, photo_ids=edit.photo_ids, span=edit.span)
    return _job(owner_id, answered, job_id, by_answer, placed(edit.edit))


def _own_jobs(history: History, answer_id: str) -> tuple[str, ...]:
    said = history.answers.get(answer_id)
    return said.jobs if said else ()


def _job(owner_id: OwnerId, answered: Answered, job_id: str, by_answer: ByAnswer, edit: BulkEdit) -> Job:
    return Job(
        job_id=job_id,
        owner_id=owner_id,
        version=1,
        edit=edit,
        created_at=answered.at,
        updated_at=answered.at,
        by_answer=by_answer,
    )
