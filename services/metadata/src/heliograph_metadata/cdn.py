"""Addresses of renditions at the CDN, signed by a key of ours that CloudFront trusts.

Each is for one object and until one time (a canned policy). The key is an elliptic one, which signs a dozen times
faster than RSA, and as CloudFront expects over SHA-1; nonces are derived from what is signed, so that all processes
with the key give the same address, and a browser's cache meets it again.

Source: "Create a signed URL using a canned policy", Amazon CloudFront Developer Guide; RFC 6979 (deterministic ECDSA).
"""

import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_private_key

_REMEMBERED: Final = 40_000
_IN_QUERIES: Final = str.maketrans("+=/", "-_~")
"""What CloudFront has in place of base64's three that mean something in an address."""


class CdnSigner:
    """Signs addresses of one distribution."""

    def __init__(self, base_url: str, *, key_pair_id: str, private_key: str) -> None:
        """Take the key.

        Args:
            base_url: Scheme and host of the distribution.
            key_pair_id: CloudFront's name for the public key.
            private_key: On P-256, in DER (PKCS 8) as base64.

        Raises:
            ValueError: It is no such key.
        """
        try:
            key = load_der_private_key(b64decode(private_key, validate=True), password=None)
        except (Base64Error, UnsupportedAlgorithm, TypeError) as error:
            raise ValueError("the CDN's key is no private key in DER, written in base64") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
            raise ValueError("the CDN's key must be an elliptic curve key on P-256")
        self._key = key
        self._base_url = base_url.rstrip("/")
        self._key_pair_id = key_pair_id
        # Signing takes 0.1 ms, and a page shows hundreds
        self._remembered = lru_cache(_REMEMBERED)(self._signed)

    def get_url(self, key: str, *, expires_at: int) -> str:
        """Return the address of an object.

        Args:
            key: The object's key in S3.
            expires_at: Until when it is good, in seconds of Unix time.
        """
        path, _, last = key.rpartition("/")
        return self.get_family(f"{path}/", "", expires_at=expires_at).url(last)

    def get_family(self, key_before: str, key_after: str, *, expires_at: int) -> "CdnFamily":
        """Return the addresses of all objects whose keys are `key_before` + part + `key_after`."""
        return CdnFamily(
            self,
            f"{self._base_url}/{quote(key_before)}",
            f"{quote(key_after)}",
            f"?Expires={expires_at}&Key-Pair-Id={self._key_pair_id}&Signature=",
            expires_at,
        )

    def signature(self, url: str, expires_at: int) -> str:
        """Return the signature of an address without its query: 95 or 96 characters."""
        return self._remembered(url, expires_at)

    def _signed(self, url: str, expires_at: int) -> str:
        until = {"DateLessThan": {"AWS:EpochTime": expires_at}}
        policy = json.dumps({"Statement": [{"Resource": url, "Condition": until}]}, separators=(",", ":"))
        # SHA-1 is CloudFront's choice; nobody else decides what is signed here
        signed = self._key.sign(policy.encode(), ec.ECDSA(hashes.SHA1(), deterministic_signing=True))  # noqa: S303
        return b64encode(signed).decode().translate(_IN_QUERIES)


@dataclass(frozen=True, slots=True)
class CdnFamily:
    """Addresses that differ in one part of a key, and in their signatures."""

    _signer: CdnSigner
    before: str
    _rest: str
    _query: str
    _expires_at: int

    @property
    def after(self) -> str:
        """What follows the part that differs, up to the signature."""
        return f"{self._rest}{self._query}"

    def signature(self, part: str) -> str:
        """Return the signature of the object with this part in its key.

        Args:
            part: Letters, digits, `.`, `-` and `_` only: it is not escaped.
        """
        return self._signer.signature(f"{self.before}{part}{self._rest}", self._expires_at)

    def url(self, part: str) -> str:
        """Return the whole address of one object."""
        return f"{self.before}{part}{self.after}{self.signature(part)}"
