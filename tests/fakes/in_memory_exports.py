"""`ExportStore`, `ExportRequests` and `Archive` in memory."""

import io
import zipfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from heliograph.exports import ExportStatus
from heliograph.photos import OwnerId
from heliograph_metadata.domain.export import Export


class InMemoryExports:
    """Exports by account, and who makes them; `as_another` is a second worker."""

    def __init__(self) -> None:
        self.exports: dict[OwnerId, Export] = {}
        self.said: dict[OwnerId, Mapping[str, Any]] = {}
        self.held: dict[OwnerId, tuple[object, datetime]] = {}

    def as_another(self) -> "InMemoryExports":
        """Return the same exports as another worker sees them."""
        other = InMemoryExports()
        other.exports, other.said, other.held = self.exports, self.said, self.held
        return other

    async def ask(self, account_id: OwnerId, export_id: str, *, at: datetime, facts: Mapping[str, Any]) -> bool:
        there = self.exports.get(account_id)
        if there is not None and there.is_at_work:
            return False
        self.exports[account_id] = Export(account_id, export_id, ExportStatus.WAITING, at)
        self.said[account_id] = facts
        self.held.pop(account_id, None)
        return True

    async def all(self) -> Sequence[Export]:
        return list(self.exports.values())

    async def get(self, account_id: OwnerId) -> Export | None:
        return self.exports.get(account_id)

    async def take(self, export: Export, *, now: datetime, until: datetime) -> Export | None:
        there = self._same(export)
        if there is None or not there.is_at_work:
            return None
        if export.account_id in self.held and self.held[export.account_id][1] >= now:
            return None
        self.held[export.account_id] = (self, until)
        taken = self.exports[export.account_id] = replace(there, attempts=there.attempts + 1)
        return taken

    async def save(self, export: Export, *, until: datetime) -> bool:
        holder, _ = self.held.get(export.account_id, (None, until))
        if self._same(export) is None or holder is not self:
            return False
        self.exports[export.account_id] = export
        if export.is_at_work:
            self.held[export.account_id] = (self, until)
        else:
            del self.held[export.account_id]
        return True

    async def end(self, account_id: OwnerId, export_id: str, *, at: datetime) -> bool:
        there = self.exports.get(account_id)
        if there is None or there.export_id != export_id:
            return False
        self.exports[account_id] = replace(there, status=ExportStatus.FAILED, ends_at=at)
        self.held.pop(account_id, None)
        return True

    async def facts(self, account_id: OwnerId) -> Mapping[str, Any]:
        return self.said.get(account_id, {})

    async def remove(self, export: Export) -> None:
        if self._same(export):
            del self.exports[export.account_id]
            self.said.pop(export.account_id, None)

    def _same(self, export: Export) -> Export | None:
        there = self.exports.get(export.account_id)
        return there if there and there.export_id == export.export_id else None


class _Part:
    def __init__(self) -> None:
        self.file = io.BytesIO()
        self.zip = zipfile.ZipFile(self.file, "w")

    @property
    def size_bytes(self) -> int:
        return len(self.file.getvalue())

    async def add(self, name: str, chunks: AsyncIterator[bytes], *, at: datetime) -> None:
        self.zip.writestr(zipfile.ZipInfo(name, at.timetuple()[:6]), b"".join([chunk async for chunk in chunks]))


class InMemoryArchive:
    """ZIP files by key."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    @asynccontextmanager
    async def part(self, key: str) -> AsyncIterator[_Part]:
        part = _Part()
        yield part
        part.zip.close()
        self.files[key] = part.file.getvalue()

    async def clear(self, account_id: OwnerId, *, keep: Sequence[str]) -> None:
        for key in list(self.files):
            if key.split("/")[1] == account_id and key not in keep:
                del self.files[key]

    async def remove(self, export: Export) -> None:
        for key in list(self.files):
            if key.split("/")[1:3] == [export.account_id, export.export_id]:
                del self.files[key]
