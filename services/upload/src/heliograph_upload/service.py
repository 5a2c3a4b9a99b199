"""Admitting photos: what is new, what is here already, and how its bytes come."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import BinaryIO, Protocol

from heliograph.errors import HeliographError
from heliograph.logs import correlation_id
from heliograph.photos import Admission, OwnerId, PhotoId, PhotoStatus, photo_id_of
from heliograph_upload.domain import (
    FileAnswer,
    FileStatus,
    NewPhoto,
    OfferedFile,
    PresignedUpload,
    UploadLimits,
    admission_of,
    safe_filename,
    utc_now,
)


class AdmissionStore(Protocol):
    """Where photos begin. tests/contract/test_admission_store.py is its specification.

    A status is a `PhotoStatus` or one of metadata's own; only `awaiting_upload` means anything here.
    """

    async def statuses(self, photo_ids: Collection[PhotoId]) -> dict[PhotoId, str]:
        """Return the status of each of these (at most 100) photos that is there."""

    async def admit(self, photos: Sequence[NewPhoto]) -> dict[PhotoId, str]:
        """Store each of these (at most 100, all different) photos that is not there yet.

        Returns:
            The status of each that was there already, which is left as it is.
        """

    async def renew(self, photos: Collection[NewPhoto]) -> set[PhotoId]:
        """Begin the wait for the bytes of these (at most 100) photos anew, with what is said of them now.

        Returns:
            Those that still awaited their bytes; the others are left as they are.
        """


class Originals(Protocol):
    """Where the bytes of photos are kept, untouched; an object that is there is never replaced."""

    async def presigned_uploads(self, photos: Sequence[NewPhoto], base_url: str) -> list[PresignedUpload]:
        """Return for each photo one PUT, signed for the address `base_url`, that takes its announced bytes only."""

    async def arrived(self, photos: Collection[NewPhoto]) -> set[PhotoId]:
        """Return which of these photos have their bytes here, by whichever lane they came."""

    async def put(self, photo: NewPhoto, body: BinaryIO) -> bool:
        """Store the bytes that the photo was admitted with; return False where they are there already."""


class UploadService:
    """The use cases of uploading."""

    def __init__(
        self,
        store: AdmissionStore,
        originals: Originals,
        *,
        limits: UploadLimits,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._originals = originals
        self._limits = limits
        self._clock = clock

    async def admit(self, owner_id: OwnerId, files: Sequence[OfferedFile], *, base_url: str) -> list[FileAnswer]:
        """Answer for each file, in their order, whether its bytes are wanted and where they go.

        A photo that was announced before is accepted again, with a fresh URL, until its bytes have arrived.
        """
        photos: dict[int, NewPhoto] = {}  # by place in `files`
        refusals: dict[int, HeliographError] = {}
        for place, offered in enumerate(files):
            try:
                photos[place] = self._new_photo(owner_id, admission_of(offered, self._limits))
            except HeliographError as error:
                refusals[place] = error
        first_places = {photo.photo_id: place for place, photo in reversed(photos.items())}
        wanted, announced_before = await self._wanted([photos[place] for place in sorted(first_places.values())])
        for arrived in await self._originals.arrived(announced_before):
            del wanted[arrived]
        await self._await_anew(wanted, [photo for photo in announced_before if photo.photo_id in wanted])
        uploads = await self._originals.presigned_uploads(list(wanted.values()), base_url)
        upload_of = dict(zip(wanted, uploads, strict=True))
        answers = []
        for place, offered in enumerate(files):
            if (refusal := refusals.get(place)) is not None:
                name = safe_filename(offered.filename)
                answers.append(FileAnswer(name, offered.sha256, FileStatus.REJECTED, problem=refusal))
                continue
            photo = photos[place]
            upload = upload_of.get(photo.photo_id) if first_places[photo.photo_id] == place else None
            answers.append(
                FileAnswer(
                    photo.admission.filename,
                    photo.admission.sha256,
                    FileStatus.ACCEPTED if upload else FileStatus.DUPLICATE,
                    photo_id=photo.photo_id,
                    upload=upload,
                )
            )
        return answers

    async def upload(self, owner_id: OwnerId, offered: OfferedFile, body: BinaryIO) -> tuple[PhotoId, FileStatus]:
        """Take a photo and its bytes in one go.

        The photo is admitted before its bytes are stored, so that S3's event always finds it; after a crash between
        the two it awaits its bytes, and the next try brings them.

        Raises:
            EmptyFileError, FileTooLargeError, UnsupportedTypeError: It is refused.
        """
        photo = self._new_photo(owner_id, admission_of(offered, self._limits))
        wanted, announced_before = await self._wanted([photo])
        for arrived in await self._originals.arrived(announced_before):
            del wanted[arrived]
        await self._await_anew(wanted, [photo for photo in announced_before if photo.photo_id in wanted])
        stored = bool(wanted) and await self._originals.put(photo, body)
        return photo.photo_id, FileStatus.ACCEPTED if stored else FileStatus.DUPLICATE

    def _new_photo(self, owner_id: OwnerId, admission: Admission) -> NewPhoto:
        return NewPhoto(
            photo_id=photo_id_of(owner_id, admission.sha256),
            owner_id=owner_id,
            admission=admission,
            admitted_at=self._clock(),
            correlation_id=correlation_id(),
        )

    async def _wanted(self, photos: Sequence[NewPhoto]) -> tuple[dict[PhotoId, NewPhoto], list[NewPhoto]]:
        """Admit those that are new; return those that await their bytes, and which of them did so before.

        A single file is mostly new, so it is put straight away; among many, reading first is cheaper.
        """
        there: dict[PhotoId, str] = {}
        if len(photos) > 1:
            there = await self._store.statuses([photo.photo_id for photo in photos])
        if unknown := [photo for photo in photos if photo.photo_id not in there]:
            there |= await self._store.admit(unknown)
        awaiting = PhotoStatus.AWAITING_UPLOAD
        wanted = {photo.photo_id: photo for photo in photos if there.get(photo.photo_id, awaiting) == awaiting}
        return wanted, [photo for photo_id, photo in wanted.items() if photo_id in there]

    async def _await_anew(self, wanted: dict[PhotoId, NewPhoto], announced_before: Sequence[NewPhoto]) -> None:
        """Make sure that these are not forgotten while their bytes travel; those that have gone on are wanted no more.

        What counts is what was said last: the URL is signed for that.
        """
        renewed = await self._store.renew(announced_before) if announced_before else set()
        for photo in announced_before:
            if photo.photo_id not in renewed:  # it has gone on, or was forgotten at this very moment
                there = await self._store.admit([photo])
                if there.get(photo.photo_id, PhotoStatus.AWAITING_UPLOAD) != PhotoStatus.AWAITING_UPLOAD:
                    del wanted[photo.photo_id]
