"""The map: clusters for any part of it, from the counts of tiles; of a short time or a few streets from the photos."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.index import Posting, in_time
from heliograph_metadata.domain.span import Months
from heliograph_metadata.domain.terms import COUNTED_LEVELS, PRESENT, SPOTS, tile_kind
from heliograph_metadata.domain.tiles import DEEPEST_LEVEL, Bounds, deepest_level, key_ranges, quadkey, tiles
from heliograph_metadata.service.library_index import Count, LibraryIndex

MOST_CLUSTERS: Final = 500
_LEVELS_PER_CLUSTER: Final = 2
"""A tile of the shown zoom, 256 pixels wide, has 4 x 4 clusters at most."""

MOST_LOOKED_AT: Final = 1_500
"""So many photos are looked at themselves, at most, before tiles and their years are counted instead."""

_MOST_FACES: Final = 48
"""Clusters for which a photo of the span is looked for; smaller ones may go without."""
_LOOKED_AT_FOR_A_FACE: Final = 20


@dataclass(frozen=True, slots=True)
class Cluster:
    """Photos that lie close together at a zoom."""

    tile: str
    """The quadkey of the tile that holds them."""
    latitude: float
    longitude: float
    """Their mean position."""
    photos: int
    photo_id: PhotoId | None
    """One of them."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """What a part of the map shows."""

    clusters: Sequence[Cluster]
    """Largest first."""
    is_exact: bool
    """Whether the numbers are counted; where they are not, the months of a year are taken to be alike everywhere."""


class PhotoMap:
    """The use case of the map's clusters; their photos are listed by `MapPhotos`."""

    def __init__(self, index: LibraryIndex, *, most_looked_at: int = MOST_LOOKED_AT) -> None:
        self._index = index
        self._most_looked_at = most_looked_at

    async def clusters(self, owner_id: OwnerId, bounds: Bounds, zoom: int, span: Months | None = None) -> Clusters:
        """Return at most about `MOST_CLUSTERS` clusters of the photos in a part of the map, at a bounded cost.

        The tiles asked for are those of the zoom, or coarser ones where the part is large for its zoom, or where it is
        so small that its tiles are not counted and yet has very many photos.
        """
        level = deepest_level(
            bounds,
            most_tiles=MOST_CLUSTERS,
            most_level=min(max(zoom + _LEVELS_PER_CLUSTER, COUNTED_LEVELS[0]), DEEPEST_LEVEL),
        )
        by_tile, by_month = await asyncio.gather(
            self._by_tile(owner_id, bounds, min(level, COUNTED_LEVELS[-1])),
            self._by_month(owner_id, span) if span else _nothing(),
        )
        in_view = sum(count.photos for counts in by_tile.values() for count in counts)
        if span is None:
            if level > COUNTED_LEVELS[-1] and in_view <= self._most_looked_at:
                found = await self._in_view(owner_id, bounds, level, None)
                if found is not None:
                    return _largest_first(_of_postings(found, tiles(bounds, level), level), is_exact=True)
            return _largest_first((_cluster(tile, counts) for tile, counts in by_tile.items()), is_exact=True)
        in_span = sum(photos for month, photos in by_month.items() if span.first <= month <= span.last)
        if not in_view or not in_span:
            return Clusters([], is_exact=True)
        if min(in_view, in_span) <= self._most_looked_at:
            found = await (
                self._in_view(owner_id, bounds, level, span) if in_view <= in_span else self._in_span(owner_id, span)
            )
            if found is not None:
                return _largest_first(_of_postings(found, tiles(bounds, level), level), is_exact=True)
        return await self._by_years(owner_id, by_tile, span, span.shares(by_month))

    async def _by_tile(self, owner_id: OwnerId, bounds: Bounds, level: int) -> dict[str, list[Count]]:
        """Return the counts of the tiles that a part of the map touches, under the tiles of `level`."""
        read_level = next(counted for counted in COUNTED_LEVELS if counted >= level)
        runs = await asyncio.gather(
            *(
                self._index.counts(owner_id, tile_kind(read_level), first=first, last=last)
                for first, last in _ranges(bounds, level, read_level)
            )
        )
        shown = tiles(bounds, level)
        by_tile: dict[str, list[Count]] = {}
        for run in runs:
            for count in run:
                if (tile := count.value[:level]) in shown:
                    by_tile.setdefault(tile, []).append(count)
        return by_tile

    async def _by_month(self, owner_id: OwnerId, span: Months) -> dict[str, int]:
        """Return the library's months of the years that a span touches."""
        counts = await self._index.counts(owner_id, "time", first=span.first[:4], last=f"{span.last[:4]}~")
        return {count.value: count.photos for count in counts}

    async def _in_view(
        self, owner_id: OwnerId, bounds: Bounds, level: int, span: Months | None
    ) -> list[Posting] | None:
        """Return the photos of a span, or all, around a part of the map, newest first; None where they are too many."""
        runs = await asyncio.gather(
            *(
                self._index.postings(owner_id, SPOTS, since=first, before=f"{last}~", limit=self._most_looked_at + 1)
                for first, last in _ranges(bounds, level, DEEPEST_LEVEL)
            )
        )
        if sum(map(len, runs)) > self._most_looked_at:
            return None
        listed = [in_time(spot) for run in runs for spot in run]
        held = (one for one in listed if span is None or span.holds(one.sort_key))
        return sorted(held, key=lambda one: one.sort_key, reverse=True)

    async def _in_span(self, owner_id: OwnerId, span: Months) -> list[Posting] | None:
        """Return the photos of the span that have a location, newest first; None where they are too many."""
        found = await self._index.postings(
            owner_id, PRESENT, since=span.since, before=span.before, limit=self._most_looked_at + 1
        )
        if len(found) > self._most_looked_at:
            return None
        return [one for one in found if one.card.latitude is not None]

    async def _by_years(
        self, owner_id: OwnerId, by_tile: dict[str, list[Count]], span: Months, shares: dict[str, float]
    ) -> Clusters:
        """Return the clusters that the tiles' own years make, and photos of the span for the largest of them."""
        is_exact = True
        found: list[Cluster] = []
        faceless: list[int] = []
        for tile, counts in by_tile.items():
            photos = 0.0
            for year, of_year in ((year, number) for count in counts for year, number in count.years.items()):
                share = 1.0 if span.holds_year(year) else shares.get(year, 0.0)
                photos += of_year * share
                is_exact = is_exact and (share in {0.0, 1.0} or not of_year)
            if photos > 0:
                whole = _cluster(tile, counts)
                photo_id = whole.photo_id if photos == whole.photos else None  # who stands for all is of the span
                if photo_id is None:
                    faceless.append(len(found))
                found.append(Cluster(tile, whole.latitude, whole.longitude, max(round(photos), 1), photo_id))
        largest = sorted(faceless, key=lambda number: -found[number].photos)[:_MOST_FACES]
        faces = await asyncio.gather(*(self._face(owner_id, found[number].tile, span) for number in largest))
        for number, face in zip(largest, faces, strict=True):
            one = found[number]
            found[number] = Cluster(one.tile, one.latitude, one.longitude, one.photos, face)
        return _largest_first(found, is_exact=is_exact)

    async def _face(self, owner_id: OwnerId, tile: str, span: Months) -> PhotoId | None:
        """Return a photo of a tile and a span, where one is among a few of the tile's."""
        spots = await self._index.postings(owner_id, SPOTS, since=tile, before=f"{tile}~", limit=_LOOKED_AT_FOR_A_FACE)
        return next((one.photo_id for one in map(in_time, spots) if span.holds(one.sort_key)), None)


