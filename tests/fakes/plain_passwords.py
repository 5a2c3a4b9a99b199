"""`Passwords` that cost nothing."""

from collections.abc import Sequence


class PlainPasswords:
    """Remembers what it was asked to compare with; passwords with "weak" in them are weak."""

    def __init__(self) -> None:
        self.compared: list[str | None] = []

    async def hashed(self, password: str) -> str:
        return f"hash of {password}"

    async def match(self, password: str, password_hash: str | None) -> bool:
        self.compared.append(password_hash)
        return password_hash is not None and password_hash.removeprefix("old ") == f"hash of {password}"

    def is_outdated(self, password_hash: str) -> bool:
        return password_hash.startswith("old ")

    async def weakness(self, password: str, known_words: Sequence[str]) -> str | None:
        return "Too easy." if "weak" in password or password in known_words else None
