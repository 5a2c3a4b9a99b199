"""Addresses of thumbnails that the service hands out itself: each for one photo and until one time, with its proof.

An `<img>` sends no token. So whoever has the address may see the thumbnail, as with a presigned URL of S3; nobody can
change a photo's address into that of another, or make it last.

Source: RFC 2104 (HMAC), with SHA-256.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.errors import AddressExpiredError, WrongAddressError

THUMBNAILS_PATH: Final = "/api/v1/thumbnails"
_SHORTEST_KEY: Final = 32
"""Characters; RFC 2104, 3, advises as many bytes as the hash has."""


@dataclass(frozen=True, slots=True)
class ThumbnailSigner:
    """Signs with a key that the tasks of a deployment have in common."""

    key: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a key that could be guessed.

        Raises:
            ValueError: It is too short.
        """
        if len(self.key) < _SHORTEST_KEY:
            raise ValueError(
                f"the key that signs addresses of thumbnails needs {_SHORTEST_KEY} characters at the least"
            )

    def family(self, base_url: str, owner_id: OwnerId, *, expires_at: int) -> "ThumbnailFamily":
        """Return the addresses of an owner's thumbnails.

        Args:
            base_url: Scheme and host at which the caller reaches this service.
            owner_id: Whose they are.
            expires_at: Until when they are good, in seconds of Unix time.
        """
        before = f"{base_url.rstrip('/')}{THUMBNAILS_PATH}/{quote(owner_id, safe='')}/"
        return ThumbnailFamily(self, before, f"?expires={expires_at}&signature=", owner_id, expires_at)

    def signature(self, owner_id: OwnerId, photo_id: PhotoId, expires_at: int) -> str:
        """Return what proves an address: 43 characters of base64, as URLs take it."""
        signed = hmac.digest(self.key.encode(), f"thumbnail\n{owner_id}\n{photo_id}\n{expires_at}".encode(), "sha256")
        return urlsafe_b64encode(signed).rstrip(b"=").decode()

    def seconds_left(self, owner_id: OwnerId, photo_id: PhotoId, *, expires_at: int, signature: str, at: float) -> int:
        """Return for how long an address is still good, in whole seconds.

        Args:
            owner_id: Whose thumbnail it says it is of.
            photo_id: And of which photo.
            expires_at: Until when it says it is good, in seconds of Unix time.
            signature: What proves that; compared in constant time.
            at: The time, the same way.

        Raises:
            WrongAddressError: Nobody here has signed that.
            AddressExpiredError: It was good.
        """
        expected = self.signature(owner_id, photo_id, expires_at)
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise WrongAddressError("This address was not made here, or was changed.")
        left = int(expires_at - at)
        if left <= 0:
            raise AddressExpiredError("This address was good for some hours, and is not any more.")
        return left


@dataclass(frozen=True, slots=True)
class ThumbnailFamily:
    """Addresses of one owner's thumbnails until one time: they differ in the photo's id, and in their signatures."""

    _signer: ThumbnailSigner
    before: str
    after: str
    _owner_id: OwnerId
    _expires_at: int

    def signature(self, part: str) -> str:
        """Return the signature of the photo with this id."""
        return self._signer.signature(self._owner_id, PhotoId(part), self._expires_at)

    def url(self, photo_id: PhotoId) -> str:
        """Return the whole address of one."""
        return f"{self.before}{photo_id}{self.after}{self.signature(photo_id)}"