def _ranges(bounds: Bounds, level: int, read_level: int) -> list[tuple[str, str]]:
    """Return ranges of keys of `read_level` that hold all of each tile of `level` that a part of the map touches."""
    return [(first.ljust(read_level, "0"), last.ljust(read_level, "3")) for first, last in key_ranges(bounds, level)]


async def _nothing() -> dict[str, int]:
    return {}


def _tile(posting: Posting, level: int) -> str:
    card = posting.card
    return quadkey(card.latitude or 0.0, card.longitude or 0.0, level)


def _of_postings(postings: Sequence[Posting], shown: Iterable[str], level: int) -> Iterable[Cluster]:
    by_tile: dict[str, list[Posting]] = {tile: [] for tile in shown}
    for posting in postings:
        if (there := by_tile.get(_tile(posting, level))) is not None:
            there.append(posting)
    for tile, there in by_tile.items():
        if there:
            yield Cluster(
                tile,
                latitude=sum(one.card.latitude or 0.0 for one in there) / len(there),
                longitude=sum(one.card.longitude or 0.0 for one in there) / len(there),
                photos=len(there),
                photo_id=there[0].photo_id,
            )


def _cluster(tile: str, counts: Sequence[Count]) -> Cluster:
    photos = sum(count.photos for count in counts)
    return Cluster(
        tile,
        latitude=sum(count.latitude * count.photos for count in counts) / photos,
        longitude=sum(count.longitude * count.photos for count in counts) / photos,
        photos=photos,
        photo_id=max(counts, key=lambda count: count.photos).photo_id,
    )


def _largest_first(clusters: Iterable[Cluster], *, is_exact: bool) -> Clusters:
    return Clusters(sorted(clusters, key=lambda one: (-one.photos, one.tile)), is_exact=is_exact)
