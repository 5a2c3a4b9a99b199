"""Albums: made, renamed, filled, and deleted without a photo lost."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar
from uuid import uuid4

from heliograph.errors import UnprocessableError
from heliograph.photos import OwnerId, PhotoId, is_photo_id
from heliograph_metadata.domain.errors import AlbumNotFoundError, EditConflictError, PhotoNotFoundError
from heliograph_metadata.domain.index import Posting
from heliograph_metadata.domain.photo import Photo, in_albums
from heliograph_metadata.domain.terms import MOST_ALBUMS, Term
from heliograph_metadata.service.album_store import Album, AlbumStore
from heliograph_metadata.service.library_index import LibraryIndex
from heliograph_metadata.service.photo_store import PhotoStore, change

_AT_ONCE: Final = 4
"""Photos changed at the same time: each of them adds to the same count."""

_SWEPT_PER_CALL: Final = 200
_ATTEMPTS: Final = 10
_INSTANT: Final = timedelta(microseconds=1)

T = TypeVar("T")


class TooManyAlbumsError(UnprocessableError):
    """One of the photos is in as many albums as a photo can be in."""

    code = "too-many-albums"


@dataclass(frozen=True, slots=True)
class ListedAlbum:
    """An album with what the index says of it."""

    album: Album
    count: int
    cover: Posting | None


class AlbumService:
    """The use cases of albums."""

    def __init__(
        self, albums: AlbumStore, photos: PhotoStore, index: LibraryIndex, *, now: Callable[[], datetime]
    ) -> None:
        self._albums = albums
        self._photos = photos
        self._index = index
        self._now = now

    async def create(self, owner_id: OwnerId, name: str) -> ListedAlbum:
        """Make an empty album."""
        at = self._now()
        album = Album(owner_id=owner_id, album_id=uuid4().hex, name=name, created_at=at, updated_at=at)
        await self._albums.create(album)
        return ListedAlbum(album, 0, None)

    async def all(self, owner_id: OwnerId) -> list[ListedAlbum]:
        """Return the owner's albums, by name; goes on with deletions that were broken off."""
        albums = await self._albums.all(owner_id)
        for deleted in (album for album in albums if album.is_deleted):
            await self._sweep(deleted)
        counts = {count.value: count.photos for count in await self._index.counts(owner_id, "album")}
        living = sorted((album for album in albums if not album.is_deleted), key=lambda album: album.name.casefold())
        covers = await _in_turns([partial(self._cover, album) for album in living], at_once=16)
        return [
            ListedAlbum(album, counts.get(album.album_id, 0), cover)
            for album, cover in zip(living, covers, strict=True)
        ]

    async def get(self, owner_id: OwnerId, album_id: str) -> ListedAlbum:
        """Return an album.

        Raises:
            AlbumNotFoundError: The caller has no such album.
        """
        return await self._listed(await self._living(owner_id, album_id))

    async def names(self, owner_id: OwnerId, album_ids: Sequence[str]) -> dict[str, str]:
        """Return the names of those of these albums that are there."""
        if not album_ids:
            return {}
        albums = await self._albums.all(owner_id)
        return {album.album_id: album.name for album in albums if album.album_id in album_ids and not album.is_deleted}

    async def rename(self, owner_id: OwnerId, album_id: str, name: str) -> ListedAlbum:
        """Give an album another name.

        Raises:
            AlbumNotFoundError: The caller has no such album.
        """
        return await self._listed(await self._changed(owner_id, album_id, name=name))

    async def change_photos(
        self, owner_id: OwnerId, album_id: str, *, add: Sequence[PhotoId], remove: Sequence[PhotoId]
    ) -> ListedAlbum:
        """Put photos into an album and take others out; doing it again changes nothing.

        Raises:
            AlbumNotFoundError: The caller has no such album.
            PhotoNotFoundError: One of the photos is not there; nothing has changed.
            TooManyAlbumsError: One of the photos is in too many albums; nothing has changed.
        """
        await self._living(owner_id, album_id)
        if not all(is_photo_id(photo_id) for photo_id in (*add, *remove)):
            raise PhotoNotFoundError("One of the photos is not there.")
        photos = await self._photos.get_many([*add, *remove])
        for photo_id in (*add, *remove):
            if photo_id not in photos or photos[photo_id].owner_id != owner_id:
                raise PhotoNotFoundError(f"There is no photo {photo_id}.")
        for photo_id in add:
            _check_room(photos[photo_id], album_id)
        taken_out = set(remove) - set(add)

        def moved(photo: Photo) -> Photo:
            if photo.photo_id in taken_out:
                return in_albums(photo, remove=[album_id], at=self._now())
            _check_room(photo, album_id)  # somebody else may have put it into one meanwhile
            return in_albums(photo, add=[album_id], at=self._now())

        await _in_turns(
            [partial(change, self._photos, photo.photo_id, moved, known=photo) for photo in photos.values()],
            at_once=_AT_ONCE,
        )
        return await self._listed(await self._changed(owner_id, album_id))

    async def delete(self, owner_id: OwnerId, album_id: str) -> None:
        """Delete an album; its photos stay. The album is gone at once, its photos forget it in time.

        Raises:
            AlbumNotFoundError: The caller has no such album.
        """
        await self._sweep(await self._changed(owner_id, album_id, is_deleted=True))

    async def _changed(self, owner_id: OwnerId, album_id: str, **changes: Any) -> Album:
        """Change an album, whoever else is changing it, and return it."""
        for _ in range(_ATTEMPTS):
            stored = await self._living(owner_id, album_id)
            at = max(self._now(), stored.updated_at + _INSTANT)
            album = replace(stored, updated_at=at, **changes)
            if await self._albums.replace(album, stored=stored):
                return album
        raise EditConflictError("This album is being changed by others at the same time; try again.")

    async def _sweep(self, album: Album) -> None:
        """Take some photos out of a deleted album, and forget it when none is left."""
        term = Term("album", album.album_id)
        postings = await self._index.postings(album.owner_id, term, before=None, since=None, limit=_SWEPT_PER_CALL)

        def left(photo: Photo) -> Photo:
            return in_albums(photo, remove=[album.album_id], at=self._now())

        await _in_turns(
            [partial(change, self._photos, posting.photo_id, left) for posting in postings], at_once=_AT_ONCE
        )
        if len(postings) < _SWEPT_PER_CALL:
            await self._albums.remove(album.owner_id, album.album_id)

    async def _living(self, owner_id: OwnerId, album_id: str) -> Album:
        album = await self._albums.get(owner_id, album_id)
        if album is None or album.is_deleted:
            raise AlbumNotFoundError("There is no such album.")
        return album

    async def _listed(self, album: Album) -> ListedAlbum:
        term = Term("album", album.album_id)
        counts, cover = await asyncio.gather(self._index.counts_of(album.owner_id, [term]), self._cover(album))
        return ListedAlbum(album, counts[term], cover)

    async def _cover(self, album: Album) -> Posting | None:
        newest = await self._index.postings(
            album.owner_id, Term("album", album.album_id), before=None, since=None, limit=1
        )
        return newest[0] if newest else None


def _check_room(photo: Photo, album_id: str) -> None:
    if len({*photo.album_ids, album_id}) > MOST_ALBUMS:
        raise TooManyAlbumsError(f"Photo {photo.photo_id} is in {MOST_ALBUMS} albums already, which is the most.")


async def _in_turns(calls: Sequence[Callable[[], Awaitable[T]]], *, at_once: int) -> list[T]:
    """Await the results of `calls` in order, at most `at_once` of them at a time."""
    turns = asyncio.Semaphore(at_once)

    async def one(call: Callable[[], Awaitable[T]]) -> T:
        async with turns:
            return await call()

    return await asyncio.gather(*(one(call) for call in calls))
