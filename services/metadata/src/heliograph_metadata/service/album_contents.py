"""Photos put into albums and taken out of them, each by whoever may."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from heliograph.errors import UnprocessableError
from heliograph.photos import PhotoId, is_photo_id
from heliograph_metadata.domain.access import Access, Right
from heliograph_metadata.domain.albums import SmartAlbumError
from heliograph_metadata.domain.errors import PhotoNotFoundError
from heliograph_metadata.domain.photo import Photo, in_albums
from heliograph_metadata.domain.terms import MOST_ALBUMS
from heliograph_metadata.service.in_turns import in_turns
from heliograph_metadata.service.photo_store import PhotoStore, change

_AT_ONCE: Final = 50
"""Photos changed at the same time: they are committed together."""


class TooManyAlbumsError(UnprocessableError):
    """One of the photos is in as many albums as a photo can be in."""

    code = "too-many-albums"


class AlbumContents:
    """Changes which photos say that they are in an album."""

    def __init__(self, photos: PhotoStore, *, now: Callable[[], datetime]) -> None:
        self._photos = photos
        self._now = now

    async def change(self, access: Access, *, add: Sequence[PhotoId], remove: Sequence[PhotoId]) -> None:
        """Put photos of the caller's own into an album and take others out; again changes nothing.

        Raises:
            NotAllowedError: A photo that shall be taken out is somebody else's, and the caller is no editor.
            PhotoNotFoundError: One of the photos is not there; nothing has changed.
            TooManyAlbumsError: One of the photos is in too many albums; nothing has changed.
            SmartAlbumError: The album's photos are what its search finds.
        """
        album_id = access.album.album_id
        if access.album.is_smart:
            raise SmartAlbumError("A smart album's photos are what its search finds; change the search.")
        photos = await self._known([*add, *remove])
        for photo_id in (*add, *remove):
            _check_known(access, photos.get(photo_id), photo_id, is_added=photo_id in add)
        for photo_id in add:
            _check_room(photos[photo_id], album_id)
        taken_out = set(remove) - set(add)

        def moved(photo: Photo) -> Photo:
            if photo.photo_id in taken_out:
                return in_albums(photo, remove=[album_id], at=self._now())
            _check_room(photo, album_id)  # somebody else may have put it into one meanwhile
            return in_albums(photo, add=[album_id], at=self._now())

        await in_turns(
            [partial(change, self._photos, photo.photo_id, moved, known=photo) for photo in photos.values()],
            at_once=_AT_ONCE,
        )

    async def _known(self, photo_ids: Sequence[PhotoId]) -> dict[PhotoId, Photo]:
        if not all(is_photo_id(photo_id) for photo_id in photo_ids):
            raise PhotoNotFoundError("One of the photos is not there.")
        return await self._photos.get_many(photo_ids)


def _check_known(access: Access, photo: Photo | None, photo_id: PhotoId, *, is_added: bool) -> None:
    """See that a photo is the caller's own, or one of the album's that they may take out."""
    if photo is not None and access.is_own(photo.owner_id):
        return
    if photo is None or is_added or not access.holds(photo):
        raise PhotoNotFoundError(f"There is no photo {photo_id}.")
    access.check(Right.ARRANGE)


def _check_room(photo: Photo, album_id: str) -> None:
    if len({*photo.album_ids, album_id}) > MOST_ALBUMS:
        raise TooManyAlbumsError(f"Photo {photo.photo_id} is in {MOST_ALBUMS} albums already, which is the most.")
