"""A `PhotoReader` that reads the same in every file, or raises the same."""

import asyncio
from collections.abc import AsyncIterator

from heliograph_metadata.domain.media import Exif, PhotoContent

A_CONTENT = PhotoContent(
    content_type="image/png",
    width_px=4000,
    height_px=3000,
    thumbnail=b"thumbnail",
    preview=b"preview",
    thumbhash="aGFzaA==",
    exif=Exif(),
)


class FixedPhotoReader:
    """Keeps what it was given."""

    def __init__(self, answer: PhotoContent | Exception = A_CONTENT) -> None:
        self.answer = answer
        self.files: list[bytes] = []
        self.reading = asyncio.Event()
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()

    async def read(self, chunks: AsyncIterator[bytes], *, size_bytes: int, sha256: str) -> PhotoContent:
        self.files.append(b"".join([chunk async for chunk in chunks]))
        self.reading.set()
        await self.may_go_on.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer
