"""Bulk edits as people meet them: begun, watched, called off, undone."""

import hashlib
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_hex
from typing import Final

from heliograph.errors import UnavailableError
from heliograph.logs import correlation_id
from heliograph.messages import JobStep
from heliograph.photos import OwnerId, PhotoId
from heliograph.sqs import MessageSender
from heliograph_metadata.domain.albums import SmartAlbumError
from heliograph_metadata.domain.bulk_edit import BulkEdit, checked
from heliograph_metadata.domain.errors import (
    AlbumNotFoundError,
    IdempotencyKeyReusedError,
    InvalidEditError,
    JobNotFoundError,
)
from heliograph_metadata.domain.job import MOST_PHOTO_IDS, Job, cancelled, chunks_of, turned_back
from heliograph_metadata.domain.photo import Location
from heliograph_metadata.domain.search.saved import SearchQuery
from heliograph_metadata.service.album_store import AlbumStore
from heliograph_metadata.service.job_store import JobStore, change_job
from heliograph_metadata.service.photos import Places

_logger = logging.getLogger(__name__)

TRASH: Final = SearchQuery(status="trashed")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which photos somebody means: their ids, or a search."""

    photo_ids: Sequence[PhotoId] = ()
    search: SearchQuery | None = None


class JobService:
    """The use cases of jobs; somebody else's job is not there."""

    def __init__(
        self, jobs: JobStore, albums: AlbumStore, places: Places, steps: MessageSender, *, now: Callable[[], datetime]
    ) -> None:
        self._jobs = jobs
        self._places = places
        self._albums = albums
        self._steps = steps
        self._now = now

    async def start(self, owner_id: OwnerId, edit: BulkEdit, asked: Asked, *, key: str | None = None) -> Job:
        """Begin a bulk edit; with a key that was used before, return what was begun then.

        Where a message is not sent, the reconciler sends it.

        Raises:
            InvalidEditError: The edit says nothing or contradicts itself, or no photos are meant.
            AlbumNotFoundError: The caller has no such album.
            SmartAlbumError: An album's photos are what its search finds.
            IdempotencyKeyReusedError: The key came with another request before.
        """
        edit = self._placed(checked(edit))
        if bool(asked.photo_ids) == (asked.search is not None):
            raise InvalidEditError("Name the photos, or the search that finds them.")
        if len(asked.photo_ids) > MOST_PHOTO_IDS:
            raise InvalidEditError(f"More than {MOST_PHOTO_IDS:,} photos are meant by a search, not one by one.")
        for album_id in (*edit.add_albums, *edit.remove_albums):
            album = await self._albums.get(owner_id, album_id)
            if album is None or album.is_deleted:
                raise AlbumNotFoundError("There is no such album.")
            if album.is_smart:
                raise SmartAlbumError("A smart album's photos are what its search finds.")
        at = self._now()
        chunks = chunks_of(asked.photo_ids)
        job = Job(
            job_id=_new_job_id(),
            owner_id=owner_id,
            version=1,
            edit=edit,
            created_at=at,
            updated_at=at,
            search=asked.search,
            is_selected=asked.search is None,
            total=sum(len(chunk.photo_ids) for chunk in chunks),
            chunks=len(chunks),
        )
        request = _fingerprint(edit, asked)
        use = await self._jobs.create(job, chunks, key=key, request=request)
        if use.request != request:
            raise IdempotencyKeyReusedError("This Idempotency-Key came with another request before.")
        if use.job_id != job.job_id:
            return await self.get(owner_id, use.job_id)
        await self._send(first_steps(job, correlation_id()))
        return job

    async def get(self, owner_id: OwnerId, job_id: str) -> Job:
        """Return a job.

        Raises:
            JobNotFoundError: The caller has no such job.
        """
        return _there(await self._jobs.get(owner_id, job_id))

    async def newest(self, owner_id: OwnerId, *, before: str | None, limit: int) -> Sequence[Job]:
        """Return the caller's last jobs, the newest first."""
        return await self._jobs.newest(owner_id, before=before, limit=limit)

    async def cancel(self, owner_id: OwnerId, job_id: str) -> Job:
        """Have a job go no further; what it has changed stays, and can be undone.

        Raises:
            JobNotFoundError: The caller has no such job.
            JobFinishedError: There is nothing left to be cancelled.
        """
        job = await change_job(self._jobs, owner_id, job_id, lambda job: cancelled(job, at=self._now()))
        return _there(job)

    async def undo(self, owner_id: OwnerId, job_id: str) -> Job:
        """Have a job's photos become what they were, but for what was changed since; doing it again changes nothing.

        Raises:
            JobNotFoundError: The caller has no such job.
            JobNotUndoableError: It is at work, has changed nothing, is too long ago, or belongs to an answer.
        """
        job = _there(await change_job(self._jobs, owner_id, job_id, lambda job: turned_back(job, at=self._now())))
        if job.is_at_work:
            await self._send(first_steps(job, correlation_id()))
        return job

    async def empty_trash(self, owner_id: OwnerId) -> Job:
        """Have all that is in the trash now deleted for good."""
        return await self.start(owner_id, BulkEdit(purge=True), Asked(search=TRASH))

    def _placed(self, edit: BulkEdit) -> BulkEdit:
        if (point := edit.location) is None:
            return edit
        place = self._places.place_at(point.latitude, point.longitude)
        return replace(edit, location=Location(point.latitude, point.longitude, place))

    async def _send(self, steps: Sequence[JobStep]) -> None:
        try:
            await self._steps.send([step.model_dump_json() for step in steps])
        except UnavailableError as error:
            _logger.warning("a job begins later: its messages were not sent", extra={"reason": str(error)})


def first_steps(job: Job, correlation: str) -> list[JobStep]:
    """Return the messages that begin the present pass: one for each chunk, or one that finds the photos."""
    numbers: Sequence[int | None] = range(job.chunks) if job.is_selected else [None]
    return [
        JobStep(
            correlation_id=correlation,
            owner_id=job.owner_id,
            job_id=job.job_id,
            chunk=number,
            undo=job.is_undoing,
        )
        for number in numbers
    ]


def _there(job: Job | None) -> Job:
    if job is None:
        raise JobNotFoundError("There is no such job.")
    return job


def _new_job_id() -> str:
    """Return an id that later ones follow in the order of text: milliseconds, then chance."""
    return f"{time.time_ns() // 1_000_000:012x}{token_hex(10)}"


def _fingerprint(edit: BulkEdit, asked: Asked) -> str:
    text = json.dumps([repr(edit), repr(asked.search), *asked.photo_ids])
    return hashlib.sha256(text.encode()).hexdigest()
