"""Thumbnails by their signed addresses, where previews hold them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.errors import ThumbnailNotFoundError, WrongAddressError
from heliograph_metadata.domain.thumbnail_addresses import ThumbnailSigner


class StoredThumbnails(Protocol):
    """Where thumbnails are found. tests/contract/test_photo_files.py is its specification."""

    async def get(self, owner_id: OwnerId, photo_id: PhotoId) -> bytes | None:
        """Return a photo's thumbnail (WebP), wherever it lies; None where there is none.

        Raises:
            UnavailableError: S3 does not answer.
        """


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """What an address leads to."""

    content: bytes
    """WebP."""
    good_for_seconds: int
    """So long the address is still good."""


class ThumbnailService:
    """Hands out what an address proves that its bearer may see."""

    def __init__(
        self, stored: StoredThumbnails, signer: ThumbnailSigner | None, *, now: Callable[[], float] = time.time
    ) -> None:
        """Make one.

        Args:
            stored: Where they are.
            signer: Who has signed the addresses; without one none is good.
            now: The time, in seconds of Unix time.
        """
        self._stored = stored
        self._signer = signer
        self._now = now

    async def get(self, owner_id: OwnerId, photo_id: PhotoId, *, expires_at: int, signature: str) -> Thumbnail:
        """Return the thumbnail of an address.

        Raises:
            WrongAddressError: Nobody here has signed that.
            AddressExpiredError: It was good.
            ThumbnailNotFoundError: There is none any more, or not yet.
            UnavailableError: S3 does not answer.
        """
        if self._signer is None:
            raise WrongAddressError("Thumbnails have no addresses here.")
        left = self._signer.seconds_left(owner_id, photo_id, expires_at=expires_at, signature=signature, at=self._now())
        content = await self._stored.get(owner_id, photo_id)
        if content is None:
            raise ThumbnailNotFoundError("There is no thumbnail of this photo.")
        return Thumbnail(content, left)
