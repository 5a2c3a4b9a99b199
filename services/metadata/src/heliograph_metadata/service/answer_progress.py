"""How far what follows from answers has come, by their jobs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Final

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.former_values import UNDO_LIVES
from heliograph_metadata.domain.job import MOST_EXAMPLES, Job
from heliograph_metadata.domain.questions.answers import answers_of, job_of_refuted, why_held
from heliograph_metadata.domain.questions.history import History
from heliograph_metadata.domain.questions.memory import Answered
from heliograph_metadata.service.in_turns import in_turns
from heliograph_metadata.service.job_store import JobStore

_AT_ONCE: Final = 16


class AnswerStatus(StrEnum):
    """What becomes of an answer."""

    HELD = "held"
    WORKING = "working"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerProgress:
    """An answer, and how far what follows from it has come."""

    answered: Answered
    status: AnswerStatus
    held_because: str
    """Why nothing is changed yet, in a sentence; empty where that is not so."""
    is_refuted: bool
    """Whether a check has taken it back, or has confirmed that it is wrong."""
    changed: int
    """Photos."""
    failed: int
    can_undo: bool
    jobs: tuple[str, ...]
    photo_ids: tuple[PhotoId, ...]
    """Some of the photos that it has changed."""


class AnswersProgress:
    """Looks up the jobs of answers."""

    def __init__(self, jobs: JobStore, *, now: Callable[[], datetime]) -> None:
        self._jobs = jobs
        self._now = now

    async def of(self, owner_id: OwnerId, history: History, answer_ids: Sequence[str]) -> list[AnswerProgress]:
        """Return how far some of a history's answers have come, in order."""
        at = self._now()
        wanted = {one: _jobs_of(history, one) for one in answer_ids}
        ids = [job_id for jobs in wanted.values() for job_id in jobs]
        found = await in_turns([partial(self._jobs.get, owner_id, job_id) for job_id in ids], at_once=_AT_ONCE)
        there = {job.job_id: job for job in found if job is not None}
        return [_progress(history, answer_id, jobs, there, at) for answer_id, jobs in wanted.items()]


def _jobs_of(history: History, answer_id: str) -> tuple[str, ...]:
    """Return the jobs that have changed photos as the answer says: of a check also those that take others back."""
    return tuple(
        job_id
        for job_id in history.jobs_of(answer_id)
        if answers_of(job_id)[0] == answer_id or job_id != job_of_refuted(*answers_of(job_id))
    )


def _progress(
    history: History, answer_id: str, job_ids: tuple[str, ...], there: dict[str, Job], at: datetime
) -> AnswerProgress:
    answered = history.answered(answer_id)
    assert answered is not None  # noqa: S101 - for the type checker: the ids are the history's
    is_recent = at < answered.at + UNDO_LIVES
    jobs = [there[one] for one in job_ids if one in there]
    is_undone = answer_id in history.undone
    is_at_work = is_recent and (len(jobs) < len(job_ids) or any(job.is_at_work for job in jobs))
    is_held = answered.is_held and not {answer_id} & (history.memory.checked | history.memory.refuted)
    if is_undone:
        status = AnswerStatus.UNDOING if is_at_work else AnswerStatus.UNDONE
    elif is_held:
        status = AnswerStatus.HELD
    else:
        status = AnswerStatus.WORKING if is_at_work else AnswerStatus.DONE
    examples = dict.fromkeys(photo_id for job in jobs for photo_id in job.examples)
    return AnswerProgress(
        answered=answered,
        status=status,
        held_because=why_held(answered, history.memory) if status is AnswerStatus.HELD else "",
        is_refuted=answer_id in history.memory.refuted,
        # jobs are forgotten after a month: then what was expected is the best that is known
        changed=sum(job.made.changed for job in jobs) if jobs or not job_ids or is_recent else answered.photos,
        failed=sum(job.present.failed for job in jobs),
        can_undo=not is_undone and (is_recent or not job_ids),
        jobs=job_ids,
        photo_ids=tuple(examples)[:MOST_EXAMPLES],
    )
