"""Albums: made, described, filled, ordered, and deleted without a photo lost."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import uuid4

from heliograph.errors import UnprocessableError
from heliograph.photos import OwnerId, PhotoId, is_photo_id
from heliograph_metadata.domain.albums import (
    MOST_SHELVED,
    MOST_SMART_ALBUMS,
    Album,
    AlbumSort,
    NotSmartAlbumError,
    SmartAlbumError,
    TooManyShelvedError,
    check_place,
)
from heliograph_metadata.domain.errors import PhotoNotFoundError
from heliograph_metadata.domain.photo import Photo, in_albums
from heliograph_metadata.domain.terms import MOST_ALBUMS
from heliograph_metadata.service.album_listing import AlbumListing, ListedAlbum
from heliograph_metadata.service.album_moves import AlbumMoves
from heliograph_metadata.service.album_order import AlbumOrder
from heliograph_metadata.service.album_pages import AlbumPages, ref
from heliograph_metadata.service.album_store import AlbumStore, change_album, living
from heliograph_metadata.service.album_sweep import AlbumSweep
from heliograph_metadata.service.in_turns import in_turns
from heliograph_metadata.service.library_index import LibraryIndex
from heliograph_metadata.service.listing import Page
from heliograph_metadata.service.photo_store import PhotoStore, change
from heliograph_metadata.service.saved_searches import SavedSearches

_AT_ONCE: Final = 50
"""Photos changed at the same time: they are committed together."""

_READ_AT_ONCE: Final = 16

TOP: Final = "top"
"""Where albums lie that are in no folder."""


class TooManyAlbumsError(UnprocessableError):
    """One of the photos is in as many albums as a photo can be in."""

    code = "too-many-albums"


def new_id(owner_id: OwnerId, kind: str, key: str | None) -> str:
    """Return the id of something new: of the same key the same, so that who asks again makes nothing else."""
    if key is None:
        return uuid4().hex
    return hashlib.sha256(f"{owner_id}\n{kind}\n{key}".encode()).hexdigest()[:32]


class AlbumService:
    """The use cases of albums; of two who change the same thing of one, the last is right."""

    def __init__(
        self,
        albums: AlbumStore,
        photos: PhotoStore,
        index: LibraryIndex,
        *,
        order: AlbumOrder,
        searches: SavedSearches,
        now: Callable[[], datetime],
    ) -> None:
        self._albums = albums
        self._photos = photos
        self._index = index
        self._order = order
        self._searches = searches
        self._pages = AlbumPages(index, photos, order, searches, now=now)
        self._moves = AlbumMoves(index, photos, order)
        self._listing = AlbumListing(index, photos, self._pages)
        self._sweep = AlbumSweep(albums, photos, index, order, now=now)
        self._now = now

    async def create(self, owner_id: OwnerId, said: Mapping[str, Any], *, key: str | None = None) -> ListedAlbum:
        """Make an album.

        Args:
            owner_id: Whose it is.
            said: `name`, and any of `description`, `sort`, `parent_id` and `query`; with a query it is smart.
            key: Of two calls with the same key the second returns the album of the first.

        Raises:
            InvalidQueryError: The query is not understood.
            FolderNotFoundError: There is no such folder.
            TooManyShelvedError: The account has as many albums as it can have.
            SmartAlbumError: A smart album cannot be in that order.
        """
        at = self._now()
        album = Album(owner_id=owner_id, album_id=new_id(owner_id, "album", key), created_at=at, updated_at=at, **said)
        self._check(album)
        shelf = await self._albums.shelf(owner_id)
        check_place(shelf.folders, album.parent_id)
        if len(shelf.albums) + len(shelf.folders) >= MOST_SHELVED:
            raise TooManyShelvedError(f"There are {MOST_SHELVED} albums and folders already, which is the most.")
        if album.is_smart and sum(one.is_smart for one in shelf.albums) >= MOST_SMART_ALBUMS:
            raise TooManyShelvedError(f"There are {MOST_SMART_ALBUMS} smart albums already, which is the most.")
        if not await self._albums.create(album):
            album = await living(self._albums, owner_id, album.album_id)
        return await self._listing.of(album)

    async def all(self, owner_id: OwnerId, *, parent_id: str | None = None) -> list[ListedAlbum]:
        """Return the owner's albums, by name; goes on with deletions that were broken off.

        Args:
            owner_id: Whose they are.
            parent_id: Only those that lie directly in this folder, or at the `TOP`.
        """
        shelf = await self._albums.shelf(owner_id)
        counts = {count.value: count.photos for count in await self._index.counts(owner_id, "album")}
        await self._sweep.go_on([album for album in shelf.albums if album.is_deleted])
        await self._sweep.find(owner_id, set(counts) - {album.album_id for album in shelf.albums})
        folder_ids = {folder.folder_id for folder in shelf.folders}

        def is_asked_for(album: Album) -> bool:
            lies_in = album.parent_id if album.parent_id in folder_ids else TOP
            return not album.is_deleted and parent_id in {None, lies_in}

        asked_for = sorted(filter(is_asked_for, shelf.albums), key=lambda album: album.name.casefold())
        return await in_turns(
            [partial(self._listing.of, album, counts=counts) for album in asked_for], at_once=_READ_AT_ONCE
        )

    async def get(self, owner_id: OwnerId, album_id: str) -> ListedAlbum:
        """Return an album.

        Raises:
            AlbumNotFoundError: The caller has no such album.
        """
        return await self._listing.of(await living(self._albums, owner_id, album_id))

    async def names(self, owner_id: OwnerId, album_ids: Sequence[str]) -> dict[str, str]:
        """Return the names of those of these albums that are there."""
        if not album_ids:
            return {}
        albums = await self._albums.all(owner_id)
        return {album.album_id: album.name for album in albums if album.album_id in album_ids and not album.is_deleted}

    async def change(self, owner_id: OwnerId, album_id: str, said: Mapping[str, Any]) -> ListedAlbum:
        """Change what an album is called, shows first, lies in or searches for.

        Args:
            owner_id: The caller.
            album_id: The album.
            said: Any of `name`, `description`, `sort`, `cover_photo_id`, `parent_id` and `query`. An album that is
                put into manual order for the first time keeps the order that it is in; later it gets back the
                order that was made of it.

        Raises:
            AlbumNotFoundError: The caller has no such album.
            FolderNotFoundError: There is no such folder.
            PhotoNotFoundError: The cover is no photo of the album's.
            InvalidQueryError: The query is not understood.
            SmartAlbumError: A smart album cannot be in that order.
            NotSmartAlbumError: An album of picked photos was given a query.
        """
        stored = await living(self._albums, owner_id, album_id)
        if not said:
            return await self._listing.of(stored)
        changes = dict(said)
        if changes.get("query") is not None and not stored.is_smart:
            raise NotSmartAlbumError("This album's photos were picked: make a smart album for a search.")
        if changes.get("parent_id") is not None:
            check_place((await self._albums.shelf(owner_id)).folders, changes["parent_id"])
        if changes.get("cover_photo_id") is not None and not await self._listing.can_show(
            stored, changes["cover_photo_id"]
        ):
            raise PhotoNotFoundError("The cover must be one of the album's photos.")
        to_manual = changes.get("sort") is AlbumSort.MANUAL and stored.sort is not AlbumSort.MANUAL
        if to_manual and not await self._order.places(
            ref(stored), after=None, ascending=True, limit=1, consistent=True
        ):
            changes["base"] = stored.sort
        self._check(replace(stored, **changes))
        return await self._listing.of(await change_album(self._albums, owner_id, album_id, at=self._now(), **changes))

    def _check(self, album: Album) -> None:
        if album.query is None:
            return
        self._searches.check(album.query)
        if album.sort is not AlbumSort.NEWEST:
            raise SmartAlbumError("A smart album shows what its search finds, newest first.")

    async def photos(self, owner_id: OwnerId, album_id: str, *, cursor: str | None, limit: int) -> Page:
        """Return a page of an album's photos, in its order.

        Raises:
            AlbumNotFoundError: The caller has no such album.
            InvalidCursorError: The cursor is not one of this list's.
            InvalidQueryError: A smart album's query is not understood any more.
        """
        return await self._pages.page(await living(self._albums, owner_id, album_id), cursor=cursor, limit=limit)

    async def move_photos(
        self, owner_id: OwnerId, album_id: str, photo_ids: Sequence[PhotoId], *, anchor: PhotoId, before: bool
    ) -> None:
        """Put photos right before or behind another photo of the same album; see `AlbumMoves.move`.

        Raises:
            AlbumNotFoundError: The caller has no such album.
        """
        album = await living(self._albums, owner_id, album_id)
        await self._moves.move(album, photo_ids, anchor=anchor, before=before)

    async def change_photos(
        self, owner_id: OwnerId, album_id: str, *, add: Sequence[PhotoId], remove: Sequence[PhotoId]
    ) -> ListedAlbum:
        """Put photos into an album and take others out; doing it again changes nothing.

        Raises:
            AlbumNotFoundError: The caller has no such album.
            PhotoNotFoundError: One of the photos is not there; nothing has changed.
            TooManyAlbumsError: One of the photos is in too many albums; nothing has changed.
            SmartAlbumError: The album's photos are what its search finds.
        """
        if (await living(self._albums, owner_id, album_id)).is_smart:
            raise SmartAlbumError("A smart album's photos are what its search finds; change the search.")
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

        await in_turns(
            [partial(change, self._photos, photo.photo_id, moved, known=photo) for photo in photos.values()],
            at_once=_AT_ONCE,
        )
        return await self._listing.of(await change_album(self._albums, owner_id, album_id, at=self._now()))

    async def delete(self, owner_id: OwnerId, album_id: str) -> None:
        """Delete an album; its photos stay. The album is gone at once, its photos forget it in time.

        Raises:
            AlbumNotFoundError: The caller has no such album.
        """
        album = await change_album(self._albums, owner_id, album_id, at=self._now(), is_deleted=True)
        await self._sweep.go_on([album])


def _check_room(photo: Photo, album_id: str) -> None:
    if len({*photo.album_ids, album_id}) > MOST_ALBUMS:
        raise TooManyAlbumsError(f"Photo {photo.photo_id} is in {MOST_ALBUMS} albums already, which is the most.")
