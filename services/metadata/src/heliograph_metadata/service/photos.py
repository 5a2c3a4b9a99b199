"""One photo: read, edited, put into the trash and out again, tried again."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from heliograph.messages import PhotoUploaded, s3_event
from heliograph.photos import OwnerId, PhotoId
from heliograph.sqs import MessageSender
from heliograph_metadata.domain.errors import PhotoNotFoundError
from heliograph_metadata.domain.photo import Location, Photo, Place, edited, restored, retried, trashed
from heliograph_metadata.service.photo_store import PhotoStore, change
from heliograph_metadata.service.purge import Purger


class Places(Protocol):
    """The world's places, known without a network."""

    def place_at(self, latitude: float, longitude: float) -> Place | None:
        """Return the place that a point lies in; None at sea."""


class PhotoService:
    """The use cases of single photos; somebody else's photo is not there."""

    def __init__(
        self,
        photos: PhotoStore,
        places: Places,
        uploaded: MessageSender,
        purger: Purger,
        *,
        bucket: str,
        now: Callable[[], datetime],
    ) -> None:
        self._photos = photos
        self._places = places
        self._uploaded = uploaded
        self._purger = purger
        self._bucket = bucket
        self._now = now

    async def get(self, owner_id: OwnerId, photo_id: PhotoId) -> Photo:
        """Return a photo.

        Raises:
            PhotoNotFoundError: The caller has no such photo.
        """
        photo = await self._photos.get(photo_id)
        if photo is None or photo.owner_id != owner_id or photo.purged_at:
            raise PhotoNotFoundError("There is no such photo.")
        return photo

    async def edit(self, owner_id: OwnerId, photo_id: PhotoId, edits: Mapping[str, Any]) -> Photo:
        """Keep what a person says of a photo.

        Args:
            owner_id: The caller.
            photo_id: The photo.
            edits: As `domain.photo.edited` takes them, but `location` as (latitude, longitude) or None: its
                place is looked up here.

        Raises:
            PhotoNotFoundError: The caller has no such photo.
        """
        said = dict(edits)
        if point := said.get("location"):
            latitude, longitude = point
            said["location"] = Location(latitude, longitude, self._places.place_at(latitude, longitude))
        photo = await self.get(owner_id, photo_id)
        return await self._step(photo, lambda now_there: edited(now_there, said, at=self._now())) if said else photo

    async def trash(self, owner_id: OwnerId, photo_id: PhotoId) -> None:
        """Put a photo into the trash.

        Raises:
            PhotoNotFoundError: The caller has no such photo.
        """
        await self._step(await self.get(owner_id, photo_id), lambda photo: trashed(photo, at=self._now()))

    async def delete(self, owner_id: OwnerId, photo_id: PhotoId) -> None:
        """Delete a photo of the trash for good, with its files; where that is broken off, the worker goes on with it.

        Raises:
            PhotoNotFoundError: The caller has no such photo.
            PhotoNotTrashedError: It is not in the trash.
        """
        await self._purger.delete(owner_id, photo_id)

    async def restore(self, owner_id: OwnerId, photo_id: PhotoId) -> Photo:
        """Take a photo out of the trash.

        Raises:
            PhotoNotFoundError: The caller has no such photo.
        """
        return await self._step(await self.get(owner_id, photo_id), lambda photo: restored(photo, at=self._now()))

    async def retry(self, owner_id: OwnerId, photo_id: PhotoId) -> Photo:
        """Have a failed photo's original looked at again.

        Where the message is not sent, the reconciler sends it.

        Raises:
            PhotoNotFoundError: The caller has no such photo.
            PhotoNotFailedError: It has not failed.
        """
        photo = await self._step(await self.get(owner_id, photo_id), lambda photo: retried(photo, at=self._now()))
        arrival = PhotoUploaded(object_key=photo.original_key, size_bytes=photo.admission.size_bytes)
        await self._uploaded.send([s3_event(self._bucket, arrival)])
        return photo

    async def _step(self, photo: Photo, step: Callable[[Photo], Photo]) -> Photo:
        changed = await change(self._photos, photo.photo_id, step, known=photo)
        if changed is None:
            raise PhotoNotFoundError("There is no such photo.")
        return changed
