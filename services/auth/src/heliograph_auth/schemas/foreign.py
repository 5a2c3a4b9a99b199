"""HTTP bodies of signing in by another site."""

from datetime import datetime

from pydantic import BaseModel, Field

from heliograph_auth.domain.foreign import Identity


class ForeignBegun(BaseModel):
    url: str = Field(description="Where the browser goes to sign in.")


class IdentityResponse(BaseModel):
    identity_id: str = Field(examples=["3f0c8a1f2b5d4c0e9a7b6c5d4e3f2a1b"])
    issuer: str = Field(examples=["https://accounts.example.org"])
    linked_at: datetime

    @classmethod
    def of(cls, identity: Identity) -> "IdentityResponse":
        """Return what its person may see of a link."""
        return cls(identity_id=identity.identity_id, issuer=identity.issuer, linked_at=identity.linked_at)


class IdentitiesResponse(BaseModel):
    identities: list[IdentityResponse]
