"""A bulk edit on its way through a library: pure transitions, each stored on condition of the one before.

    selecting ──► running ──► done ──► undoing ──► undone
        └─────────────┴──► cancelling ──► cancelled ──► undoing …

Its photos stand in chunks. Each chunk is accounted for once in each pass, however often its message comes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.errors import JobFinishedError, JobNotUndoableError
from heliograph_metadata.domain.former_values import UNDO_LIVES
from heliograph_metadata.domain.questions.question import Span
from heliograph_metadata.domain.search.saved import SearchQuery

CHUNK_PHOTOS: Final = 100
MOST_PHOTO_IDS: Final = 10_000
"""The most photos that a request names one by one."""

MOST_SELECTED: Final = 200_000
"""The most photos of one job that a search finds."""

MOST_FAILURES_TOLD: Final = 50
"""Of more, their number is told."""

MOST_EXAMPLES: Final = 12
"""So many of the photos that were changed are remembered."""


class JobStatus(StrEnum):
    """How far a job has come."""

    SELECTING = "selecting"
    RUNNING = "running"
    CANCELLING = "cancelling"
    DONE = "done"
    CANCELLED = "cancelled"
    UNDOING = "undoing"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Failure:
    """A photo that was left as it is, and why."""

    photo_id: PhotoId
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What one pass over the photos has come to so far."""

    chunks: int = 0
    changed: int = 0
    unchanged: int = 0
    """They were already as they should become."""
    failed: int = 0
    skipped: int = 0
    """The job was cancelled before it came to them."""

    @property
    def photos(self) -> int:
        """All that are accounted for."""
        return self.changed + self.unchanged + self.failed + self.skipped


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the photos of one chunk."""

    changed: int = 0
    unchanged: int = 0
    skipped: int = 0
    failures: tuple[Failure, ...] = ()
    examples: tuple[PhotoId, ...] = ()
    """Some of those that were changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Some of a job's photos."""

    number: int
    """From 0."""
    photo_ids: tuple[PhotoId, ...]
    is_applied: bool = False
    is_undone: bool = False

    def is_accounted(self, *, undo: bool) -> bool:
        """Whether the pass is through with it."""
        return self.is_undone if undo else self.is_applied


@dataclass(frozen=True, slots=True, kw_only=True)
class ByAnswer:
    """How an answer says which photos a job is about."""

    answer_id: str
    """Whose question reaches them; of a job that takes an answer back, that answer."""
    photo_ids: tuple[PhotoId, ...] | None = None
    """Of those that the question reaches, only these; None for all."""
    span: Span | None = None
    """Of them, those of this time; None for any time."""
    takes_back: tuple[str, ...] = ()
    """Of a job that takes an answer back: the jobs whose photos it goes over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One bulk edit of one owner's photos."""

    job_id: str
    """Later ones come later in the order of text."""
    owner_id: OwnerId
    version: int
    edit: BulkEdit
    created_at: datetime
    updated_at: datetime
    search: SearchQuery | None = None
    """What selects the photos; None where they were named, or an answer says which."""
    by_answer: ByAnswer | None = None
    cursor: str | None = None
    """Where the search goes on."""
    is_selected: bool = False
    """Whether all chunks are there."""
    is_cut: bool = False
    """Whether the search would have found more than a job takes."""
    total: int = 0
    chunks: int = 0
    made: Tally = field(default_factory=Tally)
    undone: Tally = field(default_factory=Tally)
    is_cancelled: bool = False
    is_undoing: bool = False
    is_recalled: bool = False
    """Whether it is undone as soon as it is through."""
    examples: tuple[PhotoId, ...] = ()
    """Some of the photos that it has changed."""
    failures: tuple[Failure, ...] = ()
    """Some of those of the present pass."""
    resends: int = 0
    """How often its messages have been sent again since it last moved."""

    @property
    def status(self) -> JobStatus:
        """How far it has come."""
        if self.is_undoing:
            return JobStatus.UNDONE if self.undone.chunks == self.chunks else JobStatus.UNDOING
        if self.is_selected and self.made.chunks == self.chunks:
            return JobStatus.CANCELLED if self.is_cancelled else JobStatus.DONE
        if self.is_cancelled:
            return JobStatus.CANCELLING
        return JobStatus.RUNNING if self.is_selected else JobStatus.SELECTING

    @property
    def is_at_work(self) -> bool:
        """Whether something is still to be done."""
        return self.status not in {JobStatus.DONE, JobStatus.CANCELLED, JobStatus.UNDONE}

    @property
    def present(self) -> Tally:
        """How far the present pass has come."""
        return self.undone if self.is_undoing else self.made

    @property
    def undo_until(self) -> datetime:
        """Until when it can be undone."""
        return self.created_at + UNDO_LIVES

    def can_be_undone(self, at: datetime) -> bool:
        """Whether it can be undone now."""
        return (
            self.status in {JobStatus.DONE, JobStatus.CANCELLED}
            and at < self.undo_until
            and self.made.changed > 0
            and not self.edit.purge
            and self.by_answer is None  # that goes with the answer
        )


