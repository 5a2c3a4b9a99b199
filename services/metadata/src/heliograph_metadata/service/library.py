"""What a library holds: its albums' pages, what is found in it, its names and its map."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.cursor import fingerprint
from heliograph_metadata.domain.search import Name, SearchQuery, Vocabulary, begins, groups, text_tokens
from heliograph_metadata.domain.terms import COUNTED_LEVELS, MOST_WORD_CHARACTERS, Term, tile_kind, tokens
from heliograph_metadata.domain.tiles import Bounds, deepest_level, key_ranges, tile_box, tiles
from heliograph_metadata.service.album_store import AlbumStore
from heliograph_metadata.service.library_index import Count, LibraryIndex
from heliograph_metadata.service.listing import Listing, Page, page_of, page_of_term

MOST_CLUSTERS: Final = 500
_LEVELS_PER_CLUSTER: Final = 2
"""A tile of the shown zoom, 256 pixels wide, has 4 x 4 clusters at most."""

MOST_SUGGESTIONS: Final = 12
_LAST: Final = "\U0010ffff"
NAMED_KINDS: Final = ("label", "place", "camera", "time")


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
    """The use cases of lists, counts, search and map."""

    def __init__(self, index: LibraryIndex, albums: AlbumStore) -> None:
        self._index = index
        self._albums = albums

    async def album(self, owner_id: OwnerId, album_id: str, *, cursor: str | None, limit: int) -> Page:
        """Return the photos of an album, newest first.

        Raises:
            InvalidCursorError: The cursor is not one of this list's.
        """
        return await page_of_term(self._index, owner_id, Term("album", album_id), after=cursor, limit=limit)

    async def search(self, owner_id: OwnerId, query: SearchQuery, *, cursor: str | None, limit: int) -> Page:
        """Return the photos that a query is about, newest first; a short page where a bound was met.

        Raises:
            InvalidCursorError: The cursor is not one of this query's.
        """
        found = groups(query, await self._vocabulary(owner_id, query))
        listing = Listing(
            owner_id=owner_id,
            groups=found,
            since=query.since or None,
            before=f"{query.until}~" if query.until else None,  # `~` comes after whatever follows in a sort key
            fingerprint=fingerprint(owner_id, query),
        )
        return await page_of(self._index, listing, after=cursor, limit=limit)

    async def facets(self, owner_id: OwnerId, kind: str) -> list[Count]:
        """Return the values of a kind of `NAMED_KINDS`, what most photos bear first; months newest first."""
        if kind == "time":
            return list(reversed(await self._index.counts(owner_id, kind)))
        return sorted(await self._index.counts(owner_id, kind), key=lambda count: (-count.photos, count.name))

    async def suggestions(self, owner_id: OwnerId, text: str) -> list[Name]:
        """Return names of the library's own whose words begin as those of `text` do, the most borne first."""
        parts = tokens(text)
        if not parts:
            return []
        names = [name for name in await self._names(owner_id, (*NAMED_KINDS, "album")) if _suits(parts, name)]
        return sorted(names, key=lambda name: (-name.photos, name.name))[:MOST_SUGGESTIONS]

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

    async def _vocabulary(self, owner_id: OwnerId, query: SearchQuery) -> Vocabulary:
        """Read as much of the library's names as a query needs."""
        words = [word for word in text_tokens(query.text) if len(word) <= MOST_WORD_CHARACTERS]
        kinds = {kind for kind, wanted in (("place", query.place), ("camera", query.camera)) if wanted}
        if query.text:
            kinds |= {*NAMED_KINDS, "album"}
        begun = asyncio.gather(*(self._index.counts(owner_id, "word", first=word, last=word + _LAST) for word in words))
        names, found = await asyncio.gather(self._names(owner_id, kinds), begun)
        return Vocabulary(
            names,
            {
                word: [Name(Term("word", count.value), count.name, count.photos) for count in counts]
                for word, counts in zip(words, found, strict=True)
            },
        )

    async def _names(self, owner_id: OwnerId, kinds: Collection[str]) -> list[Name]:
        async def named(kind: str) -> list[Name]:
            counts = await self._index.counts(owner_id, kind)
            if kind != "album":
                return [Name(Term(kind, count.value), count.name, count.photos) for count in counts]
            names = {album.album_id: album.name for album in await self._albums.all(owner_id) if not album.is_deleted}
            return [
                Name(Term(kind, count.value), names[count.value], count.photos)
                for count in counts
                if count.value in names
            ]

        return [name for run in await asyncio.gather(*map(named, sorted(kinds))) for name in run]


def _suits(parts: Sequence[str], name: Name) -> bool:
    if name.term.kind == "time":
        return name.name.startswith("-".join(parts))
    return all(begins(part, name) for part in parts)


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
