"""Addresses under which a browser reads a photo's objects in S3."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from botocore.credentials import ReadOnlyCredentials

from heliograph.photos import OwnerId, PhotoId, preview_key, thumbnail_key
from heliograph.presign import S3Presigner, SignedFamily

STABLE_SECONDS: Final = 4 * 3600
"""An address stays the same for so long: else a browser's cache would be of no use."""

_DOWNLOAD_SECONDS: Final = 300
_REMEMBERED: Final = 20_000
_SOME_PHOTO: Final = PhotoId("photo-id")


@lru_cache(maxsize=4)
def presigner(credentials: ReadOnlyCredentials, region: str, bucket: str) -> S3Presigner:
    """Return the presigner for a role's present keys, the same one for the same keys."""
    return S3Presigner(credentials, region=region, bucket=bucket)


@lru_cache(maxsize=_REMEMBERED)
def _stable_url(signer: S3Presigner, base_url: str, key: str, window: int) -> str:
    """Sign once per window what is shown again and again: a signature costs 0.08 ms, a page has 200."""
    return signer.get_url(base_url, key, stable_seconds=STABLE_SECONDS, now=datetime.fromtimestamp(window, UTC))


class MediaUrls:
    """Signs addresses for the host at which one caller reaches S3."""

    def __init__(self, signer: S3Presigner, base_url: str, *, now: datetime) -> None:
        self._signer = signer
        self._base_url = base_url
        self._window = int(now.timestamp() // STABLE_SECONDS * STABLE_SECONDS)

    def thumbnail(self, owner_id: OwnerId, photo_id: PhotoId) -> str:
        """Return where a prepared photo's thumbnail is."""
        return _stable_url(self._signer, self._base_url, thumbnail_key(owner_id, photo_id), self._window)

    def thumbnails(self, owner_id: OwnerId) -> SignedFamily:
        """Return where all of an owner's thumbnails are, by photo id: each as `thumbnail` gives it."""
        before, _, after = thumbnail_key(owner_id, _SOME_PHOTO).rpartition(_SOME_PHOTO)
        window = datetime.fromtimestamp(self._window, UTC)
        return self._signer.get_family(self._base_url, before, after, stable_seconds=STABLE_SECONDS, now=window)

    def preview(self, owner_id: OwnerId, photo_id: PhotoId) -> str:
        """Return where a prepared photo's preview is."""
        return _stable_url(self._signer, self._base_url, preview_key(owner_id, photo_id), self._window)

    def original(self, key: str, *, filename: str) -> str:
        """Return where the untouched original of that key is, for a few minutes, to be saved under its name."""
        return self._signer.get_url(
            self._base_url,
            key,
            stable_seconds=_DOWNLOAD_SECONDS,
            parameters={"response-content-disposition": f"attachment; filename*=UTF-8''{quote(filename, safe='')}"},
        )
