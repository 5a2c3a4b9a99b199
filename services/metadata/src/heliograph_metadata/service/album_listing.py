"""Albums as they are shown: with how many photos they have, and their covers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from heliograph.errors import InvalidError
from heliograph.photos import OwnerId, PhotoId, is_photo_id
from heliograph_metadata.domain.access import Access
from heliograph_metadata.domain.albums import Album
from heliograph_metadata.service.album_pages import AlbumPages, album_term
from heliograph_metadata.service.library_index import LibraryIndex
from heliograph_metadata.service.photo_store import PhotoStore

_COUNTED: Final = 60
"""Of a smart album so many photos are counted, a page: of more it is only said that there are."""


@dataclass(frozen=True, slots=True)
class Cover:
    """The photo that stands for an album, and whose it is."""

    owner_id: OwnerId
    photo_id: PhotoId


@dataclass(frozen=True, slots=True)
class ListedAlbum:
    """An album with what the index says of it, and what it is to whoever asks."""

    access: Access
    count: int | None
    """None where only so much is known that there are at least `at_least`."""
    at_least: int
    cover: Cover | None
    owner_name: str = ""
    """What its owner calls themselves; empty for the owner."""

    @property
    def album(self) -> Album:
        """The album itself."""
        return self.access.album


class AlbumListing:
    """Finds what is shown of an album besides its name."""

    def __init__(self, index: LibraryIndex, photos: PhotoStore, pages: AlbumPages) -> None:
        self._index = index
        self._photos = photos
        self._pages = pages

    async def of(self, access: Access, counts: Mapping[str, int] | None = None, *, owner_name: str = "") -> ListedAlbum:
        """Return an album with its count and cover.

        Args:
            access: What the album is to whoever asks.
            counts: Of its owner's photos in all albums by their ids, if they are known, to spare a read.
            owner_name: What its owner calls themselves.
        """
        album = access.album
        if album.is_smart:
            return await self._smart(access)
        term = album_term(album)
        asked = access.owners if counts is None else access.contributors
        count = 0 if counts is None else counts.get(album.album_id, 0)
        for owner_id in asked:
            count += (await self._index.counts_of(owner_id, [term]))[term]
        cover = await self._chosen(access)
        if cover is None and (first := await self._pages.first(access)):
            cover = Cover(first.owner_id, first.posting.photo_id)
        return ListedAlbum(access, count, count, cover, owner_name)

    async def _smart(self, access: Access) -> ListedAlbum:
        try:
            page = await self._pages.page(access, cursor=None, limit=_COUNTED)
        except InvalidError:  # written for an earlier version's search: opening the album says what is wrong
            return ListedAlbum(access, None, 0, None)
        found = len(page.items)
        cover = await self._chosen(access)
        if cover is None and page.items:
            cover = Cover(access.album.owner_id, page.items[0].posting.photo_id)
        return ListedAlbum(access, found if page.next_cursor is None else None, found, cover)

    async def _chosen(self, access: Access) -> Cover | None:
        chosen = access.album.cover_photo_id
        return await self.cover(access, chosen) if chosen else None

    async def cover(self, access: Access, photo_id: PhotoId) -> Cover | None:
        """Return a photo as an album's cover; None where it is not there to be seen, or not one of the album's."""
        photo = await self._photos.get(photo_id) if is_photo_id(photo_id) else None
        if photo is None or not (
            access.holds(photo) or (access.album.is_smart and photo.owner_id == access.album.owner_id and photo.is_seen)
        ):
            return None
        return Cover(photo.owner_id, photo_id)
