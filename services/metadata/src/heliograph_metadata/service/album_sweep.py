"""What is left of deleted albums is cleared away, some of it at each call: photos forget them, then they go."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from heliograph.photos import OwnerId
from heliograph_metadata.domain.albums import Album
from heliograph_metadata.domain.photo import in_albums
from heliograph_metadata.service.album_order import AlbumOrder
from heliograph_metadata.service.album_pages import album_term, ref
from heliograph_metadata.service.album_store import AlbumStore
from heliograph_metadata.service.in_turns import in_turns
from heliograph_metadata.service.library_index import LibraryIndex
from heliograph_metadata.service.photo_store import PhotoStore, change
from heliograph_metadata.service.share_ending import ShareEnding

_MOST_PER_CALL: Final = 200
_MOST_FOUND: Final = 2
_AT_ONCE: Final = 50
"""Photos changed at the same time: they are committed together."""


class AlbumSweep:
    """Clears away deleted albums."""

    def __init__(
        self,
        albums: AlbumStore,
        photos: PhotoStore,
        index: LibraryIndex,
        order: AlbumOrder,
        shares: ShareEnding,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._albums = albums
        self._photos = photos
        self._index = index
        self._order = order
        self._shares = shares
        self._now = now

    async def go_on(self, deleted: Sequence[Album]) -> None:
        """Take some photos out of deleted albums, and forget each that has none left, with its order."""
        left = _MOST_PER_CALL
        for album in deleted:
            await self._shares.of_album(album.owner_id, album.album_id)
            postings = await self._index.postings(
                album.owner_id, album_term(album), before=None, since=None, limit=left
            )
            without = partial(in_albums, remove=[album.album_id], at=self._now())
            await in_turns(
                [partial(change, self._photos, posting.photo_id, without) for posting in postings], at_once=_AT_ONCE
            )
            if len(postings) == left or not await self._order.clear(ref(album), limit=left):
                return
            await self._albums.remove(album.owner_id, album.album_id)
            left -= len(postings)

    async def find(self, owner_id: OwnerId, album_ids: Iterable[str]) -> None:
        """Take photos out of albums that are not there at all.

        A photo that lay in the trash while its album was deleted still says that it is in it when it comes back.

        Args:
            owner_id: Whose photos.
            album_ids: Albums that photos say they are in and that were not on the shelf: one that was made only
                just now is left alone.
        """
        at = self._now()
        for album_id in sorted(album_ids)[:_MOST_FOUND]:
            if await self._albums.get(owner_id, album_id) is None:
                gone = Album(owner_id=owner_id, album_id=album_id, name="", created_at=at, updated_at=at)
                await self.go_on([gone])
