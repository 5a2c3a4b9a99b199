"""Pages of albums: by date, in manual order, or found by the search of a smart one; each costs about the page.

In manual order an album is two lists that are merged as they are read: the photos that somebody has moved, by their
positions, and the album's posting list without those. Both are sorted by the same kind of key, so neither is ever
read but for the page. Where others contribute, each has a posting list of their own, and these are merged in the same
way: a page then costs about as many pages as there are contributors.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from heliograph.photos import OwnerId, PhotoId, PhotoStatus
from heliograph_metadata.domain.access import Access
from heliograph_metadata.domain.albums import Album, AlbumSort
from heliograph_metadata.domain.cursor import cursor as cursor_at
from heliograph_metadata.domain.cursor import fingerprint, position
from heliograph_metadata.domain.index import Posting, postings
from heliograph_metadata.domain.terms import PREPARED, Term
from heliograph_metadata.service.album_order import AlbumOrder, AlbumRef, Place
from heliograph_metadata.service.library_index import MOST_KEYS, LibraryIndex
from heliograph_metadata.service.listing import Listed, Page, page_of_term
from heliograph_metadata.service.photo_store import PhotoStore
from heliograph_metadata.service.saved_searches import SavedSearches

MOST_EXAMINED: Final = 1_000
"""Entries read for one page: photos that were moved away from where they would lie cost one, and show nothing."""

_RUN: Final = 200
_REMEMBERED: Final = timedelta(days=1)
"""How long a photo that was taken out still finds its place again when it is put back."""


def ref(album: Album) -> AlbumRef:
    """Return what names an album."""
    return AlbumRef(album.owner_id, album.album_id)


def album_term(album: Album) -> Term:
    """Return the term that an album's photos bear."""
    return Term("album", album.album_id)


class Owned(NamedTuple):
    """What a list shows of a photo, and whose it is."""

    owner_id: OwnerId
    posting: Posting


class _Entry(NamedTuple):
    """One step of a list."""

    key: str
    owned: Owned | None
    """None where nothing is to be seen: a photo that was moved elsewhere, or is in the trash."""


