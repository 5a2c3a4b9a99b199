"""A `Mail` in memory."""

from heliograph_auth.domain.letters import Letter


class InMemoryMail:
    """The letters, the latest last."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    async def send(self, letter: Letter) -> None:
        self.letters.append(letter)

    async def check(self) -> str:
        return "memory"
