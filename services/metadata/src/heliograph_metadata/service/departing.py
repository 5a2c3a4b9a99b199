"""Removes the libraries of accounts that are being deleted, with all that is made of them and all that they share.

    albums of others forget their photos ──► what they share ends ──► objects ──► documents, through the ledger
                                                                                       │
                                             objects again ◄── albums, jobs, answers, stacks, the index itself

Each step finds by itself what is left of it, so a removal that was broken off anywhere is begun again from the front.
Nothing is marked beforehand: nobody who is asked for it can see such a library any more. What was under way meanwhile
(an upload, a photo at the networks) finds no document and leaves at most an object, or a photo that was admitted too
late; the second removal, when nothing can come any more, takes those (`Departure.is_due`).
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol

from heliograph.departures import Departures, Half
from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.errors import AlbumNotFoundError
from heliograph_metadata.domain.sharing import Member
from heliograph_metadata.domain.terms import Term
from heliograph_metadata.service.album_order import AlbumOrder, AlbumRef
from heliograph_metadata.service.album_store import AlbumStore, change_album
from heliograph_metadata.service.in_turns import in_turns
from heliograph_metadata.service.library_index import LibraryIndex
from heliograph_metadata.service.photo_store import PhotoStore
from heliograph_metadata.service.reclassify import LibraryIds
from heliograph_metadata.service.share_ending import ShareEnding
from heliograph_metadata.service.share_store import MemberStore

_AT_ONCE: Final = 64
"""Documents removed at the same time: they are committed together."""
_PAGE: Final = 200
_ATTEMPTS: Final = 10

_logger = logging.getLogger(__name__)


class OwnedObjects(Protocol):
    """All objects of an owner in S3. tests/contract/test_library_remains.py is its specification."""

    async def remove_all_of(self, owner_id: OwnerId) -> int:
        """Remove an owner's objects under every prefix, and uploads in parts that were begun; return how many."""


class LibraryRemains(Protocol):
    """What a library leaves in the tables beside its photos. tests/contract/test_library_remains.py specifies it."""

    async def remove_all_of(self, owner_id: OwnerId) -> int:
        """Remove albums and folders, jobs, answers and questions, own labels, stacks and the index; return how many."""


class LibraryRemoval:
    """Removes the library's half of those who leave."""

    def __init__(
        self,
        departures: Departures,
        ids: LibraryIds,
        photos: PhotoStore,
        index: LibraryIndex,
        albums: AlbumStore,
        order: AlbumOrder,
        members: MemberStore,
        shares: ShareEnding,
        objects: OwnedObjects,
        remains: LibraryRemains,
        *,
        settles_after: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        self._departures = departures
        self._ids = ids
        self._photos = photos
        self._index = index
        self._albums = albums
        self._order = order
        self._members = members
        self._shares = shares
        self._objects = objects
        self._remains = remains
        self._settles_after = settles_after
        self._now = now

    async def look(self, _: timedelta = timedelta()) -> None:
        """Remove what is to be removed now; of two at it each finds what the other has left.

        A removal that breaks off is begun again at the next look, and keeps no other from being made.
        """
        for departure in await self._departures.all():
            begun_at = self._now()
            if not departure.is_due(Half.LIBRARY, begun_at, self._settles_after):
                continue
            about = {"owner_id": departure.account_id}
            try:
                photos = await self.remove(departure.account_id)
                await self._departures.note_removed(departure.account_id, Half.LIBRARY, begun_at)
            except UnavailableError as error:
                _logger.warning("a library is removed later", extra=about | {"reason": str(error)})
            except Exception:
                _logger.exception("the removal of a library broke off", extra=about)
            else:
                _logger.info("a library was removed", extra=about | {"photos": str(photos)})

    async def remove(self, owner_id: OwnerId) -> int:
        """Remove a library to its end; return how many photos it had.

        Raises:
            UnavailableError: Something does not answer: to be begun again.
        """
        for member in await self._members.memberships(owner_id):
            await self._leave(member)
        for album in await self._albums.all(owner_id):
            await self._shares.of_album(owner_id, album.album_id)
        await self._objects.remove_all_of(owner_id)
        photos = 0
        async for ids in self._ids.ids_of(owner_id):
            photos += sum(
                await in_turns([partial(self._remove, owner_id, photo_id) for photo_id in ids], at_once=_AT_ONCE)
            )
        await self._remains.remove_all_of(owner_id)
        await self._objects.remove_all_of(owner_id)
        return photos

    async def _leave(self, member: Member) -> None:
        """Let somebody else's album forget one who leaves it, and their photos: places, cover, the invitation taken up.

        The membership goes last, as it is what leads to the album.
        """
        album = AlbumRef(member.owner_id, member.album_id)
        term, before = Term("album", member.album_id), None
        ids: set[PhotoId] = set()
        while page := await self._index.postings(member.account_id, term, before=before, since=None, limit=_PAGE):
            await self._order.forget(album, [posting.photo_id for posting in page])
            ids |= {posting.photo_id for posting in page}
            before = page[-1].sort_key
        there = await self._albums.get(*album)
        if there and there.cover_photo_id in ids:
            try:
                await change_album(self._albums, *album, at=self._now(), cover_photo_id=None)
            except AlbumNotFoundError:
                _logger.info("an album went while its cover was taken off", extra={"album_id": member.album_id})
        for invitation in await self._members.invitations(*album):
            if invitation.taken_by == member.account_id:
                await self._members.take_back(invitation)
        await self._members.remove(member)

    async def _remove(self, owner_id: OwnerId, photo_id: PhotoId) -> bool:
        for _ in range(_ATTEMPTS):
            photo = await self._photos.get(photo_id)
            if photo is None or photo.owner_id != owner_id:
                return False
            if await self._photos.remove(photo):
                return True
        raise UnavailableError("The photo is being changed by others at the same time.")
