"""Settings of the upload service."""

from typing import Literal

from pydantic import Field

from heliograph.settings import SharedSettings

_MEBIBYTE = 1024 * 1024


class UploadSettings(SharedSettings):
    """What upload reads from its environment beside what every service does."""

    max_upload_bytes: int = Field(default=200 * _MEBIBYTE, ge=1)
    upload_content_types: frozenset[str] = frozenset(
        {"image/jpeg", "image/png", "image/webp", "image/gif", "image/tiff", "image/bmp"}
    )
    upload_url_seconds: int = Field(default=3600, ge=1, le=7 * 24 * 3600)
    """How long a presigned PUT is good for; S3 allows seven days."""

    originals_storage_class: Literal["", "INTELLIGENT_TIERING"] = ""
    """S3's storage class for originals, with which each PUT is made; empty: the bucket's standard one."""
