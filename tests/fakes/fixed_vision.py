"""A `Vision` and a `PreviewStore` without networks: a preview's bytes say what is on it."""

import asyncio
import threading
from collections.abc import Sequence

from heliograph.errors import HeliographError
from heliograph_inference.domain import (
    Label,
    NetworkError,
    OutOfMemoryError,
    PreviewUnavailableError,
    Seen,
    UnreadablePreviewError,
)

BROKEN = b"broken"
POISON = b"poison"
BUG = b"bug"
UNFORESEEN = b"unforeseen"
"""As `bug`, but it meets the one that prepares it."""


class FixedVision:
    """Sees the label that the bytes name; `broken` is no picture, no network survives `poison`, and `bug` meets one."""

    models = ("fixed@1", "second@1")

    def __init__(self, *, most_at_once: int = 1, memory_for: int = 1000) -> None:
        self.most_at_once = most_at_once
        self.memory_for = memory_for
        self.is_broken = False
        self.runs: list[list[bytes]] = []
        self.prepared_for: list[tuple[str, ...]] = []
        self.preparing = threading.Semaphore(0)
        self.running = threading.Semaphore(0)
        self.looking = threading.Event()
        self.may_look = threading.Event()
        self.may_look.set()

    def prepared(self, preview: bytes, models: Sequence[str]) -> bytes:
        self.prepared_for.append(tuple(models))
        self.preparing.release()
        if preview == BROKEN:
            raise UnreadablePreviewError("no picture")
        if preview == UNFORESEEN:
            raise ZeroDivisionError
        return preview

    def try_out(self) -> None:
        if self.is_broken:
            raise NetworkError("the device is gone")

    def look_at(self, pictures: Sequence[bytes]) -> list[Seen]:
        self.looking.set()
        self.may_look.wait(10)
        self.runs.append(list(pictures))
        self.running.release()
        if len(pictures) > self.memory_for:
            raise OutOfMemoryError("not enough memory")
        if POISON in pictures or self.is_broken:
            raise NetworkError("the run failed")
        if BUG in pictures:
            raise ZeroDivisionError
        return [Seen((Label(name=picture.decode(), confidence=0.9, model="fixed@1"),)) for picture in pictures]


class InMemoryPreviewStore:
    """Previews by key; where `failing` is set, every read fails with it."""

    def __init__(self, previews: dict[str, bytes]) -> None:
        self.previews = previews
        self.failing: HeliographError | None = None
        self.unavailable: set[str] = set()
        self.asked = asyncio.Event()

    async def read(self, preview_key: str) -> bytes:
        self.asked.set()
        if self.failing is not None:
            raise self.failing
        if preview_key in self.unavailable:
            raise PreviewUnavailableError(f"{preview_key}: the store does not answer")
        try:
            return self.previews[preview_key]
        except KeyError:
            raise UnreadablePreviewError(f"there is no preview at {preview_key}") from None
