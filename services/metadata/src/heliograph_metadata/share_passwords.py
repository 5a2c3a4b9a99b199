"""Passwords of share links: Argon2id by argon2-cffi, in two threads of its own."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from heliograph.errors import UnavailableError
from heliograph_metadata.domain.sharing import password_bytes

_THREADS: Final = 2
_MOST_WAITING: Final = 50


class TooManyOpeningError(UnavailableError):
    """So many links with passwords are being opened that this one has no place in the line."""

    code = "too-many-opening"


class Argon2SharePasswords:
    """`SharePasswords` by Argon2id. The threads bound how much memory and how many cores hashing takes.

    The parameters (19 MiB, two passes, one lane: about 20 ms) are the first choice of OWASP's Password Storage
    Cheat Sheet.
    """

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="argon2")
        self._places = _THREADS + _MOST_WAITING

    def close(self) -> None:
        """Let the threads go."""
        self._executor.shutdown(cancel_futures=True)

    async def hashed(self, password: str) -> str:
        """See `SharePasswords.hashed`."""
        self._take_place()
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._executor, self._hasher.hash, password_bytes(password))
        finally:
            self._places += 1

    async def match(self, password: str, password_hash: str) -> bool:
        """See `SharePasswords.match`."""
        self._take_place()
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._executor, self._verified, password, password_hash)
        finally:
            self._places += 1

    def _take_place(self) -> None:
        if self._places == 0:
            raise TooManyOpeningError
        self._places -= 1

    def _verified(self, password: str, password_hash: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password_bytes(password))
        except (VerificationError, InvalidHashError):
            return False
