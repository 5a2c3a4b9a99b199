"""An `AuditLog` and `AuditReader` in memory."""

from datetime import datetime

from heliograph.audit import AuditEvent, AuditKind
from heliograph.photos import OwnerId
from heliograph_auth.domain.audit import AuditPage


class InMemoryAuditLog:
    """A list."""

    def __init__(self) -> None:
        self.events: list[AuditEvent] = []
        self._marked: dict[tuple[OwnerId, datetime, str], AuditEvent] = {}

    async def record(self, event: AuditEvent, *, mark: str = "") -> None:
        place = (event.owner_id, event.at, mark)
        if former := self._marked.get(place) if mark else None:
            self.events.remove(former)
        self._marked[place] = event
        self.events.append(event)

    async def page(self, owner_id: OwnerId, *, before: str | None, limit: int) -> AuditPage:
        own = sorted((event for event in self.events if event.owner_id == owner_id), key=lambda event: event.at)
        latest_first = [event for event in reversed(own) if before is None or event.at.isoformat() < before]
        shown = tuple(latest_first[:limit])
        return AuditPage(shown, shown[-1].at.isoformat() if len(latest_first) > limit else None)

    def kinds(self) -> list[AuditKind]:
        """What has happened, in order."""
        return [event.kind for event in self.events]
