"""A `Vision` and a `PreviewStore` without networks: a preview's bytes say what is on it."""

import threading
from collections.abc import Sequence

from heliograph.errors import HeliographError
from heliograph_inference.domain import Label, NetworkError, PreviewUnavailableError, UnreadablePreviewError
from heliograph_inference.service import Looked

BROKEN = b"broken"
POISON = b"poison"
BUG = b"bug"


class FixedVision:
    """Sees the label that the bytes name; `broken` is no picture, no network survives `poison`, and `bug` meets one."""

    models = ("fixed@1",)

    def __init__(self, *, most_at_once: int = 1) -> None:
        self.most_at_once = most_at_once
        self.runs: list[int] = []
        self.looking = threading.Event()
        self.may_look = threading.Event()
        self.may_look.set()

    def look_at(self, previews: Sequence[bytes]) -> list[Looked]:
        self.looking.set()
        self.may_look.wait(10)
        self.runs.append(len(previews))
        if POISON in previews:
            raise NetworkError("the run failed")
        if BUG in previews:
            raise ZeroDivisionError
        return [_seen(preview) for preview in previews]


def _seen(preview: bytes) -> Looked:
    if preview == BROKEN:
        return UnreadablePreviewError("no picture")
    return (Label(name=preview.decode(), confidence=0.9, model="fixed@1"),)


class InMemoryPreviewStore:
    """Previews by key; where `failing` is set, every read fails with it."""

    def __init__(self, previews: dict[str, bytes]) -> None:
        self.previews = previews
        self.failing: HeliographError | None = None
        self.unavailable: set[str] = set()

    async def read(self, preview_key: str) -> bytes:
        if self.failing is not None:
            raise self.failing
        if preview_key in self.unavailable:
            raise PreviewUnavailableError(f"{preview_key}: the store does not answer")
        try:
            return self.previews[preview_key]
        except KeyError:
            raise UnreadablePreviewError(f"there is no preview at {preview_key}") from None
