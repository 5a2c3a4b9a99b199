"""An `AlbumStore` in memory."""

from collections.abc import Sequence

from heliograph.photos import OwnerId
from heliograph_metadata.service.album_store import Album


class InMemoryAlbumStore:
    """Albums by owner and id."""

    def __init__(self) -> None:
        self.albums: dict[tuple[OwnerId, str], Album] = {}

    async def get(self, owner_id: OwnerId, album_id: str) -> Album | None:
        return self.albums.get((owner_id, album_id))

    async def all(self, owner_id: OwnerId) -> Sequence[Album]:
        return [album for (owner, _), album in self.albums.items() if owner == owner_id]

    async def create(self, album: Album) -> None:
        self.albums[album.owner_id, album.album_id] = album

    async def replace(self, album: Album, *, stored: Album) -> bool:
        there = await self.get(album.owner_id, album.album_id)
        if there is None or there.updated_at != stored.updated_at:
            return False
        self.albums[album.owner_id, album.album_id] = album
        return True

    async def remove(self, owner_id: OwnerId, album_id: str) -> None:
        self.albums.pop((owner_id, album_id), None)
