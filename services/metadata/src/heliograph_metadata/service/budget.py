"""What one page may cost: every read of a list goes through here and is paid for."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from heliograph.photos import OwnerId
from heliograph_metadata.domain.index import Posting, month_in, photo_id_of
from heliograph_metadata.domain.terms import PRESENT, Term
from heliograph_metadata.service.library_index import MOST_KEYS, LibraryIndex

MOST_REQUESTS: Final = 200
MOST_POSTINGS: Final = 4_000
MOST_LOOKUPS: Final = 4_000
_AT_ONCE: Final = 16


@dataclass(slots=True)
class Budget:
    """What is left of a page's bounds. A batch that has begun is finished, so each may be overdrawn by one."""

    requests: int = MOST_REQUESTS
    postings: int = MOST_POSTINGS
    """Read from lists."""
    lookups: int = MOST_LOOKUPS
    """Single postings asked for by key; each costs as much as some twenty that are read from a list."""

    @property
    def is_spent(self) -> bool:
        """Whether a page has to stop where it is."""
        return min(self.requests, self.postings, self.lookups) <= 0


class Reader:
    """Reads one owner's lists and charges a budget for it."""

    def __init__(self, index: LibraryIndex, owner_id: OwnerId, budget: Budget) -> None:
        self._index = index
        self._owner_id = owner_id
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self.budget = budget

    async def postings(self, term: Term, *, before: str | None, since: str | None, limit: int) -> Sequence[Posting]:
        """See `LibraryIndex.postings`."""
        self.budget.requests -= 1
        async with self._turns:
            found = await self._index.postings(self._owner_id, term, before=before, since=since, limit=limit)
        if term == PRESENT:  # the list of each month is a request
            self.budget.requests -= len({month_in(one.sort_key) for one in found})
        self.budget.postings -= len(found)
        return found

    async def bearing(self, term: Term, sort_keys: Sequence[str]) -> dict[str, Posting]:
        """See `LibraryIndex.bearing`; of any number of photos."""
        answers = await asyncio.gather(
            *(
                self._bearing(term, sort_keys[start : start + MOST_KEYS])
                for start in range(0, len(sort_keys), MOST_KEYS)
            )
        )
        return {key: posting for answer in answers for key, posting in answer.items()}

    async def _bearing(self, term: Term, sort_keys: Sequence[str]) -> dict[str, Posting]:
        self.budget.requests -= 1
        self.budget.lookups -= len(sort_keys)
        async with self._turns:
            return await self._index.bearing(self._owner_id, term, sort_keys)

    async def still_prepared(self, sort_keys: Sequence[str]) -> frozenset[str]:
        """Return the sort keys of those photos that still wait for their labels; of any number."""
        by_photo = {photo_id_of(key): key for key in sort_keys}
        self.budget.requests -= -(-len(by_photo) // MOST_KEYS)
        self.budget.lookups -= len(by_photo)
        found = await self._index.still_prepared(self._owner_id, by_photo)
        return frozenset(by_photo[photo_id] for photo_id in found)

    async def counts_of(self, terms: Iterable[Term]) -> dict[Term, int]:
        """See `LibraryIndex.counts_of`."""
        wanted: Collection[Term] = list(dict.fromkeys(terms))
        self.budget.requests -= -(-len(wanted) // MOST_KEYS)
        return await self._index.counts_of(self._owner_id, wanted)
