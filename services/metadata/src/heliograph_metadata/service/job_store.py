"""Where jobs are kept, and how one of them is taken a step on safely."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from heliograph.photos import OwnerId
from heliograph_metadata.domain.errors import EditConflictError
from heliograph_metadata.domain.job import Chunk, Job

_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What a request with an Idempotency-Key has made."""

    job_id: str
    request: str
    """A fingerprint of what was asked for."""


class JobStore(Protocol):
    """Jobs by owner, with their chunks of photos. tests/contract/test_job_store.py is its specification.

    What is here expires by itself some days after nothing can be undone any more.
    Every method raises `UnavailableError` where the store does not answer.
    """

    async def create(self, job: Job, chunks: Sequence[Chunk], *, key: str | None, request: str) -> KeyUse:
        """Store a new job, unless the owner's `key` has made one before; return what the key stands for now.

        A job of that id that is there already stays as it is.

        A crash in between leaves no job, at most chunks that nothing leads to.
        """

    async def get(self, owner_id: OwnerId, job_id: str) -> Job | None:
        """Return the owner's job."""

    async def newest(self, owner_id: OwnerId, *, before: str | None, limit: int) -> Sequence[Job]:
        """Return the owner's last jobs, the newest first, those with an id less than `before`."""

    async def chunk(self, owner_id: OwnerId, job_id: str, number: int) -> Chunk | None:
        """Return one chunk of a job."""

    def chunks(self, owner_id: OwnerId, job_id: str) -> AsyncIterator[Chunk]:
        """Yield a job's chunks in order."""

    async def replace(self, job: Job, *, stored: Job, chunk: Chunk | None = None) -> bool:
        """Store the next version of a job together with one of its chunks, all of it or nothing.

        Returns:
            False, having changed nothing, where another version than `stored` is there.
        """

    def at_work(self) -> AsyncIterator[tuple[OwnerId, str]]:
        """Yield owner and id of every job at which something is to be done; of late changes some may be missing."""


async def change_job(store: JobStore, owner_id: OwnerId, job_id: str, step: Callable[[Job], Job]) -> Job | None:
    """Take a job one step on, whoever else is changing it, and return it; None where there is none.

    Args:
        store: Where it is.
        owner_id: Whose it is.
        job_id: Which job.
        step: A transition of domain/job.py; what it raises passes through.

    Raises:
        EditConflictError: Others changed it each time.
    """
    for _ in range(_ATTEMPTS):
        job = await store.get(owner_id, job_id)
        if job is None:
            return None
        changed = step(job)
        if changed is job or await store.replace(changed, stored=job):
            return changed
    raise EditConflictError("This job is being changed by others at the same time; try again.")
