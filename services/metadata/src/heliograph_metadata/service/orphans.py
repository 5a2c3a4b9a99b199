"""What has lost its other half: objects in S3 of no photo, photos without their objects, and what was never finished.

Both sides are read page by page, and each page is looked up on the other side; so it takes the same memory for any
library. Photos whose bytes are awaited have nothing yet and lack nothing; the reconciler forgets them in time.
Every table is gone through for what belongs to an account that is not there; of those only the ids are kept in memory.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from heliograph.photos import EXPORTS, OwnerId, PhotoId, is_photo_id, original_keys, preview_key, thumbnail_key
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.within_preview import Thumbnails
from heliograph_metadata.service.album_store import AlbumStore
from heliograph_metadata.service.job_store import JobStore
from heliograph_metadata.service.photo_store import PhotoStore

GRACE: Final = timedelta(days=1)
"""What is younger may be on its way."""

_AT_ONCE: Final = 32
_OWNERS_REMEMBERED: Final = 200


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object in S3."""

    key: str
    size_bytes: int
    modified_at: datetime


class Objects(Protocol):
    """The bucket as an operator sees it. tests/contract/test_listings.py is its specification."""

    def pages(self) -> AsyncIterator[Sequence[StoredObject]]:
        """Yield all objects, up to 1,000 at a time, in the order of their keys."""

    async def is_there(self, key: str) -> bool:
        """Whether there is such an object."""

    async def holds_thumbnail(self, key: str) -> bool:
        """Whether there is such a preview, and a thumbnail within it."""

    async def remove(self, keys: Sequence[str]) -> None:
        """Remove up to 1,000 objects."""


class AllPhotos(Protocol):
    """The photos of all owners as an operator sees them. tests/contract/test_listings.py is its specification."""

    def pages(self) -> AsyncIterator[Sequence[Photo]]:
        """Yield all photos, some at a time, in no order."""


