"""An `AlbumOrder` in memory."""

from collections.abc import Sequence

from heliograph.photos import PhotoId
from heliograph_metadata.service.album_order import AlbumRef, Place


class InMemoryAlbumOrder:
    """Places by album and photo."""

    def __init__(self) -> None:
        self.moved: dict[AlbumRef, dict[PhotoId, Place]] = {}

    async def positions(
        self, album: AlbumRef, photo_ids: Sequence[PhotoId], *, consistent: bool = False
    ) -> dict[PhotoId, str]:
        places = self.moved.get(album, {})
        return {photo_id: places[photo_id].position for photo_id in photo_ids if photo_id in places}

    async def places(
        self, album: AlbumRef, *, after: str | None, ascending: bool, limit: int, consistent: bool = False
    ) -> Sequence[Place]:
        places = sorted(self.moved.get(album, {}).values(), key=lambda place: place.position, reverse=not ascending)
        return [
            place
            for place in places
            if after is None or (place.position != after and (place.position > after) is ascending)
        ][:limit]

    async def move(self, album: AlbumRef, places: Sequence[Place]) -> None:
        self.moved.setdefault(album, {}).update({place.photo_id: place for place in places})

    async def forget(self, album: AlbumRef, photo_ids: Sequence[PhotoId]) -> None:
        for photo_id in photo_ids:
            self.moved.get(album, {}).pop(photo_id, None)

    async def clear(self, album: AlbumRef, *, limit: int) -> bool:
        places = self.moved.get(album, {})
        for photo_id in list(places)[:limit]:
            del places[photo_id]
        if not places:
            self.moved.pop(album, None)
        return not places
