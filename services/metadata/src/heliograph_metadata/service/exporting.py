"""Makes exports: ZIP files of all originals and all that is known, part by part, through a few megabytes of memory.

    asked for ──► taken (a lease) ──► part 1 ──► noted ──► part 2 ──► noted ──► … ──► done ──► removed after a week

A part is in the bucket whole or not at all, and what it holds is noted with it; a worker that dies leaves a part that
is made again by whoever takes the export when the lease is over.
"""

import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from heliograph.errors import UnavailableError
from heliograph.exports import ExportStatus
from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.export import (
    KEPT_FOR,
    MOST_ATTEMPTS,
    MOST_PHOTOS_OF_A_PART,
    Export,
    ExportNotFoundError,
    ExportPart,
    FileNames,
    after,
)
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.service.photo_store import PhotoStore
from heliograph_metadata.service.prepare import OriginalMissingError, Originals
from heliograph_metadata.service.reclassify import LibraryIds

LEASE: Final = timedelta(seconds=60)
_SAVED_EVERY: Final = timedelta(seconds=2)
"""So often it is told how far an export is, and taken for longer."""
_READ_TOGETHER: Final = 50

_logger = logging.getLogger(__name__)


class ExportStore(Protocol):
    """Where exports are kept. tests/contract/test_export_store.py is its specification."""

    async def all(self) -> Sequence[Export]:
        """Return the exports of all accounts, in no order."""

    async def get(self, account_id: OwnerId) -> Export | None:
        """Return an account's export."""

    async def take(self, export: Export, *, now: datetime, until: datetime) -> Export | None:
        """Take an export until a time and return it with one more attempt; None where somebody has it or it's gone."""

    async def save(self, export: Export, *, until: datetime) -> bool:
        """Keep how far an export is, and hold it for longer; False, changing nothing, where somebody else has it.

        One that is no longer at work is given back.
        """

    async def end(self, account_id: OwnerId, export_id: str, *, at: datetime) -> bool:
        """Let an export end at a time; False where there is none of that id."""

    async def facts(self, account_id: OwnerId) -> Mapping[str, Any]:
        """Return what auth has said of the account; nothing, where it has gone."""

    async def remove(self, export: Export) -> None:
        """Forget an export with its facts, unless another one has taken its place."""


class ArchivePart(Protocol):
    """A ZIP file that is being written."""

    @property
    def size_bytes(self) -> int:
        """How long it is so far."""

    async def add(self, name: str, chunks: AsyncIterator[bytes], *, at: datetime) -> None:
        """Add a file as it comes."""


class Archive(Protocol):
    """Where ZIP files are written. tests/contract/test_export_archive.py is its specification."""

    def part(self, key: str) -> AbstractAsyncContextManager[ArchivePart]:
        """Write one; it is there when the context is left, and where that is by an exception it never was."""

    async def clear(self, account_id: OwnerId, *, keep: Sequence[str]) -> None:
        """Remove all that is kept of an account's exports but some keys, and what was begun and not ended."""

    async def remove(self, export: Export) -> None:
        """Remove what is kept and was begun of one export, and of no other."""


class ExportRecords(Protocol):
    """What there is of a library beside its photos."""

    def files(self, owner_id: OwnerId, *, facts: Mapping[str, Any]) -> AsyncIterator[tuple[str, bytes]]:
        """Yield files by name, each with its content; `facts` are what auth has said of the account."""

    async def album_names(self, owner_id: OwnerId) -> Mapping[str, str]:
        """Return the names of the owner's albums by their ids."""


class ExportService:
    """What people do with an export of theirs."""

    def __init__(self, exports: ExportStore, *, now: Callable[[], datetime]) -> None:
        self._exports = exports
        self._now = now

    async def all(self, account_id: OwnerId) -> Sequence[Export]:
        """Return the account's export, if there is one."""
        export = await self._exports.get(account_id)
        return [] if export is None or (export.ends_at and export.ends_at <= self._now()) else [export]

    async def part(self, account_id: OwnerId, export_id: str, number: int) -> tuple[Export, ExportPart]:
        """Return a part of an export that is done, or being made.

        Raises:
            ExportNotFoundError: There is none.
        """
        for export in await self.all(account_id):
            if export.export_id == export_id:
                return export, export.part(number)
        raise ExportNotFoundError("There is no such export.")

    async def remove(self, account_id: OwnerId, export_id: str) -> None:
        """Let an export go now.

        Raises:
            ExportNotFoundError: There is none.
        """
        if not await self._exports.end(account_id, export_id, at=self._now()):
            raise ExportNotFoundError("There is no such export.")


@dataclass(frozen=True)
class _Written:
    part: ExportPart
    cursor: str
    is_last: bool


