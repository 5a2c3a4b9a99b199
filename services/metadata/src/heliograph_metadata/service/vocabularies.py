"""The words of libraries, kept for a moment: a search box asks for them at every key that is pressed."""

import asyncio
import logging
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

_logger = logging.getLogger(__name__)

KEPT_SECONDS: Final = 20.0
STALE_SECONDS: Final = 600.0
"""How old names may be that are only suggested."""
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
        self._reading: dict[tuple[OwnerId, str], asyncio.Task[_Kept]] = {}

    async def of(
        self,
        owner_id: OwnerId,
        kinds: Collection[str],
        *,
        starts: Sequence[str] = (),
        age_seconds: float = KEPT_SECONDS,
        may_be_stale: bool = False,
    ) -> Vocabulary:
        """Return a library's names of some kinds, and its words that begin with `starts`.

        Args:
            owner_id: Whose library.
            kinds: Which names are needed.
            starts: Beginnings of words.
            age_seconds: How old names may be.
            may_be_stale: Whether older ones will do, while newer ones are read for the next time.
        """
        ordered = sorted(kinds)
        read = self._at_once if may_be_stale else self._names
        kept, words = await asyncio.gather(
            asyncio.gather(*(read(owner_id, kind, age_seconds) for kind in ordered)),
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

    async def _at_once(self, owner_id: OwnerId, kind: str, age_seconds: float) -> _Kept:
        """Return what is kept, if it is not very old; where it is a little old it is read again meanwhile."""
        kept = self._kept.get((owner_id, kind))
        age = self._clock() - kept.read_at if kept else STALE_SECONDS
        if kept is None or age >= STALE_SECONDS:
            return await self._names(owner_id, kind, age_seconds)
        if age > age_seconds and (owner_id, kind) not in self._reading:
            reading = asyncio.create_task(self._names(owner_id, kind, age_seconds))
            self._reading[owner_id, kind] = reading
            reading.add_done_callback(lambda done: self._read_again((owner_id, kind), done))
        return kept

    def _read_again(self, key: tuple[OwnerId, str], done: "asyncio.Task[_Kept]") -> None:
        self._reading.pop(key, None)
        if not done.cancelled() and (error := done.exception()):  # the next one who asks is told
            _logger.info("names were not read again", exc_info=error)

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
