"""HTTP bodies of the timeline: months and days with their numbers of photos, and a page in columns."""

from collections.abc import Iterable

from pydantic import BaseModel, Field

from heliograph.photos import PhotoId
from heliograph_metadata.media_urls import AddressFamily
from heliograph_metadata.schemas.grid import ThumbnailColumn
from heliograph_metadata.service.library_index import Count
from heliograph_metadata.service.timeline import MonthPage


class MonthCount(BaseModel):
    month: str = Field(examples=["2024-06"])
    count: int


class TimelineResponse(BaseModel):
    total: int
    months: list[MonthCount] = Field(description="Newest first.")

    @classmethod
    def of(cls, months: Iterable[Count]) -> "TimelineResponse":
        """Return the wire form."""
        counts = [MonthCount(month=month.value, count=month.photos) for month in months]
        return cls(total=sum(month.count for month in counts), months=counts)


class DayCount(BaseModel):
    day: str = Field(examples=["2024-06-15"])
    count: int


class DaysResponse(BaseModel):
    month: str
    days: list[DayCount] = Field(description="Newest first.")

    @classmethod
    def of(cls, month: str, days: Iterable[Count]) -> "DaysResponse":
        """Return the wire form."""
        return cls(month=month, days=[DayCount(day=day.value, count=day.photos) for day in days])


class MonthResponse(BaseModel):
    """Photos as columns: the first of each belong to the first photo, and so on. Newest first."""

    month: str
    photo_id: list[PhotoId]
    taken_at: list[int] = Field(description="Milliseconds since 1970-01-01T00:00Z.")
    offset_minutes: list[int] = Field(description="Of the place's clock from UTC; 0 where it is not known.")
    ratio: list[float] = Field(description="Width by height of the upright image.")
    thumbhash: list[str | None] = Field(description="Base64.")
    filename: list[str]
    thumbnail: ThumbnailColumn
    favourite: list[int] = Field(description="Places in the columns, from 0, of favourites.")
    prepared: list[int] = Field(description="Places of photos that still wait for their labels; all others are ready.")
    next_cursor: str | None = Field(description="Pass as `cursor` to go on; null at the end.")

    @classmethod
    def of(cls, month: str, page: MonthPage, *, thumbnails: AddressFamily) -> "MonthResponse":
        """Return the wire form."""
        cards = [posting.card for posting in page.postings]
        photo_ids = [posting.photo_id for posting in page.postings]
        return cls(
            month=month,
            photo_id=photo_ids,
            taken_at=[round(posting.taken_at.timestamp() * 1000) for posting in page.postings],
            offset_minutes=[card.offset_minutes for card in cards],
            ratio=[card.ratio for card in cards],
            thumbhash=[card.thumbhash for card in cards],
            filename=[card.filename for card in cards],
            thumbnail=ThumbnailColumn.of(
                (photo_id if card.has_renditions else None for photo_id, card in zip(photo_ids, cards, strict=True)),
                thumbnails=thumbnails,
            ),
            favourite=[place for place, card in enumerate(cards) if card.favourite],
            prepared=[place for place, photo_id in enumerate(photo_ids) if photo_id in page.prepared],
            next_cursor=page.next_cursor,
        )
