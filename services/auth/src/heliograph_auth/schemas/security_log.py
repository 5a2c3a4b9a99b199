"""HTTP bodies of the security log."""

from datetime import datetime

from pydantic import BaseModel, Field

from heliograph.audit import AuditEvent, AuditKind
from heliograph_auth.domain.audit import AuditPage


class SecurityEvent(BaseModel):
    at: datetime
    kind: AuditKind
    address: str = Field(description="Where it was asked for.", examples=["203.0.113.7"])
    device: str = Field(examples=["Firefox on Linux"])
    about: dict[str, str] = Field(description="With what it was done, for example an API key's name.")

    @classmethod
    def of(cls, event: AuditEvent) -> "SecurityEvent":
        """Return an event as its person sees it."""
        return cls(at=event.at, kind=event.kind, address=event.address, device=event.device, about=dict(event.about))


class SecurityLogResponse(BaseModel):
    events: list[SecurityEvent] = Field(description="The latest first.")
    next_cursor: str | None = Field(None, description="Send it as `cursor` to go on; null at the end.")

    @classmethod
    def of(cls, page: AuditPage) -> "SecurityLogResponse":
        """Return a page as it goes over the wire."""
        return cls(events=[SecurityEvent.of(event) for event in page.events], next_cursor=page.before)