def chunks_of(photo_ids: Iterable[PhotoId]) -> list[Chunk]:
    """Return the photos in chunks, each photo once."""
    wanted = list(dict.fromkeys(photo_ids))
    starts = range(0, len(wanted), CHUNK_PHOTOS)
    return [
        Chunk(number=number, photo_ids=tuple(wanted[start : start + CHUNK_PHOTOS]))
        for number, start in enumerate(starts)
    ]


def _next(job: Job, at: datetime, **changes: object) -> Job:
    return replace(job, version=job.version + 1, updated_at=max(at, job.updated_at), **changes)  # type: ignore[arg-type]


def selected(job: Job, photo_ids: Sequence[PhotoId], *, cursor: str | None, at: datetime) -> tuple[Job, Chunk | None]:
    """Return the job with a page of what its search found, and the chunk that holds it; none of an empty page."""
    total = job.total + len(photo_ids)
    is_cut = cursor is not None and total >= MOST_SELECTED
    job = _next(
        job,
        at,
        cursor=cursor,
        is_selected=cursor is None or is_cut or job.is_cancelled,
        is_cut=is_cut,
        total=total,
        chunks=job.chunks + bool(photo_ids),
        resends=0,
    )
    job = _recalled_in_time(job)
    return job, Chunk(number=job.chunks - 1, photo_ids=tuple(photo_ids)) if photo_ids else None


def accounted(job: Job, chunk: Chunk, outcome: Outcome, *, undo: bool, at: datetime) -> tuple[Job, Chunk]:
    """Return both with what became of the chunk's photos."""
    before = job.undone if undo else job.made
    tally = Tally(
        before.chunks + 1,
        before.changed + outcome.changed,
        before.unchanged + outcome.unchanged,
        before.failed + len(outcome.failures),
        before.skipped + outcome.skipped,
    )
    failures = (*job.failures, *outcome.failures)[:MOST_FAILURES_TOLD]
    if undo:
        return _next(job, at, undone=tally, failures=failures, resends=0), replace(chunk, is_undone=True)
    examples = tuple(dict.fromkeys((*job.examples, *outcome.examples)))[:MOST_EXAMPLES]
    following = _next(job, at, made=tally, failures=failures, examples=examples, resends=0)
    return _recalled_in_time(following), replace(chunk, is_applied=True)


def cancelled(job: Job, *, at: datetime) -> Job:
    """Return the job that goes no further.

    Raises:
        JobFinishedError: It is through, or on its way back.
    """
    if job.is_cancelled and job.is_at_work and not job.is_undoing:
        return job
    if job.is_undoing or not job.is_at_work:
        raise JobFinishedError("This job can't be cancelled any more; perhaps it can be undone.")
    return _next(job, at, is_cancelled=True)


def turned_back(job: Job, *, at: datetime) -> Job:
    """Return the job on its way back.

    Raises:
        JobNotUndoableError: It is at work, has changed nothing, or is too long ago.
    """
    if job.is_undoing:
        return job
    if job.by_answer is not None:
        raise JobNotUndoableError("This job is what follows from an answer: take the answer back.")
    if not job.can_be_undone(at):
        raise JobNotUndoableError("This job is still at work, is too long ago, or has done nothing that can be undone.")
    return _next(job, at, is_undoing=True, failures=(), resends=0)


def recalled(job: Job, *, at: datetime) -> Job:
    """Return the job on its way back; one that is at work goes no further first, and is undone then."""
    if job.is_undoing or job.is_recalled:
        return job
    if job.is_at_work:
        return _next(job, at, is_cancelled=True, is_recalled=True)
    return _next(job, at, is_recalled=True, is_undoing=True, failures=(), resends=0)


def _recalled_in_time(job: Job) -> Job:
    """Return a job that was recalled while it was at work on its way back, once it is through."""
    if job.is_recalled and not job.is_undoing and not job.is_at_work:
        return replace(job, is_undoing=True, failures=())
    return job


def sent_again(job: Job, *, at: datetime) -> Job:
    """Return the job whose messages are sent once more."""
    return _next(job, at, resends=job.resends + 1)


def given_up(job: Job, *, at: datetime) -> Job:
    """Return the job whose search can't be gone on with: it keeps to what was found, and does none of it."""
    return _recalled_in_time(_next(job, at, is_selected=True, is_cancelled=True, cursor=None))