class AlbumPages:
    """Reads albums page by page."""

    def __init__(
        self,
        index: LibraryIndex,
        photos: PhotoStore,
        order: AlbumOrder,
        searches: SavedSearches,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._index = index
        self._photos = photos
        self._order = order
        self._searches = searches
        self._now = now

    async def page(self, access: Access, *, cursor: str | None, limit: int) -> Page:
        """Return the photos of an album that come after a cursor, in the album's order.

        Raises:
            InvalidCursorError: The cursor is not one of this list's.
            InvalidQueryError: The search of a smart album is not understood any more.
        """
        album = access.album
        if album.query is not None:
            return await self._searches.page(album.owner_id, album.query, cursor=cursor, limit=limit)
        if album.sort is AlbumSort.NEWEST and not access.contributors:
            return await page_of_term(self._index, album.owner_id, album_term(album), after=cursor, limit=limit)
        return await self._walked(access, cursor, limit)

    async def first(self, access: Access) -> Owned | None:
        """Return the first photo of an album; None where it has none."""
        album = access.album
        if not album.is_smart and album.sort is not AlbumSort.MANUAL:
            firsts = await asyncio.gather(*(self._run(album, owner_id, None, 1) for owner_id in access.owners))
            found = [one[0] for one in firsts if one]
            return (min if album.is_oldest_first else max)(found, key=lambda one: one.posting.sort_key, default=None)
        cursor = None
        while True:
            page = await self.page(access, cursor=cursor, limit=1)
            if page.items or page.next_cursor is None:
                return Owned(page.items[0].owner_id or album.owner_id, page.items[0].posting) if page.items else None
            cursor = page.next_cursor

    async def _walked(self, access: Access, cursor: str | None, limit: int) -> Page:
        album = access.album
        of = fingerprint(album.owner_id, album.album_id, album.sort.value, album.is_oldest_first)
        after = position(of, cursor) if cursor else None
        entries = self._unmoved(album, album.owner_id, after, limit + 1)
        for owner_id in access.contributors:
            theirs = self._unmoved(album, owner_id, after, limit + 1)
            entries = _merged(entries, theirs, ascending=album.is_oldest_first)
        if album.sort is AlbumSort.MANUAL:
            entries = _merged(entries, self._moved(access, after, limit + 1), ascending=album.is_oldest_first)
        shown: list[Owned] = []
        examined, at = 0, ""
        async for entry in entries:
            if len(shown) == limit or examined == MOST_EXAMINED:
                return Page(await self._listed(shown), cursor_at(of, at))
            examined, at = examined + 1, entry.key
            if entry.owned:
                shown.append(entry.owned)
        return Page(await self._listed(shown), None)

    async def _run(self, album: Album, owner_id: OwnerId, after: str | None, limit: int) -> list[Owned]:
        """Return the first of one owner's photos of an album that come after a key, by date."""
        term = album_term(album)
        if album.is_oldest_first:
            found = await self._index.postings_from(owner_id, term, after=after, limit=limit)
        else:
            found = await self._index.postings(owner_id, term, before=after, since=None, limit=limit)
        return [Owned(owner_id, posting) for posting in found]

    async def _unmoved(self, album: Album, owner_id: OwnerId, after: str | None, run: int) -> AsyncIterator[_Entry]:
        """Yield one owner's photos of an album by date; in manual order without those that lie elsewhere."""
        while True:
            found = await self._run(album, owner_id, after, run)
            elsewhere: dict[PhotoId, str] = {}
            if album.sort is AlbumSort.MANUAL:
                elsewhere = await self._order.positions(ref(album), [one.posting.photo_id for one in found])
            for one in found:
                yield _Entry(one.posting.sort_key, None if one.posting.photo_id in elsewhere else one)
            if len(found) < run:
                return
            after, run = found[-1].posting.sort_key, max(run, _RUN)

    async def _moved(self, access: Access, after: str | None, run: int) -> AsyncIterator[_Entry]:
        """Yield the photos of an album that somebody has moved."""
        ascending = access.album.is_oldest_first
        while True:
            found = await self._order.places(ref(access.album), after=after, ascending=ascending, limit=run)
            shown = await self._seen(access, found)
            for place in found:
                yield _Entry(place.position, shown.get(place.photo_id))
            if len(found) < run:
                return
            after, run = found[-1].position, max(run, _RUN)

    async def _seen(self, access: Access, places: Sequence[Place]) -> dict[PhotoId, Owned]:
        """Return what there is to see of moved photos; their postings are where they were when they were moved.

        One that is not there has another date by now, is in the trash, or is not in the album any more: its
        document says so. A photo that has been out of the album for long, or is gone, loses its place.
        """
        album = access.album
        term, keys = album_term(album), [place.sort_key for place in places]
        asked = [(owner_id, start) for owner_id in access.owners for start in range(0, len(keys), MOST_KEYS)]
        runs = await asyncio.gather(
            *(self._index.bearing(owner_id, term, keys[start : start + MOST_KEYS]) for owner_id, start in asked)
        )
        seen = {
            posting.photo_id: Owned(owner_id, posting)
            for (owner_id, _), run in zip(asked, runs, strict=True)
            for posting in run.values()
        }
        missing = [place.photo_id for place in places if place.photo_id not in seen]
        documents = await self._photos.get_many(missing) if missing else {}
        forgotten: list[PhotoId] = []
        for photo_id in missing:
            photo = documents.get(photo_id)
            if photo is None or (
                album.album_id not in photo.album_ids and photo.updated_at < self._now() - _REMEMBERED
            ):
                forgotten.append(photo_id)
            elif photo.owner_id not in access.owners:
                continue  # of somebody who may not contribute at the moment
            elif found := [posting for (of, _), posting in postings(photo).items() if of == term]:
                seen[photo_id] = Owned(photo.owner_id, found[0])
        if forgotten:
            await self._order.forget(ref(album), forgotten)
        return seen

    async def _listed(self, shown: Sequence[Owned]) -> list[Listed]:
        """Add the states: all are ready but for the few photos still in the pipeline."""
        waiting: set[PhotoId] = set()
        for owner_id in dict.fromkeys(one.owner_id for one in shown):
            if (await self._index.counts_of(owner_id, [PREPARED])).get(PREPARED):
                theirs = [one.posting.photo_id for one in shown if one.owner_id == owner_id]
                waiting |= await self._index.still_prepared(owner_id, theirs)
        return [
            Listed(
                one.posting,
                (PhotoStatus.PREPARED if one.posting.photo_id in waiting else PhotoStatus.READY).value,
                owner_id=one.owner_id,
            )
            for one in shown
        ]


async def _merged(
    one: AsyncIterator[_Entry], other: AsyncIterator[_Entry], *, ascending: bool
) -> AsyncIterator[_Entry]:
    """Yield the entries of two lists that are both sorted in the same way."""
    first, second = await asyncio.gather(anext(one, None), anext(other, None))
    while first and second:
        if (first.key < second.key) is ascending:
            yield first
            first = await anext(one, None)
        else:
            yield second
            second = await anext(other, None)
    head, rest = (first, one) if first else (second, other)
    while head:
        yield head
        head = await anext(rest, None)
