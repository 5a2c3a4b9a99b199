"""An `AlbumStore` in memory."""

from collections.abc import Sequence

from heliograph.photos import OwnerId
from heliograph_metadata.domain.albums import Album, AlbumFolder
from heliograph_metadata.service.album_store import Shelf


class InMemoryAlbumStore:
    """Albums and folders by owner and id."""

    def __init__(self) -> None:
        self.albums: dict[tuple[OwnerId, str], Album] = {}
        self.folders: dict[tuple[OwnerId, str], AlbumFolder] = {}
        self._revisions: dict[OwnerId, int] = {}

    async def get(self, owner_id: OwnerId, album_id: str) -> Album | None:
        return self.albums.get((owner_id, album_id))

    async def all(self, owner_id: OwnerId) -> Sequence[Album]:
        return [album for (owner, _), album in self.albums.items() if owner == owner_id]

    async def shelf(self, owner_id: OwnerId) -> Shelf:
        folders = [folder for (owner, _), folder in self.folders.items() if owner == owner_id]
        return Shelf(await self.all(owner_id), folders, self._revisions.get(owner_id, 0))

    async def create(self, album: Album) -> bool:
        key = album.owner_id, album.album_id
        if key in self.albums or key in self.folders:
            return False
        self.albums[key] = album
        return True

    async def replace(self, album: Album, *, stored: Album) -> bool:
        there = await self.get(album.owner_id, album.album_id)
        if there is None or there.updated_at != stored.updated_at:
            return False
        self.albums[album.owner_id, album.album_id] = album
        return True

    async def remove(self, owner_id: OwnerId, album_id: str) -> None:
        self.albums.pop((owner_id, album_id), None)

    async def change_folders(
        self, owner_id: OwnerId, *, put: Sequence[AlbumFolder] = (), remove: Sequence[str] = (), revision: int
    ) -> bool:
        if self._revisions.get(owner_id, 0) != revision:
            return False
        self._revisions[owner_id] = revision + 1
        self.folders |= {(folder.owner_id, folder.folder_id): folder for folder in put}
        for folder_id in remove:
            self.folders.pop((owner_id, folder_id), None)
        return True
