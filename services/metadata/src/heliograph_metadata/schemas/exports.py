"""HTTP bodies of exports, and what an export says of a photo."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, Field

from heliograph.exports import ExportStatus
from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.export import Export
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.schemas.photos import PhotoResponse


class ExportPartResponse(BaseModel):
    number: int
    filename: str = Field(examples=["heliograph-2026-06-01-001.zip"])
    photos: int
    size_bytes: int


class ExportResponse(BaseModel):
    export_id: str
    status: ExportStatus
    asked_at: datetime
    photos: int = Field(description="In all; 0 as long as they have not been counted.")
    done: int = Field(description="Photos that are in parts by now.")
    parts: list[ExportPartResponse]
    ends_at: datetime | None = Field(description="When it is removed; null while it is made.")

    @classmethod
    def of(cls, export: Export) -> "ExportResponse":
        """Return the wire form."""
        parts = [
            ExportPartResponse(
                number=part.number,
                filename=export.part_name(part.number),
                photos=part.photos,
                size_bytes=part.size_bytes,
            )
            for part in export.parts
        ]
        return cls(
            export_id=export.export_id,
            status=export.status,
            asked_at=export.asked_at,
            photos=export.photos,
            done=export.done,
            parts=parts,
            ends_at=export.ends_at,
        )


class ExportsResponse(BaseModel):
    exports: list[ExportResponse] = Field(description="The last one that was asked for, if it is still there.")


class ExportLinkResponse(BaseModel):
    url: str = Field(description="Of this part alone, good for a few minutes.")
    filename: str


class _Nowhere:
    """Pictures that an export names by no address."""

    def thumbnail(self, owner_id: OwnerId, photo_id: PhotoId) -> str:  # noqa: ARG002 - none at all
        return ""

    preview = thumbnail


_ADDRESSES: Final = {"thumbnail_url", "preview_url", "original_url"}
_NOWHERE: Final = _Nowhere()


def described(photo: Photo, albums: Mapping[str, str], file: str | None) -> Mapping[str, Any]:
    """Return what an export says of a photo: what the API says, and where in the export its original lies."""
    said = PhotoResponse.of(photo, albums=albums, urls=_NOWHERE).model_dump(mode="json", exclude=_ADDRESSES)
    return {"file": file, **said}
