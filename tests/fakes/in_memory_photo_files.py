"""`Originals` and `Renditions` of the metadata service, in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from heliograph.photos import OwnerId, PhotoId, original_key, preview_key, thumbnail_key
from heliograph_metadata.service.prepare import Original, OriginalMissingError


class InMemoryPhotoFiles:
    """Bytes by object key."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    @asynccontextmanager
    async def opened(self, owner_id: OwnerId, photo_id: PhotoId) -> AsyncIterator[Original]:
        content = self.objects.get(original_key(owner_id, photo_id))
        if content is None:
            raise OriginalMissingError("There is no such original.")
        yield Original(len(content), _chunks(content))

    async def arrived(self, owner_id: OwnerId, photo_id: PhotoId) -> int | None:
        content = self.objects.get(original_key(owner_id, photo_id))
        return None if content is None else len(content)

    async def put(self, owner_id: OwnerId, photo_id: PhotoId, *, thumbnail: bytes, preview: bytes) -> None:
        self.objects[thumbnail_key(owner_id, photo_id)] = thumbnail
        self.objects[preview_key(owner_id, photo_id)] = preview

    async def remove(self, owner_id: OwnerId, photo_id: PhotoId) -> None:
        for key in (preview_key, thumbnail_key):
            self.objects.pop(key(owner_id, photo_id), None)

    async def remove_all(self, owner_id: OwnerId, photo_id: PhotoId) -> None:
        await self.remove(owner_id, photo_id)
        self.objects.pop(original_key(owner_id, photo_id), None)


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 4):
        yield content[start : start + 4]
