"""The timeline: the months of a library and the photos of each."""

from heliograph.photos import OwnerId
from heliograph_metadata.domain.terms import Term
from heliograph_metadata.service.library_index import Count, LibraryIndex
from heliograph_metadata.service.listing import Page, page_of_term


class Timeline:
    """The use cases of the timeline."""

    def __init__(self, index: LibraryIndex) -> None:
        self._index = index

    async def months(self, owner_id: OwnerId) -> list[Count]:
        """Return the months in which photos were taken, newest first."""
        return list(reversed(await self._index.counts(owner_id, "time")))

    async def month(self, owner_id: OwnerId, month: str, *, cursor: str | None, limit: int) -> Page:
        """Return the photos of a month, newest first.

        Raises:
            InvalidCursorError: The cursor is not one of this list's.
        """
        return await page_of_term(self._index, owner_id, Term("time", month), after=cursor, limit=limit)
