"""HTTP bodies of asking for an export."""

from pydantic import BaseModel, Field

from heliograph_auth.domain.accounts import MAX_PASSWORD_CHARACTERS


class ExportAsked(BaseModel):
    password: str = Field(
        max_length=MAX_PASSWORD_CHARACTERS,
        description="The account's, asked again.",
        json_schema_extra={"format": "password"},
        examples=["correct horse battery staple"],
    )


class ExportBegun(BaseModel):
    export_id: str = Field(description="How far it is: `GET /exports`.", examples=["3f0c8a1f2b5d4c0e9a7b6c5d4e3f2a1b"])
