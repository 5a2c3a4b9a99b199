"""HTTP bodies of the auth service."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from heliograph_auth.domain import (
    MAX_NAME_CHARACTERS,
    MAX_PASSWORD_CHARACTERS,
    MIN_PASSWORD_CHARACTERS,
    Account,
    TokenPair,
)

Name = Annotated[
    str, Field(min_length=1, max_length=MAX_NAME_CHARACTERS, description="As you want to be called.", examples=["Ada"])
]


class AccountCreate(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"email": "ada@example.com", "password": "correct horse battery staple", "name": "Ada"}]
        }
    )

    email: str = Field(max_length=320, description="Unique, whatever its case.", examples=["ada@example.com"])
    password: str = Field(
        min_length=MIN_PASSWORD_CHARACTERS,
        max_length=MAX_PASSWORD_CHARACTERS,
        json_schema_extra={"format": "password"},
        examples=["correct horse battery staple"],
    )
    name: Name


class AccountUpdate(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Ada Lovelace"}]})

    name: Name


class AccountResponse(BaseModel):
    account_id: str = Field(examples=["3f0c8a1f2b5d4c0e9a7b6c5d4e3f2a1b"])
    email: str = Field(examples=["ada@example.com"])
    name: str = Field(examples=["Ada"])
    created_at: datetime = Field(examples=["2026-06-01T10:00:00Z"])

    @classmethod
    def of(cls, account: Account) -> "AccountResponse":
        """Return what the account's owner may see of it."""
        return cls(account_id=account.account_id, email=account.email, name=account.name, created_at=account.created_at)


class RefreshRequest(BaseModel):
    refresh_token: str = Field(max_length=200, description="The last one that was given out.")


class TokenResponse(BaseModel):
    access_token: str = Field(description="A JWT, signed with ES256; send it as `Authorization: Bearer …`.")
    refresh_token: str = Field(description="Good for one refresh, which gives a new one.")
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - no password
    expires_in: int = Field(description="Seconds for which the access token is good.", examples=[600])

    @classmethod
    def of(cls, pair: TokenPair) -> "TokenResponse":
        """Return the pair as OAuth2 (RFC 6749, section 5.1) spells it."""
        return cls(access_token=pair.access_token, refresh_token=pair.refresh_token, expires_in=pair.expires_in_seconds)


class JsonWebKey(BaseModel):
    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: str
    y: str
    kid: str = Field(description="The key's RFC 7638 thumbprint.")
    alg: Literal["ES256"]
    use: Literal["sig"]


class JsonWebKeySet(BaseModel):
    keys: list[JsonWebKey]
