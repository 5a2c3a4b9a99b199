"""What people are shown of their own security log."""

from typing import Protocol

from heliograph.identity import Principal
from heliograph.photos import OwnerId
from heliograph_auth.domain.audit import AuditPage


class AuditReader(Protocol):
    """Where a log is read. tests/contract/test_audit_log.py is its specification."""

    async def page(self, owner_id: OwnerId, *, before: str | None, limit: int) -> AuditPage:
        """Return up to `limit` events of an account from before a place that an earlier page named, latest first."""


class SecurityLog:
    """The caller's own events and nobody else's."""

    def __init__(self, reader: AuditReader) -> None:
        self._reader = reader

    async def page(self, principal: Principal, *, before: str | None, limit: int) -> AuditPage:
        """Return a page of the caller's log."""
        return await self._reader.page(principal.account_id, before=before, limit=limit)
