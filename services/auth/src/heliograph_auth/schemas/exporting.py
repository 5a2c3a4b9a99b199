"""HTTP bodies of asking for an export."""

from pydantic import BaseModel, Field


class ExportBegun(BaseModel):
    export_id: str = Field(description="How far it is: `GET /exports`.", examples=["3f0c8a1f2b5d4c0e9a7b6c5d4e3f2a1b"])
