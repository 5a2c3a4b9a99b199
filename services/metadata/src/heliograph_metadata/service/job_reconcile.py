"""Jobs that have stood still: a message of theirs was lost, so it is sent again."""

import logging
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Final

from heliograph.messages import JobStep
from heliograph.photos import OwnerId
from heliograph.sqs import MessageQueue
from heliograph_metadata.domain.job import Job, sent_again
from heliograph_metadata.service.answer_selection import AnswerSelection
from heliograph_metadata.service.job_runner import JobRunner
from heliograph_metadata.service.job_store import JobStore
from heliograph_metadata.service.reconcile import BUSY_FACTOR, MOST_RESENDS

_SENT_AT_ONCE: Final = 100
_CORRELATION: Final = "reconciler"

_logger = logging.getLogger(__name__)


class JobReconciler:
    """Looks for jobs that have stood still, and sends again what should have moved them."""

    def __init__(
        self,
        jobs: JobStore,
        runner: JobRunner,
        answers: AnswerSelection,
        job_step: MessageQueue,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._jobs = jobs
        self._runner = runner
        self._answers = answers
        self._job_step = job_step
        self._now = now

    async def look(self, after: timedelta) -> None:
        """Take a look at each job at work.

        Args:
            after: How long it has to have stood still; far longer while the queue holds anything, which may be
                its very message, and twice as long after each resend.
        """
        is_idle = await self._job_step.is_idle()
        async for owner_id, job_id in self._jobs.at_work():
            await self._look_at(owner_id, job_id, after * (1 if is_idle else BUSY_FACTOR), may_give_up=is_idle)

    async def _look_at(self, owner_id: OwnerId, job_id: str, after: timedelta, *, may_give_up: bool) -> None:
        job = await self._jobs.get(owner_id, job_id)
        if job is None or not job.is_at_work or self._now() - job.updated_at < after * 2**job.resends:
            return
        if await self._answers.waits(job):
            return
        facts = {"job_id": job_id, "status": job.status, "resends": job.resends}
        if job.resends >= MOST_RESENDS:
            if may_give_up:
                async for step in self._open_steps(job):
                    await self._runner.gave_up(step)
                _logger.error("a job never moved on and was given up", extra=facts)
        elif await self._jobs.replace(sent_again(job, at=self._now()), stored=job):
            await self._send(job)
            _logger.warning("a job stood still; its messages were sent again", extra=facts)

    async def _send(self, job: Job) -> None:
        bodies: list[str] = []
        async for step in self._open_steps(job):
            bodies.append(step.model_dump_json())
            if len(bodies) == _SENT_AT_ONCE:
                await self._job_step.send(bodies)
                bodies = []
        await self._job_step.send(bodies)

    async def _open_steps(self, job: Job) -> AsyncIterator[JobStep]:
        common = {"correlation_id": _CORRELATION, "owner_id": job.owner_id, "job_id": job.job_id}
        if not job.is_selected:
            yield JobStep(**common)
            return
        async for chunk in self._jobs.chunks(job.owner_id, job.job_id):
            if not chunk.is_accounted(undo=job.is_undoing):
                yield JobStep(**common, chunk=chunk.number, undo=job.is_undoing)
