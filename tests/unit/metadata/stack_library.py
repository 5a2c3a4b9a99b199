"""Photos that look more or less alike, and their stacks; the process can die at any call."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from heliograph.photos import PhotoId
from heliograph_metadata.domain.looks import Look
from heliograph_metadata.domain.photo import Camera, Photo
from heliograph_metadata.domain.stacks import Stack, StackStatus
from heliograph_metadata.service.lookalikes import LookalikeService
from heliograph_metadata.service.stacks import StackService, StackView
from tests.builders import NOON, OWNER, a_photo
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore
from tests.fakes.in_memory_stack_store import InMemoryStackStore

FUJI, PIXEL = Camera("FUJIFILM", "X-T4"), Camera("Google", "Pixel 7")
LATER = NOON + timedelta(days=400)


def looking(*, unlike: int = 0, sharpness: float = 10.0) -> Look:
    """Return a look that differs in so many bits, the last ones first, from that of 0."""
    return Look(f"{(0xC0FFEE << 232) ^ ((1 << unlike) - 1):064x}", (15, 14), sharpness)


def a_copy(number: int, *, unlike: int = 0, seconds: float = 0, **changes: Any) -> Photo:
    """Return a photo that differs by so many bits from number 0, taken so many seconds (or days) apart."""
    taken_at = NOON + (timedelta(seconds=seconds) if seconds else timedelta(days=number))
    known: dict[str, Any] = {"look": looking(unlike=unlike), "taken_at": taken_at}
    return a_photo(number, **known | changes)


class CrashError(Exception):
    """The process is gone."""


class Fragile:
    """Hands every call on to what it wraps, until its fuse is burnt: that call does not happen."""

    def __init__(self, inner: Any, fuse: Callable[[], None]) -> None:
        self._inner = inner
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)

        async def call(*arguments: Any, **named: Any) -> Any:
            self._fuse()
            return await method(*arguments, **named)

        return call


class Library:
    """Somebody's photos and stacks."""

    def __init__(self, *photos: Photo) -> None:
        self.photos = InMemoryPhotoStore(photos)
        self.stacks = InMemoryStackStore()
        self.now = LATER
        self.calls_left: int | None = None
        self.lookalikes = LookalikeService(
            Fragile(self.photos, self._burn),
            Fragile(self.photos, self._burn),
            Fragile(self.stacks, self._burn),
            now=self._time,
        )
        self.service = StackService(Fragile(self.stacks, self._burn), Fragile(self.photos, self._burn), now=self._time)

    def _time(self) -> datetime:
        return self.now

    def _burn(self) -> None:
        if self.calls_left is not None:
            self.calls_left -= 1
            if self.calls_left < 0:
                raise CrashError

    async def look(self, *photos: Photo) -> None:
        for photo in photos:
            await self.lookalikes.look_for(self.photos.photos[photo.photo_id])

    async def open(self) -> list[StackView]:
        return list((await self.service.page(OWNER, StackStatus.OPEN, after=None, limit=50)).items)

    async def groups(self) -> list[set[PhotoId]]:
        return [{photo.photo_id for photo in view.photos} for view in await self.open()]

    async def the_stack(self) -> Stack:
        [view] = await self.open()
        return view.stack

    def put(self, *photos: Photo) -> None:
        self.photos.photos |= {photo.photo_id: photo for photo in photos}

    @property
    def in_trash(self) -> set[PhotoId]:
        return {photo.photo_id for photo in self.photos.photos.values() if photo.trashed_at}

    async def surviving(self, deed: Callable[[], Awaitable[Any]]) -> int:
        """Do something again and again, dying one call later each time, until it is done; return how often it died."""
        for calls in count():
            self.calls_left = calls
            try:
                await deed()
            except CrashError:
                continue
            else:
                return calls
            finally:
                self.calls_left = None
        raise AssertionError


A, B, C = a_copy(0), a_copy(1, unlike=5), a_copy(2, unlike=9)


def ids(*photos: Photo) -> set[PhotoId]:
    return {photo.photo_id for photo in photos}
