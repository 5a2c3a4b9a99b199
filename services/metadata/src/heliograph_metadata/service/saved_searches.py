"""What smart albums need of search: to know a query that can be understood, and the pages that it finds."""

from typing import Protocol

from heliograph.photos import OwnerId
from heliograph_metadata.domain.errors import InvalidQueryError
from heliograph_metadata.domain.search.parsing import parse
from heliograph_metadata.service.listing import Page
from heliograph_metadata.service.search import Search


class SavedSearches(Protocol):
    """Finds what the text of a query is about."""

    def check(self, text: str) -> None:
        """See that a query can be understood.

        Raises:
            InvalidQueryError: It cannot, and this says why.
        """

    async def page(self, owner_id: OwnerId, text: str, *, cursor: str | None, limit: int) -> Page:
        """Return a page of what a query finds, newest first.

        Raises:
            InvalidQueryError: It cannot be understood.
            InvalidCursorError: The cursor is not one of this query's.
        """


class SearchedAlbums:
    """`SavedSearches` by the library's own search."""

    def __init__(self, search: Search) -> None:
        self._search = search

    def check(self, text: str) -> None:
        """See `SavedSearches.check`."""
        parse(text)
        if not text.strip():
            raise InvalidQueryError("A smart album needs something to search for.", 0)

    async def page(self, owner_id: OwnerId, text: str, *, cursor: str | None, limit: int) -> Page:
        """See `SavedSearches.page`."""
        return await self._search.find(owner_id, text, sort="date", cursor=cursor, limit=limit)
