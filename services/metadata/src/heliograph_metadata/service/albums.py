"""Albums: made, described, filled, ordered, and deleted without a photo lost."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import uuid4

from heliograph.photos import OwnerId, PhotoId, is_photo_id
from heliograph_metadata.domain.access import Access, Right
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
from heliograph_metadata.domain.errors import AlbumNotFoundError, PhotoNotFoundError
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.sharing import Member
from heliograph_metadata.service.album_access import AlbumAccess, ClosedAccounts
from heliograph_metadata.service.album_contents import AlbumContents
from heliograph_metadata.service.album_listing import AlbumListing, ListedAlbum
from heliograph_metadata.service.album_moves import AlbumMoves
from heliograph_metadata.service.album_order import AlbumOrder
from heliograph_metadata.service.album_pages import AlbumPages, ref
from heliograph_metadata.service.album_store import AlbumStore, change_album
from heliograph_metadata.service.album_sweep import AlbumSweep
from heliograph_metadata.service.in_turns import in_turns
from heliograph_metadata.service.library_index import LibraryIndex
from heliograph_metadata.service.listing import Listed
from heliograph_metadata.service.photo_store import PhotoStore
from heliograph_metadata.service.saved_searches import SavedSearches
from heliograph_metadata.service.share_ending import ShareEnding
from heliograph_metadata.service.share_store import LinkStore, MemberStore

_READ_AT_ONCE: Final = 16

TOP: Final = "top"
"""Where albums lie that are in no folder."""


_OWNERS: Final = {"parent_id", "query"}
"""What only an album's owner can change of it."""


@dataclass(frozen=True, slots=True)
class AlbumPage:
    """A page of an album, and what the album is to whoever asks."""

    access: Access
    items: Sequence[Listed]
    next_cursor: str | None


def new_id(owner_id: OwnerId, kind: str, key: str | None) -> str:
    """Return the id of something new: of the same key the same, so that who asks again makes nothing else."""
    if key is None:
        return uuid4().hex
    return hashlib.sha256(f"{owner_id}\n{kind}\n{key}".encode()).hexdigest()[:32]


