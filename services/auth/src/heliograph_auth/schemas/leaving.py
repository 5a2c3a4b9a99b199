"""HTTP bodies of deleting an account."""

from pydantic import BaseModel, Field

from heliograph_auth.domain.accounts import MAX_PASSWORD_CHARACTERS


class AccountDeletion(BaseModel):
    password: str = Field(
        max_length=MAX_PASSWORD_CHARACTERS,
        description="The account's, asked again.",
        json_schema_extra={"format": "password"},
        examples=["correct horse battery staple"],
    )
