"""A `Sealing` that anyone can read."""

from heliograph.errors import UnavailableError


class PlainSealing:
    """Says whose it is in front."""

    def sealed(self, plain: bytes, *, whose: str) -> bytes:
        return f"{whose}:".encode() + plain

    def opened(self, sealed: bytes, *, whose: str) -> bytes:
        if not sealed.startswith(f"{whose}:".encode()):
            raise UnavailableError
        return sealed.removeprefix(f"{whose}:".encode())
