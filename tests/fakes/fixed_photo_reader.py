"""A `PhotoReader` that reads the same in every file, or raises the same."""

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

    async def read(self, chunks: AsyncIterator[bytes], *, size_bytes: int, sha256: str) -> PhotoContent:
        self.files.append(b"".join([chunk async for chunk in chunks]))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer
