"""HTTP bodies that every list of photos shares: a page of a grid, and the few things that it shows of a photo."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.index import Posting
from heliograph_metadata.media_urls import AddressFamily, MediaUrls
from heliograph_metadata.service.listing import Page


class GridPhoto(BaseModel):
    photo_id: PhotoId
    status: Literal["prepared", "ready", "failed", "trashed"]
    taken_at: datetime
    ratio: float = Field(description="Width by height of the upright image.")
    thumbhash: str | None
    thumbnail_url: str | None
    favourite: bool
    filename: str
    latitude: float | None
    longitude: float | None


class ThumbnailColumn(BaseModel):
    url: str = Field(
        description="Address of every thumbnail of the answer: put the photo's id for `{photo_id}` and its signature "
        "for `{signature}`. Good for hours, and the same for hours."
    )
    signature: list[str | None] = Field(description="null where there is no thumbnail.")

    @classmethod
    def of(cls, photo_ids: Iterable[PhotoId | None], *, thumbnails: AddressFamily) -> "ThumbnailColumn":
        """Return the wire form; None is a photo without a thumbnail."""
        return cls(
            url=f"{thumbnails.before}{{photo_id}}{thumbnails.after}{{signature}}",
            signature=[thumbnails.signature(photo_id) if photo_id else None for photo_id in photo_ids],
        )


class GridPage(BaseModel):
    items: list[GridPhoto]
    next_cursor: str | None = Field(
        description="Pass as `cursor` to go on; null at the end. A search whose page met a cost bound has one "
        "even where the page is short."
    )

    @classmethod
    def of(cls, page: Page, *, owner_id: OwnerId, urls: MediaUrls) -> "GridPage":
        """Return the wire form."""
        return cls(
            items=[grid_photo(one.posting, one.status, owner_id, urls) for one in page.items],
            next_cursor=page.next_cursor,
        )


def grid_photo(posting: Posting, status: Any, owner_id: OwnerId, urls: MediaUrls) -> GridPhoto:
    """Return the wire form of a photo in a list."""
    card = posting.card
    return GridPhoto(
        photo_id=posting.photo_id,
        status=status,
        taken_at=posting.taken_at,
        ratio=card.ratio,
        thumbhash=card.thumbhash,
        thumbnail_url=urls.thumbnail(owner_id, posting.photo_id) if card.has_renditions else None,
        favourite=card.favourite,
        filename=card.filename,
        latitude=card.latitude,
        longitude=card.longitude,
    )
