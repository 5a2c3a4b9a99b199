"""Moving photos within an album that is in manual order: a few items each, however large the album is."""

from collections.abc import Sequence

from heliograph.errors import UnprocessableError
from heliograph.photos import PhotoId, is_photo_id
from heliograph_metadata.domain.access import Access
from heliograph_metadata.domain.albums import AlbumSort, NotInManualOrderError, SmartAlbumError
from heliograph_metadata.domain.errors import PhotoNotFoundError
from heliograph_metadata.domain.index import sort_key
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.positions import between
from heliograph_metadata.service.album_order import AlbumOrder, Place
from heliograph_metadata.service.album_pages import album_term, ref
from heliograph_metadata.service.library_index import LibraryIndex
from heliograph_metadata.service.photo_store import PhotoStore


class SenselessMoveError(UnprocessableError):
    """A photo can't be moved next to itself."""

    code = "senseless-move"


class AlbumMoves:
    """Gives photos of an album other places."""

    def __init__(self, index: LibraryIndex, photos: PhotoStore, order: AlbumOrder) -> None:
        self._index = index
        self._photos = photos
        self._order = order

    async def move(self, access: Access, photo_ids: Sequence[PhotoId], *, anchor: PhotoId, before: bool) -> None:
        """Put photos, in this order, right before or behind another of the same album; again changes nothing.

        Raises:
            SmartAlbumError, NotInManualOrderError: The album has no order of its own.
            PhotoNotFoundError: One of the photos is not in the album; nothing has changed.
            SenselessMoveError: `anchor` is one of them.
            NoPositionLeftError: So many were moved to this place that no more fit.
        """
        album = access.album
        if album.is_smart:
            raise SmartAlbumError("A smart album shows what its search finds, in the order of time.")
        if album.sort is not AlbumSort.MANUAL:
            raise NotInManualOrderError("Photos are moved only in manual order: change the album's `sort` first.")
        moved = list(dict.fromkeys(photo_ids))
        if anchor in moved:
            raise SenselessMoveError("A photo can't be moved next to itself.")
        photos = await self._members(access, [*moved, anchor])
        # Against the order of positions what comes before has the higher one.
        below = before is album.is_oldest_first
        positions = await self._order.positions(ref(album), [anchor], consistent=True)
        at = positions.get(anchor, sort_key(photos[anchor]))
        neighbour = await self._neighbour(access, at, below=below, ignored={*moved})
        low, high = (neighbour, at) if below else (at, neighbour)
        in_order = moved if album.is_oldest_first else moved[::-1]
        places = [
            Place(photo_id, position, sort_key(photos[photo_id]))
            for photo_id, position in zip(in_order, between(low, high, in_order, near_low=not below), strict=True)
        ]
        await self._order.move(ref(album), places)

    async def _members(self, access: Access, photo_ids: Sequence[PhotoId]) -> dict[PhotoId, Photo]:
        if not all(is_photo_id(photo_id) for photo_id in photo_ids):
            raise PhotoNotFoundError("One of the photos is not there.")
        photos = await self._photos.get_many(photo_ids)
        for photo_id in photo_ids:
            if not _is_member(photos.get(photo_id), access):
                raise PhotoNotFoundError(f"There is no photo {photo_id} in this album.")
        return photos

    async def _neighbour(self, access: Access, at: str, *, below: bool, ignored: set[PhotoId]) -> str | None:
        """Return the nearest key on one side that is not of an ignored photo; of one that is seen or not."""
        album = access.album
        most = len(ignored) + 1
        places = await self._order.places(ref(album), after=at, ascending=not below, limit=most, consistent=True)
        keys = [place.position for place in places if place.photo_id not in ignored]
        term = album_term(album)
        for owner_id in access.owners:
            if below:
                found = await self._index.postings(owner_id, term, before=at, since=None, limit=most)
            else:
                found = await self._index.postings_from(owner_id, term, after=at, limit=most)
            keys += [posting.sort_key for posting in found if posting.photo_id not in ignored]
        return (max if below else min)(keys, default=None)


def _is_member(photo: Photo | None, access: Access) -> bool:
    return photo is not None and photo.owner_id in access.owners and access.album.album_id in photo.album_ids
