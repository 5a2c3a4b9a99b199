"""What becomes of a photo when its original has arrived in S3: read, shrunk, and handed to the models.

photo-uploaded ──► read the original ──► renditions to S3 ──► photo = prepared ──► photo-prepared
     │                  └─ refused ─────────────────────────► photo = failed, with the reason

A crash between any two of these is mended by the message's coming back: every step may be taken twice.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from heliograph.errors import NotFoundError, UnavailableError
from heliograph.logs import correlated
from heliograph.messages import Lane, PhotoPrepared, PhotoUploaded, Reclassification
from heliograph.photos import OriginalPrefix, OwnerId, PhotoId, PhotoStatus, original_of, preview_key
from heliograph.sqs import MessageSender
from heliograph_metadata.domain.media import Exif, PhotoContent, SizeMismatchError, UnreadablePhotoError
from heliograph_metadata.domain.photo import (
    Camera,
    Exposure,
    Location,
    Photo,
    PhotoFailure,
    Place,
    Preparation,
    Source,
    Sourced,
    failed,
    prepared,
)
from heliograph_metadata.domain.times import time_taken
from heliograph_metadata.service.giving_up import give_up
from heliograph_metadata.service.photo_store import PhotoStore, change

_logger = logging.getLogger(__name__)


class OriginalMissingError(NotFoundError):
    """The photo's bytes are not in S3."""

    code = "original-missing"


class ReadingProcessDiedError(UnavailableError):
    """What was reading the photo has died, perhaps of this photo."""

    code = "reading-process-died"


@dataclass(frozen=True, slots=True)
class Original:
    """A file on its way from S3."""

    size_bytes: int
    chunks: AsyncIterator[bytes]


class Originals(Protocol):
    """The files as they were uploaded. tests/contract/test_photo_files.py is its specification."""

    def opened(self, key: str) -> AbstractAsyncContextManager[Original]:
        """Open the original of that key; what isn't read is never fetched.

        Raises:
            OriginalMissingError: It isn't there.
            UnavailableError: S3 does not answer.
        """

    async def arrived(self, owner_id: OwnerId, photo_id: PhotoId) -> PhotoUploaded | None:
        """Return what S3 told when the original came; None where it is in no place in which it can lie."""


class Renditions(Protocol):
    """Where renditions are kept. tests/contract/test_photo_files.py is its specification."""

    async def put(self, owner_id: OwnerId, photo_id: PhotoId, *, thumbnail: bytes, preview: bytes) -> None:
        """Store both, in place of what may be there."""

    async def remove(self, owner_id: OwnerId, photo_id: PhotoId) -> None:
        """Remove both; nothing happens where there are none."""


class PhotoReader(Protocol):
    """What reads a file of which nothing is known yet."""

    async def read(self, chunks: AsyncIterator[bytes], *, size_bytes: int, sha256: str) -> PhotoContent:
        """Return all that one look at a file yields.

        Args:
            chunks: The file.
            size_bytes: How long it is.
            sha256: What its hash should be, in hexadecimal.

        Raises:
            UnreadablePhotoError: It can't be taken in; its kind and text say why.
            ReadingProcessDiedError: Nobody knows why, yet.
            UnavailableError: It wasn't read, through no fault of its own.
        """


class Places(Protocol):
    """Places by name."""

    def place_at(self, latitude: float, longitude: float) -> Place | None:
        """Return the place there; None where there is none."""


