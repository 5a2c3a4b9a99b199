"""An `AuditLog` and `AuditReader` in memory."""

from heliograph.audit import AuditEvent, AuditKind
from heliograph.photos import OwnerId
from heliograph_auth.domain.audit import AuditPage


class InMemoryAuditLog:
    """A list."""

    def __init__(self) -> None:
        self.events: list[AuditEvent] = []

    async def record(self, event: AuditEvent) -> None:
        self.events.append(event)

    async def page(self, owner_id: OwnerId, *, before: str | None, limit: int) -> AuditPage:
        own = sorted((event for event in self.events if event.owner_id == owner_id), key=lambda event: event.at)
        latest_first = [event for event in reversed(own) if before is None or event.at.isoformat() < before]
        shown = tuple(latest_first[:limit])
        return AuditPage(shown, shown[-1].at.isoformat() if len(latest_first) > limit else None)

    def kinds(self) -> list[AuditKind]:
        """What has happened, in order."""
        return [event.kind for event in self.events]
