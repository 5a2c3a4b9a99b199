"""`Passwords` that cost nothing."""


class PlainPasswords:
    """Remembers what it was asked to compare with."""

    def __init__(self) -> None:
        self.compared: list[str | None] = []

    async def hashed(self, password: str) -> str:
        return f"hash of {password}"

    async def match(self, password: str, password_hash: str | None) -> bool:
        self.compared.append(password_hash)
        return password_hash == f"hash of {password}"