class Exporter:
    """Makes what was asked for, one export after the other, and removes what was kept long enough."""

    def __init__(
        self,
        exports: ExportStore,
        ids: LibraryIds,
        photos: PhotoStore,
        originals: Originals,
        archive: Archive,
        records: ExportRecords,
        describe: Callable[[Photo, Mapping[str, str], str | None], Mapping[str, Any]],
        *,
        part_bytes: int,
        now: Callable[[], datetime],
    ) -> None:
        """Make one.

        Args:
            exports: What was asked for.
            ids: Which photos there are.
            photos: Their documents.
            originals: Their files.
            archive: Where the ZIP files go.
            records: What else there is.
            describe: What is said of a photo, given the names of albums and where its file lies.
            part_bytes: A part ends with the photo by which it gets longer than this.
            now: The time.
        """
        self._exports = exports
        self._ids = ids
        self._photos = photos
        self._originals = originals
        self._archive = archive
        self._records = records
        self._describe = describe
        self._part_bytes = part_bytes
        self._now = now

    async def look(self, _: timedelta = timedelta()) -> None:
        """Make what waits, and remove what has ended; one that fails keeps no other from being made."""
        for export in await self._exports.all():
            try:
                if export.ends_at and export.ends_at <= self._now():
                    await self._archive.remove(export)  # another one may be at work by now: what is listed is old
                    await self._exports.remove(export)
                elif export.is_at_work and (taken := await self._take(export)):
                    await self._make(taken)
            except UnavailableError as error:
                _logger.warning("an export is gone on with later", extra={"reason": str(error)})
            except Exception:
                _logger.exception("an export broke off", extra={"export_id": export.export_id})

    async def _take(self, export: Export) -> Export | None:
        return await self._exports.take(export, now=self._now(), until=self._now() + LEASE)

    async def _save(self, export: Export) -> None:
        if not await self._exports.save(export, until=self._now() + LEASE):
            raise UnavailableError("somebody else makes it by now, or it was taken back")

    async def _make(self, export: Export) -> None:
        owner_id = export.account_id
        if export.attempts > MOST_ATTEMPTS:
            await self._save(replace(export, status=ExportStatus.FAILED, ends_at=self._now() + KEPT_FOR))
            return
        await self._archive.clear(owner_id, keep=[export.part_key(part.number) for part in export.parts])
        ids = [photo_id async for page in self._ids.ids_of(owner_id) for photo_id in page]
        albums = await self._records.album_names(owner_id)
        export = replace(export, status=ExportStatus.WORKING, photos=len(ids))
        while export.is_at_work:
            await self._save(export)
            written = await self._write(export, after(ids, export.cursor), albums)
            export = replace(
                export,
                parts=(*export.parts, written.part),
                cursor=written.cursor,
                done=export.done + written.part.photos,
                attempts=0,
            )
            if written.is_last:
                export = replace(export, status=ExportStatus.DONE, ends_at=self._now() + KEPT_FOR)
                await self._save(export)
        _logger.info("an export is made", extra={"owner_id": owner_id, "photos": export.done})

    async def _write(self, export: Export, ids: Sequence[PhotoId], albums: Mapping[str, str]) -> _Written:
        """Write the next part."""
        number = len(export.parts) + 1
        folder = f"heliograph-{number:03}"
        names, lines, cursor = FileNames(folder), list[str](), export.cursor
        async with self._archive.part(export.part_key(number)) as part:
            saved_at = self._now() - _SAVED_EVERY
            for run in _runs(ids, _READ_TOGETHER):
                found = await self._photos.get_many(run)
                for photo_id in run:
                    if self._is_full(part, lines):
                        break
                    if self._now() - saved_at >= _SAVED_EVERY:
                        await self._save(replace(export, done=export.done + len(lines)))
                        saved_at = self._now()
                    cursor, photo = photo_id, found.get(photo_id)
                    if photo is not None and photo.purged_at is None:
                        file = await self._add(part, photo, names)
                        lines.append(json.dumps(self._describe(photo, albums, file), ensure_ascii=False))
                if self._is_full(part, lines):
                    break
            is_last = not ids or cursor >= ids[-1]
            said = "".join(f"{line}\n" for line in lines).encode()
            await part.add(f"{folder}/photos.jsonl", _once(said), at=export.asked_at)
            if is_last:
                async for name, content in self._records.files(
                    export.account_id, facts=await self._exports.facts(export.account_id)
                ):
                    await part.add(f"{folder}/{name}", _once(content), at=export.asked_at)
        return _Written(ExportPart(number, len(lines), part.size_bytes), cursor, is_last)

    def _is_full(self, part: ArchivePart, lines: Sequence[str]) -> bool:
        return part.size_bytes >= self._part_bytes or len(lines) >= MOST_PHOTOS_OF_A_PART

    async def _add(self, part: ArchivePart, photo: Photo, names: FileNames) -> str | None:
        """Add a photo's original and return where it lies; None where it never came."""
        try:
            async with self._originals.opened(photo.original_key) as original:
                name = names.of(photo)
                await part.add(name, original.chunks, at=photo.created_at)
                return name
        except OriginalMissingError:
            return None


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _runs(ids: Sequence[PhotoId], size: int) -> Iterator[Sequence[PhotoId]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
