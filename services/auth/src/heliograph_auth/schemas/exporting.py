"""HTTP bodies of asking for an export."""

from typing import Literal

from pydantic import BaseModel, Field


class ExportAccess(BaseModel):
    access_token: str = Field(
        description="Like the one that it was asked with; good for links to the parts of your export as well."
    )
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - no password
    expires_in: int = Field(description="Seconds for which it is good.", examples=[600])


class ExportBegun(BaseModel):
    export_id: str = Field(description="How far it is: `GET /exports`.", examples=["3f0c8a1f2b5d4c0e9a7b6c5d4e3f2a1b"])
