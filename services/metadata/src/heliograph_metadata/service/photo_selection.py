"""Which photos a bulk edit is about, where a search says it instead of a list of ids."""

from collections.abc import Sequence
from typing import Protocol

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.search.saved import SearchQuery
from heliograph_metadata.service.search import Search


class PhotoSelection(Protocol):
    """What finds the photos of a search, page by page."""

    async def page(
        self, owner_id: OwnerId, search: SearchQuery, *, cursor: str | None, limit: int
    ) -> tuple[Sequence[PhotoId], str | None]:
        """Return up to `limit` photos after a cursor, and where the search goes on; None at its end."""


class SearchSelection:
    """Finds them as the search page does."""

    def __init__(self, search: Search) -> None:
        self._search = search

    async def page(
        self, owner_id: OwnerId, search: SearchQuery, *, cursor: str | None, limit: int
    ) -> tuple[Sequence[PhotoId], str | None]:
        """See `PhotoSelection.page`."""
        page = await self._search.find(
            owner_id, search.text, filters=search.filters, sort="date", cursor=cursor, limit=limit
        )
        return [one.posting.photo_id for one in page.items], page.next_cursor