class Belongings(Protocol):
    """All that the tables keep of anybody, as an operator sees it. tests/contract/test_listings.py specifies it."""

    async def accounts(self) -> frozenset[OwnerId]:
        """Return the accounts that there are."""

    async def leaving(self) -> Mapping[OwnerId, datetime]:
        """Return the accounts that are being deleted, and when that was asked for."""

    def owners(self) -> AsyncIterator[tuple[str, Sequence[OwnerId]]]:
        """Yield the items of every table, some at a time: the table, and whose each of them is.

        What expires by itself within hours and names nobody by its key (visits, tries) is left out.
        """


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something of which the other half is missing."""

    what: str
    """A sentence."""
    orphan: StoredObject | None = None
    """The object that nobody knows of."""


class OrphanCheck:
    """Looks for leftovers; it changes nothing but what `remove` is given."""

    def __init__(
        self,
        objects: Objects,
        all_photos: AllPhotos,
        photos: PhotoStore,
        albums: AlbumStore,
        jobs: JobStore,
        belongings: Belongings,
        *,
        thumbnails: Thumbnails = Thumbnails.OBJECTS,
    ) -> None:
        self._thumbnails = thumbnails
        self._belongings = belongings
        self._seen_accounts: frozenset[OwnerId] | None = None
        self._objects = objects
        self._all_photos = all_photos
        self._photos = photos
        self._albums = albums
        self._jobs = jobs
        self._known_albums: OrderedDict[OwnerId, frozenset[str]] = OrderedDict()

    async def leftovers(self, *, at: datetime) -> AsyncIterator[Leftover]:
        """Yield all that is left over at a time."""
        async for page in self._objects.pages():
            for leftover in await self._orphans(page):
                yield leftover
        async for photos in self._all_photos.pages():
            for leftover in await self._incomplete(photos, at):
                yield leftover
        async for owner_id, job_id in self._jobs.at_work():
            job = await self._jobs.get(owner_id, job_id)
            if job and job.is_at_work and at - job.updated_at > GRACE:
                yield Leftover(f"job {job_id} of {owner_id} stands still since {job.updated_at:%Y-%m-%d %H:%M}")
        async for leftover in self._of_nobody(at):
            yield leftover

    async def _of_nobody(self, at: datetime) -> AsyncIterator[Leftover]:
        """Yield what belongs to accounts that are gone; an account that is made meanwhile is looked up once more."""
        accounts = await self._accounts()
        found: Counter[tuple[str, OwnerId]] = Counter()
        async for table, owners in self._belongings.owners():
            found.update((table, owner_id) for owner_id in owners if owner_id not in accounts)
        leaving = await self._belongings.leaving()
        known = await self._belongings.accounts() | leaving.keys()
        for (table, owner_id), items in sorted(found.items()):
            if owner_id not in known:
                yield Leftover(f"{items} items of the table {table} belong to the account {owner_id}, which is gone")
        for owner_id, asked_at in sorted(leaving.items()):
            if at - asked_at > GRACE:
                yield Leftover(f"account {owner_id} is being deleted since {asked_at:%Y-%m-%d %H:%M}")

    async def remove(self, orphans: Sequence[StoredObject], *, at: datetime) -> int:
        """Remove those of up to 1,000 orphaned objects that are old enough and still nobody's; return how many."""
        old = [orphan for orphan in orphans if at - orphan.modified_at > GRACE]
        still = [leftover.orphan.key for leftover in await self._orphans(old) if leftover.orphan]
        if still:
            await self._objects.remove(still)
        return len(still)

    async def _orphans(self, page: Sequence[StoredObject]) -> list[Leftover]:
        owners = {one.key: _photo_of(one.key) for one in page}
        ids = {photo_id for _, photo_id in filter(None, owners.values())}
        photos = await self._photos.get_many(sorted(ids))
        found: list[Leftover] = []
        for one in page:
            if one.key.startswith(f"{EXPORTS}/"):
                if _owner_of_export(one.key) not in await self._accounts():
                    found.append(Leftover(f"object {one.key} belongs to no account", one))
                continue
            about = owners[one.key]
            photo = photos.get(about[1]) if about else None
            known = photo is not None and (one.key in _objects_of(photo) or not photo.is_prepared)
            if about is None or photo is None or photo.owner_id != about[0] or not known:
                facts = f"{one.size_bytes:,} bytes of {one.modified_at:%Y-%m-%d %H:%M}"
                found.append(Leftover(f"object {one.key} belongs to no photo ({facts})", one))
        return found

    async def _accounts(self) -> frozenset[OwnerId]:
        """Return the accounts that there were when this check first asked for them."""
        if self._seen_accounts is None:
            self._seen_accounts = await self._belongings.accounts()
        return self._seen_accounts

    async def _incomplete(self, photos: Sequence[Photo], at: datetime) -> list[Leftover]:
        turns = asyncio.Semaphore(_AT_ONCE)

        async def missing(photo: Photo, key: str) -> Leftover | None:
            async with turns:
                if await self._is_there(photo, key):
                    return None
                there = await self._photos.get(photo.photo_id)  # it may have been deleted for good meanwhile
            if there is None or there.purged_at or not there.is_prepared:
                return None
            return Leftover(f"photo {photo.photo_id} of {photo.owner_id} lacks {key}")

        wanted = [
            (photo, key) for photo in photos if photo.is_prepared and not photo.purged_at for key in _objects_of(photo)
        ]
        found = [one for one in await asyncio.gather(*(missing(photo, key) for photo, key in wanted)) if one]
        for photo in photos:
            if photo.purged_at and at - photo.purged_at > GRACE:
                found.append(Leftover(f"photo {photo.photo_id} of {photo.owner_id} was never wholly removed"))
            if photo.album_ids:
                albums = await self._albums_of(photo.owner_id)
                found += [
                    Leftover(f"photo {photo.photo_id} of {photo.owner_id} is in the album {gone}, which is not there")
                    for gone in photo.album_ids
                    if gone not in albums
                ]
        return found

    async def _is_there(self, photo: Photo, key: str) -> bool:
        owner_id, photo_id = photo.owner_id, photo.photo_id
        if self._thumbnails is Thumbnails.WITHIN_PREVIEWS and key == thumbnail_key(owner_id, photo_id):
            preview = preview_key(owner_id, photo_id)
            return await self._objects.holds_thumbnail(preview) or await self._objects.is_there(key)
        return await self._objects.is_there(key)

    async def _albums_of(self, owner_id: OwnerId) -> frozenset[str]:
        known = self._known_albums.get(owner_id)
        if known is None:
            known = frozenset(album.album_id for album in await self._albums.all(owner_id))
            self._known_albums[owner_id] = known
            if len(self._known_albums) > _OWNERS_REMEMBERED:
                self._known_albums.popitem(last=False)
        return known


def _owner_of_export(key: str) -> str:
    return key.split("/")[1]


def _photo_of(key: str) -> tuple[OwnerId, PhotoId] | None:
    """Return whose object a key names; None for one that no part of Heliograph writes."""
    parts = key.split("/")
    if len(parts) < 3 or not is_photo_id(parts[2]):  # noqa: PLR2004 - prefix, owner, photo
        return None
    owner_id, photo_id = OwnerId(parts[1]), PhotoId(parts[2])
    ours = {thumbnail_key(owner_id, photo_id), preview_key(owner_id, photo_id), *original_keys(owner_id, photo_id)}
    return (owner_id, photo_id) if key in ours else None


def _objects_of(photo: Photo) -> tuple[str, str, str]:
    """Return the keys of a prepared photo's objects."""
    owner_id, photo_id = photo.owner_id, photo.photo_id
    return photo.original_key, preview_key(owner_id, photo_id), thumbnail_key(owner_id, photo_id)
