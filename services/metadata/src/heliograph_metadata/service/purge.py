"""Photos deleted for good: what was in the trash long enough, and what somebody wants gone now.

            marked: no list has it, nothing brings it back
                           │
       its objects in S3 are removed (again, if they were)
                           │
               the document is removed

The document goes last. A crash between any two of these leaves a marked document that leads to whatever is left,
and the next look finds it first; were the document removed before its objects, nobody would know of them any more.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.errors import PhotoNotFoundError, PhotoNotTrashedError
from heliograph_metadata.domain.photo import Photo, purged
from heliograph_metadata.service.photo_store import PhotoStore, change

_AT_ONCE: Final = 16
_ATTEMPTS: Final = 10

_GRACE: Final = timedelta(minutes=2)
"""So long somebody else may be about it. Two at it could remove what is uploaded anew when the first is through."""

_logger = logging.getLogger(__name__)


class TrashedPhotos(Protocol):
    """The trash of all owners. tests/contract/test_trashed_photos.py is its specification."""

    def due(self, *, before: datetime) -> AsyncIterator[PhotoId]:
        """Yield the photos that were put into the trash before a time, and those whose removal was broken off.

        Reads these and no others; of late changes some may be missing.
        """


class PhotoObjects(Protocol):
    """All of a photo's objects in S3. tests/contract/test_photo_files.py is its specification."""

    async def remove_all(self, owner_id: OwnerId, photo_id: PhotoId) -> None:
        """Remove the original and the renditions; nothing happens where there are none."""


class Purger:
    """Deletes photos for good, and empties the trash in time."""

    def __init__(
        self,
        photos: PhotoStore,
        trashed: TrashedPhotos,
        objects: PhotoObjects,
        *,
        keeps: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        self._photos = photos
        self._trashed = trashed
        self._objects = objects
        self._keeps = keeps
        self._now = now

    async def delete(self, owner_id: OwnerId, photo_id: PhotoId) -> None:
        """Delete one photo of the trash for good.

        Raises:
            PhotoNotFoundError: The caller has no such photo.
            PhotoNotTrashedError: It is not in the trash.
        """
        photo = await self._photos.get(photo_id)
        if photo is None or photo.owner_id != owner_id or photo.purged_at:
            raise PhotoNotFoundError("There is no such photo.")
        marked = await self._marked(photo)
        try:
            await self._remove(marked)
        except UnavailableError as error:  # it is gone for its owner; the next look goes on
            _logger.warning("a photo's files are removed later", extra={"photo_id": photo_id, "reason": str(error)})

    async def purge(self, photo: Photo) -> bool:
        """Delete a photo for good unless it has left the trash; whether it is gone."""
        try:
            marked = await self._marked(photo)
        except PhotoNotTrashedError:
            return False
        await self._remove(marked)
        return True

    async def look(self, _: timedelta = timedelta()) -> int:
        """Delete what has been in the trash for long enough; return how many photos that were."""
        before = self._now() - self._keeps
        turns = asyncio.Semaphore(_AT_ONCE)
        running: set[asyncio.Task[bool]] = set()
        gone = 0
        async for photo_id in self._trashed.due(before=before):
            await turns.acquire()
            task = asyncio.create_task(self._purge_due(photo_id, before))
            task.add_done_callback(lambda _: turns.release())
            running.add(task)
            gone += _settled(running)
        if running:
            await asyncio.wait(running)
        gone += _settled(running)
        if gone:
            _logger.info("photos were deleted for good", extra={"photos": gone})
        return gone

    async def _purge_due(self, photo_id: PhotoId, before: datetime) -> bool:
        photo = await self._photos.get(photo_id)
        if photo is None or photo.trashed_at is None:
            return False
        if photo.purged_at:
            if self._now() - photo.purged_at < _GRACE:
                return False
        elif photo.trashed_at >= before:  # out of the trash and in again
            return False
        return await self.purge(photo)

    async def _marked(self, photo: Photo) -> Photo | None:
        return await change(self._photos, photo.photo_id, lambda there: purged(there, at=self._now()), known=photo)

    async def _remove(self, photo: Photo | None) -> None:
        for _ in range(_ATTEMPTS):
            if photo is None or photo.purged_at is None:  # gone; or gone, and uploaded anew
                return
            await self._objects.remove_all(photo.owner_id, photo.photo_id)
            if await self._photos.remove(photo):
                return
            photo = await self._photos.get(photo.photo_id)
        raise UnavailableError("The photo is being changed by others at the same time.")


def _settled(running: set[asyncio.Task[bool]]) -> int:
    """Take the finished ones out; one that can't be removed now keeps no other from it, and is found again."""
    gone = 0
    for task in [task for task in running if task.done()]:
        running.discard(task)
        if error := task.exception():
            _logger.warning("a photo was not deleted for good, and will be tried again", exc_info=error)
        else:
            gone += task.result()
    return gone
