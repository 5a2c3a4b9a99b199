"""Addresses under which a browser reads a photo's objects: in S3, one's own renditions at a CDN, thumbnails here."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Protocol
from urllib.parse import quote

from botocore.credentials import ReadOnlyCredentials

from heliograph.photos import OwnerId, PhotoId, preview_key, thumbnail_key
from heliograph.presign import S3Presigner
from heliograph_metadata.cdn import CdnSigner
from heliograph_metadata.domain.thumbnail_addresses import ThumbnailFamily

STABLE_SECONDS: Final = 4 * 3600
"""An address stays the same for so long: else a browser's cache would be of no use."""

SHARED_STABLE_SECONDS: Final = 600
"""The same for photos of others. An address lives for twice that at most: so long it outlives the sharing's end."""

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


@lru_cache(maxsize=_REMEMBERED)
def _shared_url(signer: S3Presigner, base_url: str, key: str, window: int) -> str:
    """Sign, once per window, what no browser shall keep for longer than the address is good."""
    return signer.get_url(
        base_url,
        key,
        stable_seconds=SHARED_STABLE_SECONDS,
        parameters={"response-cache-control": f"private, max-age={SHARED_STABLE_SECONDS}"},
        now=datetime.fromtimestamp(window, UTC),
    )


class AddressFamily(Protocol):
    """Addresses that differ in one part, and in their signatures."""

    @property
    def before(self) -> str:
        """The address up to the part."""

    @property
    def after(self) -> str:
        """From there up to the signature, which comes last."""

    def signature(self, part: str) -> str:
        """Return the signature of the object with this part."""


class ThumbnailFamilies(Protocol):
    """Who makes addresses of thumbnails that lie within previews."""

    def __call__(self, owner_id: OwnerId, /, *, expires_at: int) -> ThumbnailFamily:
        """Return an owner's, good until a time in seconds of Unix time."""


class MediaUrls:
    """Signs addresses for the host at which one caller reaches S3, and for the CDN where there is one.

    What is of others comes from S3 itself, as it shall leave browsers' caches soon; so does what is saved as a file.
    All thumbnails come from the metadata service where `thumbnails` are given: in S3 they are no objects.
    """

    def __init__(
        self,
        signer: S3Presigner,
        base_url: str,
        *,
        now: datetime,
        cdn: CdnSigner | None = None,
        thumbnails: ThumbnailFamilies | None = None,
    ) -> None:
        self._thumbnails = thumbnails
        self._signer = signer
        self._base_url = base_url
        self._cdn = cdn
        self._window = int(now.timestamp() // STABLE_SECONDS * STABLE_SECONDS)
        self._shared_window = int(now.timestamp() // SHARED_STABLE_SECONDS * SHARED_STABLE_SECONDS)

    def thumbnail(self, owner_id: OwnerId, photo_id: PhotoId) -> str:
        """Return where a prepared photo's thumbnail is."""
        if self._thumbnails:
            return self._own_thumbnails(self._thumbnails, owner_id).url(photo_id)
        return self._rendition(thumbnail_key(owner_id, photo_id))

    def thumbnails(self, owner_id: OwnerId) -> AddressFamily:
        """Return where all of an owner's thumbnails are, by photo id: each as `thumbnail` gives it."""
        if self._thumbnails:
            return self._own_thumbnails(self._thumbnails, owner_id)
        before, _, after = thumbnail_key(owner_id, _SOME_PHOTO).rpartition(_SOME_PHOTO)
        if self._cdn:
            return self._cdn.get_family(before, after, expires_at=self._window + 2 * STABLE_SECONDS)
        window = datetime.fromtimestamp(self._window, UTC)
        return self._signer.get_family(self._base_url, before, after, stable_seconds=STABLE_SECONDS, now=window)

    def preview(self, owner_id: OwnerId, photo_id: PhotoId) -> str:
        """Return where a prepared photo's preview is."""
        return self._rendition(preview_key(owner_id, photo_id))

    def shared_thumbnail(self, owner_id: OwnerId, photo_id: PhotoId) -> str:
        """Return where a prepared photo's thumbnail is, for somebody whose photo it is not."""
        if self._thumbnails:
            expires_at = self._shared_window + 2 * SHARED_STABLE_SECONDS
            return self._thumbnails(owner_id, expires_at=expires_at).url(photo_id)
        return _shared_url(self._signer, self._base_url, thumbnail_key(owner_id, photo_id), self._shared_window)

    def shared_preview(self, owner_id: OwnerId, photo_id: PhotoId) -> str:
        """Return where a prepared photo's preview is, for somebody whose photo it is not."""
        return _shared_url(self._signer, self._base_url, preview_key(owner_id, photo_id), self._shared_window)

    def preview_file(self, owner_id: OwnerId, photo_id: PhotoId, *, filename: str) -> str:
        """Return where a prepared photo's preview is, for a few minutes, to be saved under a name."""
        return self._file(preview_key(owner_id, photo_id), filename)

    def original(self, key: str, *, filename: str) -> str:
        """Return where the untouched original of that key is, for a few minutes, to be saved under its name."""
        return self._file(key, filename)

    def export_file(self, key: str, *, filename: str) -> str:
        """Return where a part of an export is, for a few minutes, to be saved under its name."""
        return self._file(key, filename)

    def _own_thumbnails(self, families: ThumbnailFamilies, owner_id: OwnerId) -> ThumbnailFamily:
        return families(owner_id, expires_at=self._window + 2 * STABLE_SECONDS)

    def _rendition(self, key: str) -> str:
        if self._cdn:
            return self._cdn.get_url(key, expires_at=self._window + 2 * STABLE_SECONDS)
        return _stable_url(self._signer, self._base_url, key, self._window)

    def _file(self, key: str, filename: str) -> str:
        return self._signer.get_url(
            self._base_url,
            key,
            stable_seconds=_DOWNLOAD_SECONDS,
            parameters={
                "response-cache-control": "private, no-store",
                "response-content-disposition": f"attachment; filename*=UTF-8''{quote(filename, safe='')}",
            },
        )
