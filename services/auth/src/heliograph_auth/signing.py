"""An ES256 key that signs access tokens, and how it is published in a JWKS.

Source: RFC 7517 (JWK), RFC 7518 section 6.2 (elliptic curve keys), RFC 7638 (thumbprints).
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jose import jwk, jwt

from heliograph.identity import ALGORITHM, TOKEN_TYPE, InvalidTokenError, Principal

_COORDINATE_BYTES = 32


def new_signing_key() -> bytes:
    """Return the PEM of a new private key on P-256."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def refresh_secret_of(pem: bytes) -> bytes:
    """Return what refresh tokens were derived with while a single signing key was all there was."""
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"heliograph refresh tokens").derive(pem)


def sealing_secret_of(refresh_secret: bytes) -> bytes:
    """Return what is sealed with in a keyring of before it had a secret of its own for that."""
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"heliograph sealing").derive(refresh_secret)


class SigningKey:
    """Signs access tokens, and is itself the `PublicKeys` by which this service verifies them."""

    def __init__(self, pem: bytes, *, issuer: str, audience: str) -> None:
        """Take the key apart.

        Raises:
            ValueError: It is no private key on the curve P-256.
        """
        private = load_pem_private_key(pem, password=None)
        if not isinstance(private, ec.EllipticCurvePrivateKey) or private.curve.name != "secp256r1":
            raise ValueError("the signing key must be an elliptic curve key on P-256")
        numbers = private.public_key().public_numbers()
        required = {"crv": "P-256", "kty": "EC", "x": _base64url(numbers.x), "y": _base64url(numbers.y)}
        self.key_id = thumbprint(required)
        self.public_jwk: dict[str, str] = {**required, "kid": self.key_id, "alg": ALGORITHM, "use": "sig"}
        self._private = jwk.construct(pem.decode(), ALGORITHM)
        self._issuer = issuer
        self._audience = audience

    def issue(self, principal: Principal, *, now: datetime, lives: timedelta) -> str:
        """See `AccessTokens.issue`."""
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": principal.account_id,
            "sid": principal.session_id,
            "iat": int(now.timestamp()),
            "exp": int((now + lives).timestamp()),
            "jti": uuid4().hex,
            "scope": " ".join(sorted(principal.scopes)),
            "gen": principal.generation,
        }
        headers = {"kid": self.key_id, "typ": TOKEN_TYPE}
        return jwt.encode(claims, self._private, algorithm=ALGORITHM, headers=headers)

    async def key(self, key_id: str) -> dict[str, Any]:
        """See `PublicKeys.key`."""
        if key_id != self.key_id:
            raise InvalidTokenError("The access token was signed with an unknown key.")
        return dict(self.public_jwk)

    async def refresh(self) -> None:
        """See `PublicKeys.refresh`; the key is at hand."""


def thumbprint(required: dict[str, str]) -> str:
    """Return the RFC 7638 thumbprint of a JWK's required members: base64url of SHA-256 of their canonical JSON."""
    canonical = json.dumps(required, sort_keys=True, separators=(",", ":")).encode()
    return urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()


def _base64url(coordinate: int) -> str:
    return urlsafe_b64encode(coordinate.to_bytes(_COORDINATE_BYTES)).rstrip(b"=").decode()