class PrepareService:
    """Takes in originals. A message that comes twice, late or for no photo changes nothing."""

    def __init__(
        self,
        photos: PhotoStore,
        originals: Originals,
        renditions: Renditions,
        readers: Mapping[Lane, PhotoReader],
        places: Places,
        photo_prepared: Mapping[Lane, MessageSender],
        *,
        at_once: int,
        now: Callable[[], datetime],
    ) -> None:
        """Make one.

        Args:
            photos: The documents.
            originals: The files as they came.
            renditions: What is made of them.
            readers: What reads the files of each lane: a backlog must not keep an interactive photo waiting.
            places: Places by name.
            photo_prepared: Each lane's queue to the networks.
            at_once: How many photos of each lane are fetched and read at a time; the others wait without a byte.
            now: The time.
        """
        self._photos = photos
        self._originals = originals
        self._renditions = renditions
        self._readers = readers
        self._places = places
        self._photo_prepared = photo_prepared
        self._hands = {lane: asyncio.Semaphore(at_once) for lane in Lane}
        self._now = now

    async def prepare(self, uploaded: PhotoUploaded) -> None:
        """Read the photo and hand it to the models; where that was done before, hand it to them once more.

        The photo's lane decides how it goes on: one for which somebody has come to wait goes by the interactive one.

        Raises:
            UnavailableError: Something this depends on does not answer; the message has to come back.
        """
        photo = await self._photo_of(uploaded)
        if photo is None:
            return
        with correlated(photo.correlation_id):
            if photo.status is PhotoStatus.AWAITING_UPLOAD:
                photo = await self._taken_in(photo, uploaded)
            if photo is not None and photo.status is PhotoStatus.PREPARED:
                await self._photo_prepared[photo.lane].send([photo_prepared(photo).model_dump_json()])

    async def gave_up(self, uploaded: PhotoUploaded) -> None:
        """Let the photo say that it could not be prepared."""
        if photo := await self._photo_of(uploaded):
            await give_up(self._photos, photo.photo_id, stuck=PhotoStatus.AWAITING_UPLOAD, now=self._now)

    async def _photo_of(self, uploaded: PhotoUploaded) -> Photo | None:
        try:
            owner_id, photo_id, _ = original_of(uploaded.object_key)
        except ValueError:
            _logger.warning("an object that is no original was ignored", extra={"object_key": uploaded.object_key})
            return None
        photo = await self._photos.get(photo_id)
        if photo is None or photo.owner_id != owner_id:
            _logger.warning("an original of no photo was ignored", extra={"object_key": uploaded.object_key})
            return None
        return photo

    async def _taken_in(self, photo: Photo, uploaded: PhotoUploaded) -> Photo | None:
        _, _, found_under = original_of(uploaded.object_key)
        try:
            async with self._hands[photo.lane]:
                content = await self._content(photo, uploaded.object_key)
                await self._renditions.put(
                    photo.owner_id, photo.photo_id, thumbnail=content.thumbnail, preview=content.preview
                )
        except OriginalMissingError:
            _logger.warning("an original is not there", extra={"photo_id": photo.photo_id})
            return None
        except UnreadablePhotoError as error:
            failure = PhotoFailure(error.code, str(error))
            _logger.info("photo refused", extra={"photo_id": photo.photo_id, "code": error.code, "reason": str(error)})
            return await change(
                self._photos,
                photo.photo_id,
                lambda photo: failed(photo, failure, at=self._now(), found_under=found_under),
                known=photo,
            )
        preparation = self._preparation(photo, content, found_under)
        _logger.debug("photo prepared", extra={"photo_id": photo.photo_id})
        taken_in = await change(
            self._photos, photo.photo_id, lambda photo: prepared(photo, preparation, at=self._now()), known=photo
        )
        if taken_in is None:  # deleted for good while it was read: nobody knows of the renditions any more
            await self._renditions.remove(photo.owner_id, photo.photo_id)
        return taken_in

    async def _content(self, photo: Photo, key: str) -> PhotoContent:
        admission = photo.admission
        async with self._originals.opened(key) as original:
            if original.size_bytes != admission.size_bytes:
                raise SizeMismatchError(
                    f"{original.size_bytes:,} bytes arrived, {admission.size_bytes:,} were announced."
                )
            reader = self._readers[photo.lane]
            return await reader.read(original.chunks, size_bytes=original.size_bytes, sha256=admission.sha256)

    def _preparation(self, photo: Photo, content: PhotoContent, found_under: OriginalPrefix) -> Preparation:
        exif = content.exif
        return Preparation(
            content_type=content.content_type,
            width_px=content.width_px,
            height_px=content.height_px,
            thumbhash=content.thumbhash,
            look=content.look,
            taken_at=time_taken(exif, photo.admission, created_at=photo.created_at, now=self._now()),
            location=self._location(exif),
            camera=_camera(exif),
            exposure=_exposure(exif),
            found_under=found_under,
        )

    def _location(self, exif: Exif) -> Sourced[Location | None] | None:
        if exif.latitude is None or exif.longitude is None:
            return None
        place = self._places.place_at(exif.latitude, exif.longitude)
        return Sourced(Location(exif.latitude, exif.longitude, place), Source.EXIF)


def photo_prepared(
    photo: Photo, models: tuple[str, ...] | None = None, again: Reclassification | None = None
) -> PhotoPrepared:
    """Return the message that hands a prepared photo to the models, or one that was looked at to some of them."""
    return PhotoPrepared(
        correlation_id=photo.correlation_id,
        photo_id=photo.photo_id,
        owner_id=photo.owner_id,
        preview_key=preview_key(photo.owner_id, photo.photo_id),
        width_px=photo.width_px or 1,
        height_px=photo.height_px or 1,
        models=models,
        again=again,
    )


def _camera(exif: Exif) -> Camera | None:
    camera = Camera(make=exif.make, model=exif.model, lens=exif.lens)
    return camera if camera != Camera() else None


def _exposure(exif: Exif) -> Exposure | None:
    exposure = Exposure(
        aperture=exif.aperture,
        shutter_seconds=exif.shutter_seconds,
        iso=exif.iso,
        focal_length_mm=exif.focal_length_mm,
    )
    return exposure if exposure != Exposure() else None
