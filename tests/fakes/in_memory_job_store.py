"""A `JobStore` in memory."""

from collections.abc import AsyncIterator, Sequence

from heliograph.photos import OwnerId
from heliograph_metadata.domain.job import Chunk, Job
from heliograph_metadata.service.job_store import KeyUse


class InMemoryJobStore:
    """Jobs by owner and id."""

    def __init__(self) -> None:
        self.jobs: dict[tuple[OwnerId, str], Job] = {}
        self.chunks_by_number: dict[tuple[OwnerId, str, int], Chunk] = {}
        self._keys: dict[tuple[OwnerId, str], KeyUse] = {}

    async def create(self, job: Job, chunks: Sequence[Chunk], *, key: str | None, request: str) -> KeyUse:
        if key is not None and (use := self._keys.get((job.owner_id, key))):
            return use
        use = KeyUse(job.job_id, request)
        if key is not None:
            self._keys[job.owner_id, key] = use
        if (job.owner_id, job.job_id) in self.jobs:
            return use
        for chunk in chunks:
            self.chunks_by_number[job.owner_id, job.job_id, chunk.number] = chunk
        self.jobs[job.owner_id, job.job_id] = job
        return use

    async def get(self, owner_id: OwnerId, job_id: str) -> Job | None:
        return self.jobs.get((owner_id, job_id))

    async def newest(self, owner_id: OwnerId, *, before: str | None, limit: int) -> Sequence[Job]:
        owned = [job for job in self.jobs.values() if job.owner_id == owner_id and job.job_id < (before or "~")]
        return sorted(owned, key=lambda job: job.job_id, reverse=True)[:limit]

    async def chunk(self, owner_id: OwnerId, job_id: str, number: int) -> Chunk | None:
        return self.chunks_by_number.get((owner_id, job_id, number))

    async def chunks(self, owner_id: OwnerId, job_id: str) -> AsyncIterator[Chunk]:
        for (owner, job, _), chunk in sorted(self.chunks_by_number.items(), key=lambda item: item[0]):
            if (owner, job) == (owner_id, job_id):
                yield chunk

    async def replace(self, job: Job, *, stored: Job, chunk: Chunk | None = None) -> bool:
        there = await self.get(job.owner_id, job.job_id)
        if there is None or there.version != stored.version:
            return False
        self.jobs[job.owner_id, job.job_id] = job
        if chunk is not None:
            self.chunks_by_number[job.owner_id, job.job_id, chunk.number] = chunk
        return True

    async def at_work(self) -> AsyncIterator[tuple[OwnerId, str]]:
        for (owner_id, job_id), job in list(self.jobs.items()):
            if job.is_at_work:
                yield owner_id, job_id
