"""Argon2id by argon2-cffi and a judgement of passwords by zxcvbn, in a few threads of their own."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar, TypeVarTuple, Unpack

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from heliograph_auth.domain.accounts import MAX_PASSWORD_CHARACTERS, password_bytes
from heliograph_auth.domain.errors import TooManySignInsError

_LOWEST_SCORE: Final = 3
"""Of zxcvbn's 0 to 4: more than 10^8 guesses."""
_JUDGED_CHARACTERS: Final = 72
"""zxcvbn takes time with the square of the length, and what is this long is judged by its beginning well enough."""
_OWN_WORDS: Final = ("heliograph",)
_TOO_EASY: Final = "This password is too easy to guess."

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

    def is_outdated(self, password_hash: str) -> bool:
        """See `Passwords.is_outdated`."""
        try:
            return self._hasher.check_needs_rehash(password_hash)
        except InvalidHashError:
            return False

    async def weakness(self, password: str, known_words: Sequence[str]) -> str | None:
        """See `Passwords.weakness`. Source: NIST SP 800-63B, 5.1.1.2: compare with what is commonly used."""
        return await self._in_a_thread(_weakness, password[:_JUDGED_CHARACTERS], [*_OWN_WORDS, *known_words])

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


def _weakness(password: str, known_words: list[str]) -> str | None:
    judged = zxcvbn(password, user_inputs=known_words)
    if judged["score"] >= _LOWEST_SCORE:
        return None
    feedback = judged["feedback"]
    sentences = [feedback["warning"].rstrip("."), *(text.rstrip(".") for text in feedback["suggestions"])]
    return " ".join([_TOO_EASY, *(f"{sentence}." for sentence in sentences if sentence)])
