"""An authenticator in software: makes passkeys and signs with them as the WebAuthn standard says, or as told to.

Source: Web Authentication Level 3, 6.1 (authenticator data), 6.5.1 (attestation), 5.8.1 (client data).
"""

import hashlib
import json
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

_PRESENT, _VERIFIED, _HAS_KEY = 0x01, 0x04, 0x40
_COORDINATE_BYTES = 32


@dataclass
class Authenticator:
    """One passkey, and what the browser around it says of the page."""

    origin: str = "http://localhost:8080"
    rp_id: str = "localhost"
    counts: bool = True
    """Whether it counts its signatures; synchronised passkeys don't."""
    knows_who: bool = True
    """Whether it has asked who is there (a fingerprint, a PIN)."""
    sign_count: int = 0
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    user_handle: bytes = b""
    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def made(self, options: Mapping[str, Any], **told: str) -> dict[str, Any]:
        """Return what `navigator.credentials.create()` gives; `told` overwrites what the browser says of the page."""
        self.user_handle = decoded(options["user"]["id"])
        key = self._key.public_key().public_numbers()
        cose = cbor2.dumps(
            {1: 2, 3: -7, -1: 1, -2: key.x.to_bytes(_COORDINATE_BYTES), -3: key.y.to_bytes(_COORDINATE_BYTES)}
        )
        attested = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + cose
        statement = {"fmt": "none", "attStmt": {}, "authData": self._data(_HAS_KEY) + attested}
        return self._credential(
            clientDataJSON=encoded(self._client_data("webauthn.create", options["challenge"], told)),
            attestationObject=encoded(cbor2.dumps(statement)),
        )

    def signed(self, options: Mapping[str, Any], **told: str) -> dict[str, Any]:
        """Return what `navigator.credentials.get()` gives."""
        self.sign_count += self.counts
        data = self._data(0)
        client_data = self._client_data("webauthn.get", options["challenge"], told)
        signature = self._key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return self._credential(
            clientDataJSON=encoded(client_data),
            authenticatorData=encoded(data),
            signature=encoded(signature),
            userHandle=encoded(self.user_handle),
        )

    def _data(self, flags: int) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.knows_who else 0)
        return hashlib.sha256(self.rp_id.encode()).digest() + struct.pack(">BI", flags, self.sign_count)

    def _client_data(self, kind: str, challenge: str, told: Mapping[str, str]) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | dict(told)).encode()

    def _credential(self, **response: str) -> dict[str, Any]:
        name = encoded(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}


def encoded(content: bytes) -> str:
    """Return base64url without padding."""
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Return what base64url without padding holds."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