class AlbumService:
    """The use cases of albums; of two who change the same thing of one, the last is right.

    An album is the caller's own or one that is shared with them: what it is to them, `AlbumAccess` says.
    """

    def __init__(
        self,
        albums: AlbumStore,
        photos: PhotoStore,
        index: LibraryIndex,
        *,
        order: AlbumOrder,
        members: MemberStore,
        links: LinkStore,
        accounts: ClosedAccounts,
        searches: SavedSearches,
        now: Callable[[], datetime],
    ) -> None:
        self._albums = albums
        self._photos = photos
        self._index = index
        self._order = order
        self._searches = searches
        self._pages = AlbumPages(index, photos, order, searches, now=now)
        self._contents = AlbumContents(photos, now=now)
        self._moves = AlbumMoves(index, photos, order)
        self._listing = AlbumListing(index, photos, self._pages)
        self._members = members
        self.access = AlbumAccess(albums, members, links, accounts, now=now)
        self._sweep = AlbumSweep(albums, photos, index, order, ShareEnding(links, members), now=now)
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
        await self._albums.create(album)
        return await self.get(owner_id, album.album_id)

    async def all(self, owner_id: OwnerId, *, parent_id: str | None = None) -> list[ListedAlbum]:
        """Return the owner's albums, by name; goes on with deletions that were broken off.

        Args:
            owner_id: Whose they are.
            parent_id: Only those that lie directly in this folder, or at the `TOP`.
        """
        shelf = await self._albums.shelf(owner_id)
        counts = {count.value: count.photos for count in await self._index.counts(owner_id, "album")}
        await self._sweep.go_on([album for album in shelf.albums if album.is_deleted])
        strange = set(counts) - {album.album_id for album in shelf.albums}
        if strange:  # in albums of others they stay for as long as their owner may put them there
            strange -= {one.album_id for one in await self._members.memberships(owner_id) if one.contributes}
        await self._sweep.find(owner_id, strange)
        members = await self._members.members(owner_id)
        folder_ids = {folder.folder_id for folder in shelf.folders}

        def is_asked_for(album: Album) -> bool:
            lies_in = album.parent_id if album.parent_id in folder_ids else TOP
            return not album.is_deleted and parent_id in {None, lies_in}

        asked_for = sorted(filter(is_asked_for, shelf.albums), key=lambda album: album.name.casefold())
        return await in_turns(
            [partial(self._listing.of, self.access.own(album, members), counts=counts) for album in asked_for],
            at_once=_READ_AT_ONCE,
        )

    async def shared(self, account_id: OwnerId) -> list[ListedAlbum]:
        """Return the albums of others that are shared with an account, by name."""

        async def listed(member: Member) -> ListedAlbum | None:
            try:
                access = await self.access.shared(member)
            except AlbumNotFoundError:
                return None
            return await self._listing.of(access, owner_name=member.owner_name)

        members = await self._members.memberships(account_id)
        found = await in_turns([partial(listed, member) for member in members], at_once=_READ_AT_ONCE)
        return sorted((one for one in found if one), key=lambda one: one.album.name.casefold())

    async def get(self, account_id: OwnerId, album_id: str) -> ListedAlbum:
        """Return an album.

        Raises:
            AlbumNotFoundError: The caller has no such album.
        """
        return await self.listed(await self.access.of(account_id, album_id, Right.SEE))

    async def listed(self, access: Access) -> ListedAlbum:
        """Return an album that somebody may see."""
        owner_name = ""
        if access.account_id and (member := await self._members.member(access.account_id, access.album.album_id)):
            owner_name = member.owner_name
        return await self._listing.of(access, owner_name=owner_name)

    async def names(self, owner_id: OwnerId, album_ids: Sequence[str]) -> dict[str, str]:
        """Return the names of those of these albums that are there."""
        if not album_ids:
            return {}
        albums = await self._albums.all(owner_id)
        return {album.album_id: album.name for album in albums if album.album_id in album_ids and not album.is_deleted}

    async def change(self, account_id: OwnerId, album_id: str, said: Mapping[str, Any]) -> ListedAlbum:
        """Change what an album is called, shows first, lies in or searches for.

        Args:
            account_id: The caller.
            album_id: The album.
            said: Any of `name`, `description`, `sort`, `cover_photo_id`, `parent_id` and `query`; the last two only
                of an album of one's own. An album that is put into manual order for the first time keeps the order
                that it is in; later it gets back the order that was made of it.

        Raises:
            AlbumNotFoundError: The caller has no such album.
            NotAllowedError: It is shared with the caller, but not for this.
            FolderNotFoundError: There is no such folder.
            PhotoNotFoundError: The cover is no photo of the album's.
            InvalidQueryError: The query is not understood.
            SmartAlbumError: A smart album cannot be in that order.
            NotSmartAlbumError: An album of picked photos was given a query.
        """
        access = await self.access.of(account_id, album_id, Right.OWN if said.keys() & _OWNERS else Right.ARRANGE)
        stored = access.album
        if not said:
            return await self.listed(access)
        changes = dict(said)
        if changes.get("query") is not None and not stored.is_smart:
            raise NotSmartAlbumError("This album's photos were picked: make a smart album for a search.")
        if changes.get("parent_id") is not None:
            check_place((await self._albums.shelf(stored.owner_id)).folders, changes["parent_id"])
        if changes.get("cover_photo_id") is not None and not await self._listing.cover(
            access, changes["cover_photo_id"]
        ):
            raise PhotoNotFoundError("The cover must be one of the album's photos.")
        to_manual = changes.get("sort") is AlbumSort.MANUAL and stored.sort is not AlbumSort.MANUAL
        if to_manual and not await self._order.places(
            ref(stored), after=None, ascending=True, limit=1, consistent=True
        ):
            changes["base"] = stored.sort
        self._check(replace(stored, **changes))
        return await self._changed(access, **changes)

    async def _changed(self, access: Access, **changes: Any) -> ListedAlbum:
        album = access.album
        changed = await change_album(self._albums, album.owner_id, album.album_id, at=self._now(), **changes)
        return await self.listed(replace(access, album=changed))

    def _check(self, album: Album) -> None:
        if album.query is None:
            return
        self._searches.check(album.query)
        if album.sort is not AlbumSort.NEWEST:
            raise SmartAlbumError("A smart album shows what its search finds, newest first.")

    async def photos(self, account_id: OwnerId, album_id: str, *, cursor: str | None, limit: int) -> AlbumPage:
        """Return a page of an album's photos, in its order.

        Raises:
            AlbumNotFoundError: The caller has no such album.
            InvalidCursorError: The cursor is not one of this list's.
            InvalidQueryError: A smart album's query is not understood any more.
        """
        return await self.page(await self.access.of(account_id, album_id, Right.SEE), cursor=cursor, limit=limit)

    async def page(self, access: Access, *, cursor: str | None, limit: int) -> AlbumPage:
        """Return a page of an album that somebody may see; raises as `photos` does."""
        page = await self._pages.page(access, cursor=cursor, limit=limit)
        return AlbumPage(access, page.items, page.next_cursor)

    async def photo(self, access: Access, photo_id: PhotoId) -> Photo:
        """Return a photo of an album that somebody may see.

        Raises:
            PhotoNotFoundError: It is not in the album, or in the trash.
        """
        photo = await self._photos.get(photo_id) if is_photo_id(photo_id) else None
        if photo is None or not access.holds(photo):
            raise PhotoNotFoundError("There is no such photo in this album.")
        return photo

    async def move_photos(
        self, account_id: OwnerId, album_id: str, photo_ids: Sequence[PhotoId], *, anchor: PhotoId, before: bool
    ) -> None:
        """Put photos right before or behind another photo of the same album; see `AlbumMoves.move`.

        Raises:
            AlbumNotFoundError: The caller has no such album.
            NotAllowedError: It is shared with the caller, but not for this.
        """
        access = await self.access.of(account_id, album_id, Right.ARRANGE)
        await self._moves.move(access, photo_ids, anchor=anchor, before=before)

    async def change_photos(
        self, account_id: OwnerId, album_id: str, *, add: Sequence[PhotoId], remove: Sequence[PhotoId]
    ) -> ListedAlbum:
        """Put photos of one's own into an album and take others out; doing it again changes nothing.

        Raises:
            AlbumNotFoundError: The caller has no such album.
            NotAllowedError: It is shared with the caller, but not for this: only editors and the owner take out
                photos that are not their own.
            PhotoNotFoundError: One of the photos is not there; nothing has changed.
            TooManyAlbumsError: One of the photos is in too many albums; nothing has changed.
            SmartAlbumError: The album's photos are what its search finds.
        """
        access = await self.access.of(account_id, album_id, Right.CONTRIBUTE)
        await self._contents.change(access, add=add, remove=remove)
        return await self._changed(access)

    async def delete(self, account_id: OwnerId, album_id: str) -> None:
        """Delete an album; its photos stay. The album is gone at once, its photos forget it in time.

        Raises:
            AlbumNotFoundError: The caller has no such album.
            NotAllowedError: It is somebody else's.
        """
        await self.access.of(account_id, album_id, Right.OWN)
        album = await change_album(self._albums, account_id, album_id, at=self._now(), is_deleted=True)
        await self._sweep.go_on([album])
