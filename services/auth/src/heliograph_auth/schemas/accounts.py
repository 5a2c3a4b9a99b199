"""HTTP bodies of accounts."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from heliograph_auth.domain.accounts import (
    MAX_EMAIL_CHARACTERS,
    MAX_NAME_CHARACTERS,
    MAX_PASSWORD_CHARACTERS,
    MIN_PASSWORD_CHARACTERS,
    Account,
)
from heliograph_auth.schemas.second_factor import Code

Name = Annotated[
    str, Field(min_length=1, max_length=MAX_NAME_CHARACTERS, description="As you want to be called.", examples=["Ada"])
]


NewPassword = Annotated[
    str,
    Field(
        min_length=MIN_PASSWORD_CHARACTERS,
        max_length=MAX_PASSWORD_CHARACTERS,
        description="One that is easy to guess is refused: `weak-password`.",
        json_schema_extra={"format": "password"},
        examples=["correct horse battery staple"],
    ),
]


class AccountCreate(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"email": "ada@example.com", "password": "correct horse battery staple", "name": "Ada"}]
        }
    )

    email: str = Field(
        max_length=MAX_EMAIL_CHARACTERS, description="Unique, whatever its case.", examples=["ada@example.com"]
    )
    password: NewPassword
    name: Name
    invitation: str | None = Field(
        None,
        max_length=64,
        description="The secret of an invitation, which is needed where people can't register by themselves.",
    )


class AccountPending(BaseModel):
    email: str = Field(description="Where the letter goes.", examples=["ada@example.com"])


class AccountUpdate(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Ada Lovelace"}]})

    name: Name


class AccountResponse(BaseModel):
    account_id: str = Field(examples=["3f0c8a1f2b5d4c0e9a7b6c5d4e3f2a1b"])
    email: str = Field(examples=["ada@example.com"])
    name: str = Field(examples=["Ada"])
    email_verified: bool = Field(description="Whether mail to the address is known to reach its holder.")
    created_at: datetime = Field(examples=["2026-06-01T10:00:00Z"])
    is_admin: bool = Field(default=False, description="Whether they look after accounts.")

    @classmethod
    def of(cls, account: Account) -> "AccountResponse":
        """Return what the account's owner may see of it."""
        return cls(
            account_id=account.account_id,
            email=account.email,
            name=account.name,
            email_verified=account.email_verified_at is not None,
            created_at=account.created_at,
            is_admin=account.is_admin,
        )


class PasswordChange(BaseModel):
    current_password: str = Field(max_length=MAX_PASSWORD_CHARACTERS, json_schema_extra={"format": "password"})
    new_password: NewPassword
    code: Code | None = None
