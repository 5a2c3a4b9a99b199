"""Argon2id by argon2-cffi, in a few threads of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple, Unpack

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from heliograph_auth.domain import MAX_PASSWORD_CHARACTERS, TooManySignInsError, password_bytes

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Argon2Passwords:
    """`Passwords` by Argon2id. The threads bound how much memory and how many cores hashing takes.

    The parameters (19 MiB, two passes, one lane: about 20 ms) are the first choice of OWASP's Password Storage
    Cheat Sheet.
    """

    def __init__(self, *, threads: int = 2, most_waiting: int = 100) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._places = threads + most_waiting
        self._nobodys_hash = self._hasher.hash(b"nobody has this password")

    def close(self) -> None:
        """Let the threads go."""
        self._executor.shutdown(cancel_futures=True)

    async def hashed(self, password: str) -> str:
        """See `Passwords.hashed`."""
        return await self._in_a_thread(self._hasher.hash, password_bytes(password))

    async def match(self, password: str, password_hash: str | None) -> bool:
        """See `Passwords.match`."""
        offered = password_bytes(password[: MAX_PASSWORD_CHARACTERS + 1])
        matches = await self._in_a_thread(self._verified, password_hash or self._nobodys_hash, offered)
        return matches and password_hash is not None

    def _verified(self, password_hash: str, password: bytes) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _in_a_thread(self, work: Callable[[Unpack[Ts]], T], *arguments: *Ts) -> T:
        if self._places == 0:
            raise TooManySignInsError
        self._places -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work, *arguments)
        finally:
            self._places += 1
