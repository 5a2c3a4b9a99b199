"""A bulk edit's steps: the photos are found, then changed chunk by chunk; undoing goes over the same chunks.

job-step ──► the chunk's photos, each by conditional saves ──► chunk and job accounted together ──► message deleted

A crash between any two calls is mended by the message's coming back: a photo that was changed bears the job's mark,
a chunk that was accounted for is left. A lost message is sent again by service/job_reconcile.py.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from heliograph.errors import HeliographError, UnavailableError
from heliograph.logs import correlated, correlation_id
from heliograph.messages import JobStep
from heliograph.photos import PhotoId
from heliograph.sqs import MessageSender
from heliograph_metadata.domain.bulk_edit import applied
from heliograph_metadata.domain.errors import EditConflictError
from heliograph_metadata.domain.former_values import Part, former_of, has_room, name_for_people, undone
from heliograph_metadata.domain.job import (
    CHUNK_PHOTOS,
    MOST_EXAMPLES,
    Chunk,
    Failure,
    Job,
    Outcome,
    accounted,
    given_up,
    selected,
)
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.answers import answers_of, is_meant, marks_of, refuting
from heliograph_metadata.domain.questions.memory import Answered
from heliograph_metadata.service.album_store import AlbumStore
from heliograph_metadata.service.answer_selection import AnswerSelection
from heliograph_metadata.service.job_store import JobStore, change_job
from heliograph_metadata.service.jobs import first_steps
from heliograph_metadata.service.photo_selection import PhotoSelection
from heliograph_metadata.service.photo_store import PhotoStore, change
from heliograph_metadata.service.purge import Purger

_AT_ONCE: Final = 32
"""Photos in hand at a time; their saves are committed together."""

_ATTEMPTS: Final = 20

_NOT_THERE: Final = ("photo-not-found", "The photo is not there any more.")
_FULL: Final = ("too-many-edits", "The photo keeps what so many other edits found that this one could not be undone.")
_GAVE_UP: Final = ("processing-failed", "Changing this photo failed several times.")

_logger = logging.getLogger(__name__)


class JobRunner:
    """Does what messages of `job-step` ask for. One that comes twice or late changes nothing."""

    def __init__(
        self,
        jobs: JobStore,
        photos: PhotoStore,
        albums: AlbumStore,
        selection: PhotoSelection,
        answers: AnswerSelection,
        purger: Purger,
        steps: MessageSender,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._jobs = jobs
        self._photos = photos
        self._albums = albums
        self._selection = selection
        self._answers = answers
        self._purger = purger
        self._steps = steps
        self._now = now

    async def step(self, message: JobStep) -> None:
        """Do one step.

        Raises:
            UnavailableError: Something this depends on does not answer; the message has to come back.
        """
        with correlated(message.correlation_id):
            job = await self._jobs.get(message.owner_id, message.job_id)
            if job is None or job.is_undoing is not message.undo:
                return
            if message.chunk is None:
                await self._select(job, message)
                return
            chunk = await self._jobs.chunk(job.owner_id, job.job_id, message.chunk)
            if chunk is None or chunk.is_accounted(undo=message.undo):
                return
            if job.is_cancelled and not message.undo:
                outcome = Outcome(skipped=len(chunk.photo_ids))
            else:
                outcome = await self._outcome(job, chunk, undo=message.undo)
            await self._account(job, chunk.number, outcome, undo=message.undo)

    async def gave_up(self, message: JobStep) -> None:
        """Account for a step that failed each time, so that the job comes to an end."""
        job = await self._jobs.get(message.owner_id, message.job_id)
        if job is None or job.is_undoing is not message.undo:
            return
        if message.chunk is None:
            await change_job(
                self._jobs,
                job.owner_id,
                job.job_id,
                lambda job: job if job.is_selected else given_up(job, at=self._now()),
            )
        elif chunk := await self._jobs.chunk(job.owner_id, job.job_id, message.chunk):
            failures = tuple(Failure(photo_id, *_GAVE_UP) for photo_id in chunk.photo_ids)
            await self._account(job, chunk.number, Outcome(failures=failures), undo=message.undo)

    async def _select(self, job: Job, message: JobStep) -> None:
        """Find the job's photos, all of them before any is changed: changing them may take them off the list."""
        while not job.is_selected:
            photo_ids, cursor = await self._page(job)
            following, chunk = selected(job, photo_ids, cursor=cursor, at=self._now())
            if await self._jobs.replace(following, stored=job, chunk=chunk):
                job = following
                continue
            there = await self._jobs.get(job.owner_id, job.job_id)
            if there is None:
                return
            job = there
        await self._steps.send([step.model_dump_json() for step in first_steps(job, message.correlation_id)])

    async def _page(self, job: Job) -> tuple[Sequence[PhotoId], str | None]:
        if job.by_answer is not None:
            return await self._answers.page(job.owner_id, job.by_answer, cursor=job.cursor, limit=CHUNK_PHOTOS)
        if job.search is None:
            return [], None
        return await self._selection.page(job.owner_id, job.search, cursor=job.cursor, limit=CHUNK_PHOTOS)

    async def _outcome(self, job: Job, chunk: Chunk, *, undo: bool) -> Outcome:
        photos = await self._photos.get_many(chunk.photo_ids)
        gone = await self._gone_album(job) if not undo else None
        answered = await self._answers.standing(job.owner_id, job.by_answer) if job.by_answer else None
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(photo_id: PhotoId) -> bool | Failure:
            photo = photos.get(photo_id)
            if job.edit.purge:
                return await self._purged(job, photo)
            if photo is None or photo.owner_id != job.owner_id or photo.purged_at:
                return Failure(photo_id, *_NOT_THERE)
            if gone:
                return Failure(photo_id, "album-not-found", "The album is not there any more.")
            try:
                return await (self._undone(job, photo) if undo else self._made(job, answered, photo))
            except UnavailableError:
                raise
            except HeliographError as error:
                return Failure(photo_id, error.code, str(error))

        async def in_turn(work: Awaitable[bool | Failure]) -> bool | Failure:
            async with turns:
                return await work

        answers = await _all(in_turn(one(photo_id)) for photo_id in chunk.photo_ids)
        failures = tuple(answer for answer in answers if isinstance(answer, Failure))
        changed = [photo_id for photo_id, answer in zip(chunk.photo_ids, answers, strict=True) if answer is True]
        return Outcome(
            changed=len(changed),
            unchanged=len(answers) - len(changed) - len(failures),
            failures=failures,
            examples=tuple(changed[:MOST_EXAMPLES]),
        )

    async def _applied(self, job: Job, photo: Photo) -> bool:
        """Change a photo in as many saves as it takes; whether the job has changed it, now or at an earlier try."""
        steps = [
            partial(applied, edit=job.edit, part=part, job_id=job.job_id, at=job.created_at) for part in job.edit.parts
        ]
        rehearsed = photo
        for step in steps:
            rehearsed = step(rehearsed)  # what can't be done wholly is not begun
        known: Photo | None = photo
        for step in steps:
            known = await change(self._photos, photo.photo_id, step, known=known)
            if known is None:
                return False
        return known is not None and any(former_of(known, job.job_id, part) for part in job.edit.parts)

    async def _made(self, job: Job, answered: Answered | None, photo: Photo) -> bool | Failure:
        """Change a photo; of an answer's job one that is not meant any more is left as it is."""
        if job.by_answer is not None and job.by_answer.takes_back:
            return await self._taken_back(job, answered, photo) if answered else False
        if job.by_answer is None or marks_of(photo, job.job_id):
            return await self._applied(job, photo)
        if answered is None or not is_meant(answered, photo, at=self._now()):
            return False
        return await self._applied(job, photo)

    async def _taken_back(self, job: Job, answered: Answered, photo: Photo) -> bool | Failure:
        """Change a photo as if an answer had not been given, in a way that can itself be undone."""
        check_id, _ = answers_of(job.job_id)
        steps = refuting(photo, answered.answer_id, check_id=check_id, at=job.created_at)
        if steps and not marks_of(photo, job.job_id) and not has_room(photo, at=self._now()):
            return Failure(photo.photo_id, *_FULL)
        known: Photo | None = photo
        for step in steps:
            known = await change(self._photos, photo.photo_id, step, known=known)
            if known is None:
                return False
        return known is not None and bool(marks_of(known, job.job_id))

    async def _undone(self, job: Job, photo: Photo) -> bool | Failure:
        """Make a photo what it was before the job; whether the job had changed it."""
        marks = [(mark.job_id, Part(mark.part)) for mark in reversed(marks_of(photo, job.job_id))]
        known: Photo | None = photo
        for job_id, part in marks:
            step = partial(undone, part=part, job_id=job_id, at=self._now())
            known = await change(self._photos, photo.photo_id, step, known=known)
            if known is None:
                return Failure(photo.photo_id, *_NOT_THERE)
        kept = [
            name for job_id, part in marks if known and (mark := former_of(known, job_id, part)) for name in mark.kept
        ]
        if kept:
            names = " and ".join(dict.fromkeys(name_for_people(name) for name in kept))
            return Failure(photo.photo_id, "changed-since", f"Changed by somebody since, and left alone: {names}.")
        return bool(marks)

    async def _purged(self, job: Job, photo: Photo | None) -> bool:
        """Delete a photo for good if it was in the trash when the job was made; one that is gone counts too."""
        if photo is None:
            return True
        if photo.owner_id != job.owner_id or photo.trashed_at is None or photo.trashed_at > job.created_at:
            return False
        return await self._purger.purge(photo)

    async def _gone_album(self, job: Job) -> str | None:
        """Return an album that photos are to be put into but that was deleted meanwhile."""
        for album_id in job.edit.add_albums:
            album = await self._albums.get(job.owner_id, album_id)
            if album is None or album.is_deleted:
                return album_id
        return None

    async def _account(self, job: Job, number: int, outcome: Outcome, *, undo: bool) -> None:
        for _ in range(_ATTEMPTS):
            there = await self._jobs.get(job.owner_id, job.job_id)
            chunk = await self._jobs.chunk(job.owner_id, job.job_id, number)
            if there is None or chunk is None or chunk.is_accounted(undo=undo):
                return
            following, done = accounted(there, chunk, outcome, undo=undo, at=self._now())
            if await self._jobs.replace(following, stored=there, chunk=done):
                if following.is_undoing and not undo:  # it was recalled while it was at work
                    await self._steps.send(
                        [step.model_dump_json() for step in first_steps(following, correlation_id())]
                    )
                if not following.is_at_work:
                    _logger.info("job through", extra=_facts(following))
                return
        raise EditConflictError("The job is being changed by others at the same time.")


async def _all(works: Iterable[Awaitable[bool | Failure]]) -> list[bool | Failure]:
    """Await all of them, then raise the first error: none is left running."""
    answers = await asyncio.gather(*works, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return [answer for answer in answers if not isinstance(answer, BaseException)]


def _facts(job: Job) -> dict[str, object]:
    tally = job.present
    return {"job_id": job.job_id, "status": job.status, "changed": tally.changed, "failed": tally.failed}
