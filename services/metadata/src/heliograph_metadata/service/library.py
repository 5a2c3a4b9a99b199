"""What a library holds: its albums' pages and its map."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.terms import COUNTED_LEVELS, Term, tile_kind
from heliograph_metadata.domain.tiles import Bounds, deepest_level, key_ranges, tile_box, tiles
from heliograph_metadata.service.library_index import Count, LibraryIndex
from heliograph_metadata.service.listing import Page, page_of_term

MOST_CLUSTERS: Final = 500
_LEVELS_PER_CLUSTER: Final = 2
"""A tile of the shown zoom, 256 pixels wide, has 4 x 4 clusters at most."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Photos that lie close together at a zoom."""

    latitude: float
    longitude: float
    """Their mean position."""
    photos: int
    photo_id: PhotoId
    """One of them."""
    bounds: Bounds


class Library:
    """The use cases of albums' pages and the map."""

    def __init__(self, index: LibraryIndex) -> None:
        self._index = index

    async def album(self, owner_id: OwnerId, album_id: str, *, cursor: str | None, limit: int) -> Page:
        """Return the photos of an album, newest first.

        Raises:
            InvalidCursorError: The cursor is not one of this list's.
        """
        return await page_of_term(self._index, owner_id, Term("album", album_id), after=cursor, limit=limit)

    async def clusters(self, owner_id: OwnerId, bounds: Bounds, zoom: int) -> list[Cluster]:
        """Return at most about `MOST_CLUSTERS` clusters of the photos in a part of the map, largest first.

        The tiles asked for are those of the zoom, or coarser ones where the part is large for its zoom.
        """
        level = deepest_level(
            bounds,
            most_tiles=MOST_CLUSTERS,
            most_level=min(max(zoom + _LEVELS_PER_CLUSTER, COUNTED_LEVELS[0]), COUNTED_LEVELS[-1]),
        )
        read_level = next(counted for counted in COUNTED_LEVELS if counted >= level)
        ranges = key_ranges(bounds, read_level)
        runs = await asyncio.gather(
            *(self._index.counts(owner_id, tile_kind(read_level), first=first, last=last) for first, last in ranges)
        )
        shown = tiles(bounds, level)
        by_tile: dict[str, list[Count]] = {}
        for run in runs:
            for count in run:
                if (tile := count.value[:level]) in shown:
                    by_tile.setdefault(tile, []).append(count)
        return sorted((_cluster(tile, counts) for tile, counts in by_tile.items()), key=lambda one: -one.photos)


def _cluster(tile: str, counts: Sequence[Count]) -> Cluster:
    photos = sum(count.photos for count in counts)
    largest = max(counts, key=lambda count: count.photos)
    return Cluster(
        latitude=sum(count.latitude * count.photos for count in counts) / photos,
        longitude=sum(count.longitude * count.photos for count in counts) / photos,
        photos=photos,
        photo_id=largest.photo_id or PhotoId(""),
        bounds=tile_box(tile),
    )
