"""HTTP bodies of sessions and tokens."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from heliograph_auth.domain.sessions import Session, TokenPair


class RefreshRequest(BaseModel):
    refresh_token: str = Field(max_length=200, description="The last one that was given out.")


class TokenResponse(BaseModel):
    access_token: str = Field(description="A JWT, signed with ES256; send it as `Authorization: Bearer …`.")
    refresh_token: str | None = Field(
        None, description="Good for one refresh, which gives a new one. Not there where it went into the cookie."
    )
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - no password
    expires_in: int = Field(description="Seconds for which the access token is good.", examples=[600])

    @classmethod
    def of(cls, pair: TokenPair, *, without_refresh_token: bool) -> "TokenResponse":
        """Return the pair as OAuth2 (RFC 6749, section 5.1) spells it."""
        return cls(
            access_token=pair.access_token,
            refresh_token=None if without_refresh_token else pair.refresh_token,
            expires_in=pair.expires_in_seconds,
        )


class SessionResponse(BaseModel):
    session_id: str = Field(examples=["0f1e2d3c4b5a69788796a5b4c3d2e1f0"])
    device: str = Field(description="The browser or program.", examples=["Firefox on Linux"])
    address: str = Field(description="Where it was last seen.", examples=["203.0.113.7"])
    started_at: datetime
    last_used_at: datetime
    is_current: bool = Field(description="Whether it is the one that asks.")

    @classmethod
    def of(cls, session: Session, *, current_id: str) -> "SessionResponse":
        """Return what its person may see of a session."""
        return cls(
            session_id=session.session_id,
            device=session.device,
            address=session.address,
            started_at=session.started_at,
            last_used_at=session.rotated_at,
            is_current=session.session_id == current_id,
        )


class SessionsResponse(BaseModel):
    sessions: list[SessionResponse]
