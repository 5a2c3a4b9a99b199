"""`Originals`, `Renditions` and `StoredThumbnails` of the metadata service, in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from heliograph.messages import PhotoUploaded
from heliograph.photos import OwnerId, PhotoId, original_keys, preview_key, thumbnail_key
from heliograph_metadata.domain.within_preview import Thumbnails, thumbnail_in, with_thumbnail
from heliograph_metadata.service.prepare import Original, OriginalMissingError


class InMemoryPhotoFiles:
    """Bytes by object key."""

    def __init__(self, thumbnails: Thumbnails = Thumbnails.OBJECTS) -> None:
        self.objects: dict[str, bytes] = {}
        self._thumbnails = thumbnails

    @asynccontextmanager
    async def opened(self, key: str) -> AsyncIterator[Original]:
        content = self.objects.get(key)
        if content is None:
            raise OriginalMissingError("There is no such original.")
        yield Original(len(content), _chunks(content))

    async def arrived(self, owner_id: OwnerId, photo_id: PhotoId) -> PhotoUploaded | None:
        there = [key for key in original_keys(owner_id, photo_id) if key in self.objects]
        return PhotoUploaded(object_key=there[0], size_bytes=len(self.objects[there[0]])) if there else None

    async def put(self, owner_id: OwnerId, photo_id: PhotoId, *, thumbnail: bytes, preview: bytes) -> None:
        if self._thumbnails is Thumbnails.WITHIN_PREVIEWS:
            self.objects[preview_key(owner_id, photo_id)] = with_thumbnail(preview, thumbnail)
            return
        self.objects[thumbnail_key(owner_id, photo_id)] = thumbnail
        self.objects[preview_key(owner_id, photo_id)] = preview

    async def get(self, owner_id: OwnerId, photo_id: PhotoId) -> bytes | None:
        within = thumbnail_in(self.objects.get(preview_key(owner_id, photo_id), b""))
        return within or self.objects.get(thumbnail_key(owner_id, photo_id))

    async def remove(self, owner_id: OwnerId, photo_id: PhotoId) -> None:
        for key in (preview_key, thumbnail_key):
            self.objects.pop(key(owner_id, photo_id), None)

    async def remove_all(self, owner_id: OwnerId, photo_id: PhotoId) -> None:
        await self.remove(owner_id, photo_id)
        for key in original_keys(owner_id, photo_id):
            self.objects.pop(key, None)


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 4):
        yield content[start : start + 4]
