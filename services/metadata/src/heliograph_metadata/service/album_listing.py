"""Albums as they are shown: with how many photos they have, and their covers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from heliograph.errors import InvalidError
from heliograph.photos import PhotoId, is_photo_id
from heliograph_metadata.domain.albums import Album
from heliograph_metadata.service.album_pages import AlbumPages, album_term
from heliograph_metadata.service.library_index import LibraryIndex
from heliograph_metadata.service.photo_store import PhotoStore

_COUNTED: Final = 60
"""Of a smart album so many photos are counted, a page: of more it is only said that there are."""


@dataclass(frozen=True, slots=True)
class ListedAlbum:
    """An album with what the index says of it."""

    album: Album
    count: int | None
    """None where only so much is known that there are at least `at_least`."""
    at_least: int
    cover: PhotoId | None


class AlbumListing:
    """Finds what is shown of an album besides its name."""

    def __init__(self, index: LibraryIndex, photos: PhotoStore, pages: AlbumPages) -> None:
        self._index = index
        self._photos = photos
        self._pages = pages

    async def of(self, album: Album, counts: Mapping[str, int] | None = None) -> ListedAlbum:
        """Return an album with its count and cover.

        Args:
            album: The album.
            counts: Of all albums by their ids, if they are known, to spare a read.
        """
        if album.is_smart:
            return await self._smart(album)
        term = album_term(album)
        if counts is None:
            counts = {album.album_id: (await self._index.counts_of(album.owner_id, [term]))[term]}
        count = counts.get(album.album_id, 0)
        cover = album.cover_photo_id
        if cover is None or not await self.can_show(album, cover):
            first = await self._pages.first(album)
            cover = first.photo_id if first else None
        return ListedAlbum(album, count, count, cover)

    async def _smart(self, album: Album) -> ListedAlbum:
        try:
            page = await self._pages.page(album, cursor=None, limit=_COUNTED)
        except InvalidError:  # written for an earlier version's search: opening the album says what is wrong
            return ListedAlbum(album, None, 0, None)
        found = len(page.items)
        cover = album.cover_photo_id
        if cover is None or not await self.can_show(album, cover):
            cover = page.items[0].posting.photo_id if page.items else None
        return ListedAlbum(album, found if page.next_cursor is None else None, found, cover)

    async def can_show(self, album: Album, photo_id: PhotoId) -> bool:
        """Whether a photo can be an album's cover: it is there to be seen, and in an album of picked photos."""
        photo = await self._photos.get(photo_id) if is_photo_id(photo_id) else None
        return (
            photo is not None
            and photo.owner_id == album.owner_id
            and photo.is_prepared
            and photo.trashed_at is None
            and (album.is_smart or album.album_id in photo.album_ids)
        )
