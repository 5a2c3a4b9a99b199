"""HTTP bodies of API keys."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from heliograph.identity import ApiKeySecret, Scope
from heliograph_auth.domain.api_keys import MAX_KEY_NAME_CHARACTERS, ApiKey
from heliograph_auth.schemas.second_factor import Proof

KeyScope = Literal[Scope.LIBRARY_READ, Scope.LIBRARY_WRITE, Scope.UPLOADS_WRITE, Scope.SHARES_WRITE, Scope.ACCOUNT_READ]
_LONGEST_DAYS = 3650


class ApiKeyCreate(Proof):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Phone's upload",
                    "scopes": ["uploads:write"],
                    "expires_in_days": 365,
                    "password": "correct horse battery staple",
                }
            ]
        }
    )

    name: str = Field(min_length=1, max_length=MAX_KEY_NAME_CHARACTERS, description="To know it again by.")
    scopes: list[KeyScope] = Field(min_length=1, max_length=8, description="What it may do, and nothing else.")
    expires_in_days: int | None = Field(None, ge=1, le=_LONGEST_DAYS, description="Null: it is good until revoked.")


class ApiKeyResponse(BaseModel):
    key_id: str = Field(examples=["3f0c8a1f2b5d4c0e"])
    name: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute; null: never yet.")

    @classmethod
    def of(cls, key: ApiKey) -> "ApiKeyResponse":
        """Return what its person may see of a key."""
        return cls(
            key_id=key.key_id,
            name=key.name,
            scopes=sorted(key.scopes),
            created_at=key.created_at,
            expires_at=key.expires_at,
            last_used_at=key.last_used_at,
        )


class ApiKeyMade(ApiKeyResponse):
    api_key: str = Field(
        description="The key itself, told this once. Send it as `Authorization: Bearer …`.",
        examples=["hgk_3f0c8a1f2b5d4c0e_…"],
    )

    @classmethod
    def made(cls, key: ApiKey, secret: ApiKeySecret) -> "ApiKeyMade":
        """Return a new key with its secret."""
        return cls(**ApiKeyResponse.of(key).model_dump(), api_key=str(secret))


class ApiKeysResponse(BaseModel):
    api_keys: list[ApiKeyResponse]
