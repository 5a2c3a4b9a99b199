"""`Originals` in memory."""

from collections.abc import Collection, Sequence
from typing import BinaryIO

from heliograph.photos import PhotoId
from heliograph_upload.domain import NewPhoto, PresignedUpload


class InMemoryOriginals:
    """Bytes by photo; its URLs lead nowhere."""

    def __init__(self) -> None:
        self.bodies: dict[PhotoId, bytes] = {}

    async def presigned_uploads(self, photos: Sequence[NewPhoto], base_url: str) -> list[PresignedUpload]:
        return [PresignedUpload(f"{base_url}/{photo.key}", {"If-None-Match": "*"}) for photo in photos]

    async def arrived(self, photos: Collection[NewPhoto]) -> set[PhotoId]:
        return {photo.photo_id for photo in photos} & self.bodies.keys()

    async def put(self, photo: NewPhoto, body: BinaryIO) -> bool:
        if photo.photo_id in self.bodies:
            return False
        self.bodies[photo.photo_id] = body.read()
        return True
