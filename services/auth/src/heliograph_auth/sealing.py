"""Seals what has to be kept and read again: AES-256-GCM, with a key that is derived from the keyring's own secret."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from heliograph.errors import UnavailableError
from heliograph_auth.domain.accounts import utc_now
from heliograph_auth.keyring import KeyringFile

_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32
_INFO: Final = b"heliograph second factors"


class KeyringSealing:
    """`Sealing` by the keyring of this service: the table alone tells nothing, nor does the keyring alone."""

    def __init__(self, file: KeyringFile, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._file = file
        self._clock = clock

    def sealed(self, plain: bytes, *, whose: str) -> bytes:
        """See `Sealing.sealed`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher().encrypt(nonce, plain, whose.encode())

    def opened(self, sealed: bytes, *, whose: str) -> bytes:
        """See `Sealing.opened`."""
        try:
            return self._cipher().decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], whose.encode())
        except (InvalidTag, ValueError) as error:
            raise UnavailableError("a second factor was sealed with the secret of another keyring") from error

    def _cipher(self) -> AESGCM:
        secret = self._file.ring(self._clock()).sealing_secret
        return AESGCM(HKDF(hashes.SHA256(), _KEY_BYTES, salt=None, info=_INFO).derive(secret))
