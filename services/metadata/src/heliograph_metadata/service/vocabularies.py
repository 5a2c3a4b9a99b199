"""The words of libraries, kept for a moment: a search box asks for them at every key that is pressed."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from heliograph.photos import OwnerId
from heliograph_metadata.domain.search.vocabulary import LAST, Name, Names, Vocabulary
from heliograph_metadata.domain.terms import Term
from heliograph_metadata.service.album_store import AlbumStore
from heliograph_metadata.service.library_index import Count, LibraryIndex

KEPT_SECONDS: Final = 20.0
FRESH_SECONDS: Final = 1.0
"""How old names may be where a word is not among them."""

MOST_NAMES: Final = 20_000
"""Of one kind of one library; those that come first by value."""
MOST_KEPT: Final = 100_000
"""Names of all libraries together, about 50 MB."""
MOST_WORDS: Final = 60
"""Words that begin with what was written; the word itself comes first."""


@dataclass(frozen=True, slots=True)
class _Kept:
    read_at: float
    names: Names
    counts: Sequence[Count]


class Vocabularies:
    """Reads names, and forgets them soon."""

    def __init__(self, index: LibraryIndex, albums: AlbumStore, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._index = index
        self._albums = albums
        self._clock = clock
        self._kept: OrderedDict[tuple[OwnerId, str], _Kept] = OrderedDict()

    async def of(
        self,
        owner_id: OwnerId,
        kinds: Collection[str],
        *,
        starts: Sequence[str] = (),
        age_seconds: float = KEPT_SECONDS,
    ) -> Vocabulary:
        """Return a library's names of some kinds, none older than that, and its words that begin with `starts`."""
        ordered = sorted(kinds)
        kept, words = await asyncio.gather(
            asyncio.gather(*(self._names(owner_id, kind, age_seconds) for kind in ordered)),
            asyncio.gather(*(self._words(owner_id, start) for start in starts)),
        )
        by_kind = dict(zip(ordered, kept, strict=True))
        months = by_kind.pop("time").counts if "time" in by_kind else ()
        return Vocabulary(
            names={kind: one.names for kind, one in by_kind.items()},
            months=[(count.value, count.photos) for count in months],
            words=dict(zip(starts, words, strict=True)),
        )

    async def counts(self, owner_id: OwnerId, kind: str) -> Sequence[Count]:
        """Return the counts of a kind, by value, as old as names may be."""
        return (await self._names(owner_id, kind, KEPT_SECONDS)).counts

    async def _words(self, owner_id: OwnerId, start: str) -> list[Name]:
        counts = await self._index.counts(owner_id, "word", first=start, last=start + LAST, limit=MOST_WORDS)
        return [Name(Term("word", count.value), count.name, count.photos) for count in counts]

    async def _names(self, owner_id: OwnerId, kind: str, age_seconds: float) -> _Kept:
        key = (owner_id, kind)
        kept = self._kept.get(key)
        if kept is None or self._clock() - kept.read_at > age_seconds:
            read_at = self._clock()
            counts = await self._index.counts(owner_id, kind, limit=MOST_NAMES)
            if kind == "album":
                names = {one.album_id: one.name for one in await self._albums.all(owner_id) if not one.is_deleted}
                counts = [
                    Count(count.value, count.photos, names[count.value]) for count in counts if count.value in names
                ]
            kept = _Kept(
                read_at,
                Names(Name(Term(kind, count.value), count.name, count.photos) for count in counts)
                if kind != "time"
                else Names(),
                counts,
            )
            self._kept[key] = kept
            self._forget()
        self._kept.move_to_end(key)
        return kept

    def _forget(self) -> None:
        """Let go of what was asked for longest ago, where there is too much of it."""
        total = sum(len(one.counts) for one in self._kept.values())
        while total > MOST_KEPT and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            total -= len(oldest.counts)
