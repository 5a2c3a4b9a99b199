"""A page of a security log."""

from dataclasses import dataclass

from heliograph.audit import AuditEvent


@dataclass(frozen=True)
class AuditPage:
    """Events, the latest first, and where the next page begins."""

    events: tuple[AuditEvent, ...]
    before: str | None
